package io.github.f2d4j.kernels.ptx;

import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/** Operations that do the same in every lane. */
final class Lanes {
  /** A function of three values. */
  @FunctionalInterface
  interface Ternary {
    long apply(long a, long b, long c);
  }

  private Lanes() {}

  static Operation unary(Operands o, LongUnaryOperator f) {
    int d = o.register(0);
    int a = o.register(1);
    return (warp, lanes) -> {
      long[] r = warp.registers;
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        r[d + lane] = f.applyAsLong(r[a + lane]);
      }
    };
  }

  static Operation binary(Operands o, LongBinaryOperator f) {
    int d = o.register(0);
    int a = o.register(1);
    int b = o.register(2);
    return (warp, lanes) -> {
      long[] r = warp.registers;
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        r[d + lane] = f.applyAsLong(r[a + lane], r[b + lane]);
      }
    };
  }

  static Operation ternary(Operands o, Ternary f) {
    int d = o.register(0);
    int a = o.register(1);
    int b = o.register(2);
    int c = o.register(3);
    return (warp, lanes) -> {
      long[] r = warp.registers;
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        r[d + lane] = f.apply(r[a + lane], r[b + lane], r[c + lane]);
      }
    };
  }
}
