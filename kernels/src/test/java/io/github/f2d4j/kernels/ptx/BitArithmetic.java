package io.github.f2d4j.kernels.ptx;

/** and, or, xor, not, shifts and bit fields. */
final class BitArithmetic {
  private BitArithmetic() {}

  static Operation decode(Mnemonic name, Operands o) {
    PtxType t = name.type();
    return switch (name.base()) {
      case "and" -> Lanes.binary(o, (a, b) -> a & b);
      case "or" -> Lanes.binary(o, (a, b) -> a | b);
      case "xor" -> Lanes.binary(o, (a, b) -> a ^ b);
      case "not" ->
          t == PtxType.PRED ? Lanes.unary(o, a -> a == 0 ? 1 : 0) : Lanes.unary(o, a -> ~a);
      case "shl" -> Lanes.binary(o, (a, n) -> shiftLeft(t, a, n));
      case "shr" -> Lanes.binary(o, (a, n) -> shiftRight(t, t.read(a), n));
      case "bfi" -> insert(o);
      default -> throw name.unknown();
    };
  }

  /** Counts beyond the width shift everything out, unlike Java's. */
  private static long shiftLeft(PtxType t, long a, long count) {
    long n = PtxType.U32.read(count);
    return n >= t.bits() ? 0 : a << n;
  }

  private static long shiftRight(PtxType t, long a, long count) {
    long n = PtxType.U32.read(count);
    if (t.signed()) {
      return a >> Math.min(n, 63);
    }
    return n >= t.bits() ? 0 : a >>> n;
  }

  /** bfi.b32 d, a, b, position, length: b with a field replaced by the low bits of a. */
  private static Operation insert(Operands o) {
    int d = o.register(0);
    int a = o.register(1);
    int b = o.register(2);
    int position = o.register(3);
    int length = o.register(4);
    return (warp, lanes) -> {
      long[] r = warp.registers;
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        int at = (int) r[position + lane] & 255;
        int bits = (int) r[length + lane] & 255;
        long mask = at > 31 ? 0 : (bits >= 32 ? -1L : (1L << bits) - 1) << at;
        long field = at > 31 ? 0 : r[a + lane] << at;
        r[d + lane] = (r[b + lane] & ~mask) | (field & mask);
      }
    };
  }
}
