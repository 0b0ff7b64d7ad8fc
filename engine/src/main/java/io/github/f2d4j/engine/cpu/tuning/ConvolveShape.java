package io.github.f2d4j.engine.cpu.tuning;

/**
 * A 3×3 convolution of stride 1 of one image. The batch is no part of it: an image's result must
 * not depend on the images beside it.
 *
 * @param height rows of the output
 * @param width columns of the output
 * @param in channels of the input
 * @param out channels of the output
 */
public record ConvolveShape(int height, int width, int in, int out) {
  /** Most bytes of one layer's transformed weights. */
  private static final long MAX_BYTES = 128L << 20;

  /** Whether the packed weights of {@code algorithm} are small enough to be kept. */
  public boolean affords(ConvolveAlgorithm algorithm) {
    return algorithm == ConvolveAlgorithm.DIRECT || weightBytes(algorithm) <= MAX_BYTES;
  }

  /** Bytes of the packed weights, without the padding of channels to whole vectors. */
  public long weightBytes(ConvolveAlgorithm algorithm) {
    return 4L * algorithm.weights() * in * out;
  }
}
