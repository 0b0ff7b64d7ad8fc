package io.github.f2d4j.kernels.ptx;

/** mov, cvta, selp. */
final class Moves {
  private Moves() {}

  static Operation decode(Mnemonic name, Operands o) {
    if (name.base().equals("selp")) {
      return Lanes.ternary(o, (a, b, p) -> p != 0 ? a : b);
    }
    if (name.base().equals("cvta")) {
      return Lanes.unary(o, a -> a); // the spaces' addresses are distinct by use, not by value
    }
    if (name.has("pred")) {
      return Lanes.unary(o, a -> a != 0 ? 1 : 0); // true is written as -1
    }
    if (o.isVector(0)) {
      return unpack(name.type(), o);
    }
    if (o.isVector(1)) {
      return pack(name.type(), o);
    }
    String source = o.text(1);
    return source.matches("%(n?tid|n?ctaid)\\.[xyz]|%laneid")
        ? special(source, o.register(0))
        : Lanes.unary(o, a -> a);
  }

  /** {@code mov.b64 {lo,hi}, x}. */
  private static Operation unpack(PtxType type, Operands o) {
    int[] targets = o.registers(0);
    int source = o.register(1);
    int bits = type.bits() / targets.length;
    long mask = (1L << bits) - 1;
    return (warp, lanes) -> {
      long[] r = warp.registers;
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        long value = r[source + lane];
        for (int i = 0; i < targets.length; i++) {
          r[targets[i] + lane] = (value >>> (i * bits)) & mask;
        }
      }
    };
  }

  /** {@code mov.b32 x, {lo,hi}}. */
  private static Operation pack(PtxType type, Operands o) {
    int target = o.register(0);
    int[] sources = o.registers(1);
    int bits = type.bits() / sources.length;
    long mask = (1L << bits) - 1;
    return (warp, lanes) -> {
      long[] r = warp.registers;
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        long value = 0;
        for (int i = 0; i < sources.length; i++) {
          value |= (r[sources[i] + lane] & mask) << (i * bits);
        }
        r[target + lane] = value;
      }
    };
  }

  private static Operation special(String name, int target) {
    return (warp, lanes) -> {
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        warp.registers[target + lane] = warp.block.special(name, warp.index * 32 + lane);
      }
    };
  }
}
