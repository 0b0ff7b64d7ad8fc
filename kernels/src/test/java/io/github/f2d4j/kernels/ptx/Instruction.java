package io.github.f2d4j.kernels.ptx;

/**
 * One instruction.
 *
 * @param guard the register of the predicate that it depends on, or -1
 * @param negated whether it runs where the guard is false
 * @param control what it does to the flow of control
 * @param target where a branch leads: an index of the kernel's code
 * @param operation what it does otherwise; does nothing for control flow
 * @param text as written, for messages
 */
record Instruction(
    int guard, boolean negated, Control control, int target, Operation operation, String text) {
  /** Effects on the flow of control. */
  enum Control {
    NEXT,
    BRANCH,
    RETURN,
    BARRIER
  }

  /** The lanes among {@code lanes} whose guard lets it run. */
  int enabled(long[] registers, int lanes) {
    if (guard < 0) {
      return lanes;
    }
    int enabled = 0;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      if ((registers[guard * 32 + lane] != 0) != negated) {
        enabled |= 1 << lane;
      }
    }
    return enabled;
  }
}
