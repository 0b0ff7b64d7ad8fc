package io.github.f2d4j.kernels.ptx;

import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * A function of one, two or three registers, lane by lane. {@link Lanes} loads this class anew for
 * every function: each copy's loop calls one function only, which the compiler then inlines. A loop
 * shared by all functions costs a call through a table for each lane, five times as much.
 */
final class LaneLoop implements Operation {
  private final int d;
  private final int a;
  private final int b;
  private final int c;
  private final Object function;

  /** Registers are given as the index of their lane 0; those not used are 0. */
  LaneLoop(int d, int a, int b, int c, Object function) {
    this.d = d;
    this.a = a;
    this.b = b;
    this.c = c;
    this.function = function;
  }

  @Override
  public void run(Warp warp, int lanes) {
    long[] r = warp.registers;
    if (function instanceof LongBinaryOperator f) {
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        r[d + lane] = f.applyAsLong(r[a + lane], r[b + lane]);
      }
    } else if (function instanceof LongUnaryOperator f) {
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        r[d + lane] = f.applyAsLong(r[a + lane]);
      }
    } else if (function instanceof Lanes.Ternary f) {
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        r[d + lane] = f.apply(r[a + lane], r[b + lane], r[c + lane]);
      }
    }
  }
}
