package io.github.f2d4j.kernels.ptx;

/** add, sub, mul, mad, div, rem, min, max, neg, abs of whole numbers. */
final class IntegerArithmetic {
  private IntegerArithmetic() {}

  static Operation decode(Mnemonic name, Operands o) {
    PtxType t = name.type();
    return switch (name.base()) {
      case "add" -> Lanes.binary(o, (a, b) -> a + b);
      case "sub" -> Lanes.binary(o, (a, b) -> a - b);
      case "neg" -> Lanes.unary(o, a -> -a);
      case "abs" -> Lanes.unary(o, a -> Math.abs(t.read(a)));
      case "mul" -> multiply(name, o, t);
      case "mad" ->
          name.has("hi")
              ? Lanes.ternary(o, (a, b, c) -> high(t, t.read(a), t.read(b)) + c)
              : Lanes.ternary(o, (a, b, c) -> t.read(a) * t.read(b) + c);
      case "div" -> Lanes.binary(o, (a, b) -> divide(t, t.read(a), t.read(b)));
      case "rem" -> Lanes.binary(o, (a, b) -> remainder(t, t.read(a), t.read(b)));
      case "min" -> Lanes.binary(o, (a, b) -> less(t, a, b) ? a : b);
      case "max" -> Lanes.binary(o, (a, b) -> less(t, a, b) ? b : a);
      default -> throw name.unknown();
    };
  }

  private static Operation multiply(Mnemonic name, Operands o, PtxType t) {
    if (name.has("hi")) {
      return Lanes.binary(o, (a, b) -> high(t, t.read(a), t.read(b)));
    }
    // lo and wide are the same bits; wide has room for all of them
    return Lanes.binary(o, (a, b) -> t.read(a) * t.read(b));
  }

  private static long high(PtxType t, long a, long b) {
    if (t.bits() == 64) {
      return t.signed() ? Math.multiplyHigh(a, b) : Math.unsignedMultiplyHigh(a, b);
    }
    return (a * b) >> t.bits();
  }

  private static long divide(PtxType t, long a, long b) {
    nonZero(b);
    return t.signed() ? a / b : Long.divideUnsigned(a, b);
  }

  private static long remainder(PtxType t, long a, long b) {
    nonZero(b);
    return t.signed() ? a % b : Long.remainderUnsigned(a, b);
  }

  private static void nonZero(long divisor) {
    if (divisor == 0) {
      throw new KernelFault(KernelFault.Kind.RUNAWAY, "division by zero");
    }
  }

  private static boolean less(PtxType t, long a, long b) {
    return Comparisons.compare(t, a, b) < 0;
  }
}
