package io.github.f2d4j.kernels.ptx;

import java.util.function.DoubleUnaryOperator;

/** float32 arithmetic. The approximate instructions give the exact value, rounded. */
final class FloatArithmetic {
  private FloatArithmetic() {}

  /** A register's float. */
  static float f(long register) {
    return Float.intBitsToFloat((int) register);
  }

  /** A float as a register. */
  static long bits(float value) {
    return Float.floatToRawIntBits(value);
  }

  static Operation decode(Mnemonic name, Operands o) {
    boolean flush = name.has("ftz");
    return switch (name.base()) {
      case "add" -> Lanes.binary(o, (a, b) -> out(in(a, flush) + in(b, flush), flush));
      case "sub" -> Lanes.binary(o, (a, b) -> out(in(a, flush) - in(b, flush), flush));
      case "mul" -> Lanes.binary(o, (a, b) -> out(in(a, flush) * in(b, flush), flush));
      case "div" -> Lanes.binary(o, (a, b) -> out(in(a, flush) / in(b, flush), flush));
      case "min" -> Lanes.binary(o, (a, b) -> bits(smaller(in(a, flush), in(b, flush))));
      case "max" -> Lanes.binary(o, (a, b) -> bits(-smaller(-in(a, flush), -in(b, flush))));
      case "neg" -> Lanes.unary(o, a -> bits(-f(a)));
      case "abs" -> Lanes.unary(o, a -> bits(Math.abs(f(a))));
      case "copysign" -> Lanes.binary(o, (sign, a) -> bits(Math.copySign(f(a), f(sign))));
      case "fma" -> multiplyAdd(name, o, flush);
      case "ex2" -> function(o, flush, x -> Math.pow(2, x));
      case "lg2" -> function(o, flush, x -> Math.log(x) / Math.log(2));
      case "rcp" -> function(o, flush, x -> 1 / x);
      case "sqrt" -> function(o, flush, Math::sqrt);
      case "rsqrt" -> function(o, flush, x -> 1 / Math.sqrt(x));
      case "sin" -> function(o, flush, Math::sin);
      case "cos" -> function(o, flush, Math::cos);
      case "tanh" -> function(o, flush, Math::tanh);
      default -> throw name.unknown();
    };
  }

  private static Operation multiplyAdd(Mnemonic name, Operands o, boolean flush) {
    if (name.has("rn")) {
      return Lanes.ternary(
          o, (a, b, c) -> out(Math.fma(in(a, flush), in(b, flush), in(c, flush)), flush));
    }
    if (name.has("rm")) {
      return Lanes.ternary(
          o, (a, b, c) -> out(downward(in(a, flush), in(b, flush), in(c, flush)), flush));
    }
    throw name.unknown();
  }

  /** a·b + c rounded towards minus infinity. */
  private static float downward(float a, float b, float c) {
    double product = (double) a * b; // exact: 48 bits
    double sum = product + c;
    double virtual = sum - product;
    double error = (product - (sum - virtual)) + (c - virtual); // Knuth's two-sum: exact
    float rounded = (float) sum;
    return rounded > sum || (rounded == sum && error < 0) ? Math.nextDown(rounded) : rounded;
  }

  /** The smaller; a number rather than NaN. */
  private static float smaller(float a, float b) {
    return Float.isNaN(a) ? b : Float.isNaN(b) ? a : Math.min(a, b);
  }

  private static Operation function(Operands o, boolean flush, DoubleUnaryOperator f) {
    return Lanes.unary(o, a -> out((float) f.applyAsDouble(in(a, flush)), flush));
  }

  private static float in(long register, boolean flush) {
    float value = f(register);
    return flush && Math.abs(value) < Float.MIN_NORMAL ? Math.copySign(0f, value) : value;
  }

  private static long out(float value, boolean flush) {
    return bits(flush && Math.abs(value) < Float.MIN_NORMAL ? Math.copySign(0f, value) : value);
  }
}
