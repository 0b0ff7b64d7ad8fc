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

  /** Elements in 16 bytes, what one thread reads at once. */
  int vector() {
    return 16 / bytes;
  }
}
