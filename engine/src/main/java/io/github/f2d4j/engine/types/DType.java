package io.github.f2d4j.engine.types;

/**
 * Element type of a tensor. Names are those of the safetensors format.
 *
 * <p>The engine computes in {@link #F32}; {@link #F16} and {@link #BF16} are storage types that are
 * widened when an operator reads them, {@link #I32} and {@link #I64} index, the others are only
 * carried.
 */
public enum DType {
  /** IEEE 754 binary64. */
  F64(8, true),
  /** IEEE 754 binary32. */
  F32(4, true),
  /** IEEE 754 binary16. */
  F16(2, true),
  /** bfloat16: the upper half of a binary32. */
  BF16(2, true),
  /** 8-bit float, 4 exponent bits, no infinities. */
  F8_E4M3(1, true),
  /** 8-bit float, 5 exponent bits. */
  F8_E5M2(1, true),
  /** Signed 64-bit integer. */
  I64(8, false),
  /** Signed 32-bit integer. */
  I32(4, false),
  /** Signed 16-bit integer. */
  I16(2, false),
  /** Signed 8-bit integer. */
  I8(1, false),
  /** Unsigned 64-bit integer. */
  U64(8, false),
  /** Unsigned 32-bit integer. */
  U32(4, false),
  /** Unsigned 16-bit integer. */
  U16(2, false),
  /** Unsigned 8-bit integer. */
  U8(1, false),
  /** One byte, 0 or 1. */
  BOOL(1, false);

  private final int bytes;
  private final boolean floating;

  DType(int bytes, boolean floating) {
    this.bytes = bytes;
    this.floating = floating;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Whether this is a floating-point type. */
  public boolean isFloating() {
    return floating;
  }

  /** Whether operators accept this type where they read a float32 weight: F32, F16 or BF16. */
  public boolean isComputable() {
    return this == F32 || this == F16 || this == BF16;
  }
}
