package io.github.f2d4j.kernels.ptx;

import static io.github.f2d4j.kernels.ptx.FloatArithmetic.bits;
import static io.github.f2d4j.kernels.ptx.FloatArithmetic.f;

/** cvt, and the 16-bit formats. */
final class Conversions {
  private Conversions() {}

  static Operation decode(Mnemonic name, Operands o) {
    PtxType from = name.type();
    PtxType to = name.typeBeforeLast();
    if (to == PtxType.F16X2 || to == PtxType.BF16X2) {
      PtxType half = to == PtxType.F16X2 ? PtxType.F16 : PtxType.BF16;
      return Lanes.binary(o, (high, low) -> (narrow(half, f(high)) << 16) | narrow(half, f(low)));
    }
    if (!from.floating() && !to.floating()) {
      return Lanes.unary(o, from::read);
    }
    if (to == PtxType.F32 && from == PtxType.F32) {
      return Lanes.unary(o, a -> bits(adjust(name, f(a))));
    }
    if (to == PtxType.F32) {
      return from.floating()
          ? Lanes.unary(o, a -> bits(widen(from, (int) a)))
          : Lanes.unary(o, a -> bits(fromWhole(from, from.read(a))));
    }
    if (from == PtxType.F32) {
      return to.floating()
          ? Lanes.unary(o, a -> narrow(to, f(a)))
          : Lanes.unary(o, a -> toWhole(name, to, f(a)));
    }
    throw name.unknown();
  }

  /** The float of 16 bits of either format. */
  static float widen(PtxType type, int bits) {
    return type == PtxType.F16
        ? Float.float16ToFloat((short) bits)
        : Float.intBitsToFloat(bits << 16);
  }

  /** 16 bits of either format, rounded to nearest even, not sign-extended. */
  static long narrow(PtxType type, float value) {
    if (type == PtxType.F16) {
      return Float.floatToFloat16(value) & 0xffff;
    }
    if (Float.isNaN(value)) {
      return 0x7fff;
    }
    long bits = Integer.toUnsignedLong(Float.floatToRawIntBits(value));
    return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  }

  private static float fromWhole(PtxType from, long value) {
    if (from == PtxType.U64 && value < 0) {
      throw new KernelFault(KernelFault.Kind.SYNTAX, "cvt.f32.u64 beyond 2^63");
    }
    return (float) value; // Java rounds to nearest even too
  }

  private static float adjust(Mnemonic name, float value) {
    float rounded =
        name.has("rni")
            ? (float) Math.rint(value)
            : name.has("rzi")
                ? truncate(value)
                : name.has("rmi") ? (float) Math.floor(value) : value;
    if (name.has("sat")) {
      return Float.isNaN(rounded) ? 0 : Math.clamp(rounded, 0f, 1f);
    }
    return rounded;
  }

  private static float truncate(float value) {
    return (float) (value < 0 ? Math.ceil(value) : Math.floor(value));
  }

  private static long toWhole(Mnemonic name, PtxType to, float value) {
    if (to != PtxType.S32 && to != PtxType.S64) {
      throw name.unknown();
    }
    float rounded = adjust(name, value);
    return to == PtxType.S32 ? (int) rounded : (long) rounded; // both saturate, as PTX does
  }
}
