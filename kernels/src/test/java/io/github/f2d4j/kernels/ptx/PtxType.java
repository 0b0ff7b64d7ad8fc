package io.github.f2d4j.kernels.ptx;

import java.util.Locale;

/**
 * The types that instructions are suffixed with. A register is a long of which an instruction reads
 * the low bits that its type names, sign-extended or not; the bits above are undefined.
 */
enum PtxType {
  PRED(8, false),
  B8(8, false),
  U8(8, false),
  S8(8, true),
  B16(16, false),
  U16(16, false),
  S16(16, true),
  F16(16, false),
  BF16(16, false),
  B32(32, false),
  U32(32, false),
  S32(32, true),
  F32(32, false),
  F16X2(32, false),
  BF16X2(32, false),
  B64(64, false),
  U64(64, false),
  S64(64, true);

  private final int bits;
  private final boolean signed;

  PtxType(int bits, boolean signed) {
    this.bits = bits;
    this.signed = signed;
  }

  static PtxType of(String suffix) {
    for (PtxType type : values()) {
      if (type.name().equals(suffix.toUpperCase(Locale.ROOT))) {
        return type;
      }
    }
    throw new KernelFault(KernelFault.Kind.SYNTAX, "unknown type ." + suffix);
  }

  int bits() {
    return bits;
  }

  int bytes() {
    return bits / 8;
  }

  boolean signed() {
    return signed;
  }

  boolean floating() {
    return this == F32 || this == F16 || this == BF16;
  }

  /** The value of this type in a register. */
  long read(long register) {
    int unused = 64 - bits;
    return signed ? register << unused >> unused : register << unused >>> unused;
  }
}
