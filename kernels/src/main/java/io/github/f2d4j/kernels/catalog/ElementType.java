package io.github.f2d4j.kernels.catalog;

/** What a kernel's tensors hold; all kernels compute in float32. */
public enum ElementType {
  /** IEEE 754 binary32. */
  F32("f32", 4),
  /** IEEE 754 binary16. */
  F16("f16", 2),
  /** bfloat16: the upper half of a binary32. */
  BF16("bf16", 2);

  private final String suffix;
  private final int bytes;

  ElementType(String suffix, int bytes) {
    this.suffix = suffix;
    this.bytes = bytes;
  }

  /** What the names of the kernels for this type end with. */
  public String suffix() {
    return suffix;
  }

  /** Bytes of an element. */
  public int bytes() {
    return bytes;
  }

  /** A value's bits in memory, in the low bytes; rounded to nearest even. */
  public int bits(float value) {
    return switch (this) {
      case F32 -> Float.floatToRawIntBits(value);
      case F16 -> Float.floatToFloat16(value) & 0xffff;
      case BF16 -> {
        int bits = Float.floatToRawIntBits(value);
        yield Float.isNaN(value) ? 0x7fff : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
      }
    };
  }

  /** The value of bits in memory. */
  public float value(int bits) {
    return switch (this) {
      case F32 -> Float.intBitsToFloat(bits);
      case F16 -> Float.float16ToFloat((short) bits);
      case BF16 -> Float.intBitsToFloat(bits << 16);
    };
  }

  /** Elements in 16 bytes, what one thread reads at once. */
  int vector() {
    return 16 / bytes;
  }
}
