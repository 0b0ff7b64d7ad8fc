package io.github.f2d4j.weights.torch;

/**
 * What the objects of one file may cost. Every object that a pickle makes, and every step of
 * unfolding them into names, is paid for by an estimate of its bytes on the heap; so neither memory
 * nor time can grow beyond the limit, however often a small file refers to the same thing.
 */
final class PickleBudget {
  /** Stable Diffusion 1.x with moving averages and optimizer state, 3,193 tensors, costs 9 MB. */
  static final long MAX_BYTES = 64L << 20;

  /** An object with a header and two fields, or a slot in a map. */
  static final int OBJECT = 48;

  /** A reference. */
  static final int SLOT = 16;

  private final Faults faults;
  private long left = MAX_BYTES;

  PickleBudget(Faults faults) {
    this.faults = faults;
  }

  void charge(long bytes) throws TorchFormatException {
    left -= bytes;
    if (left < 0) {
      throw faults.limit(
          "the objects of a checkpoint, tensor data aside, are limited",
          "more than " + (MAX_BYTES >> 20) + " MiB of them",
          "at most that");
    }
  }
}
