package io.github.f2d4j.kernels.catalog;

/** One argument of a kernel, of the type that its PTX declares. */
public sealed interface Argument {

  /** A device address ({@code .u64}); 0 where an optional tensor is absent. */
  record Address(long value) implements Argument {}

  /** A whole number or a flag ({@code .u32}). */
  record Int32(int value) implements Argument {}

  /** A long whole number ({@code .u64}). */
  record Int64(long value) implements Argument {}

  /** A float ({@code .f32}). */
  record Float32(float value) implements Argument {}

  /** Its size, and the alignment of its place. */
  default int bytes() {
    return switch (this) {
      case Address _, Int64 _ -> 8;
      case Int32 _, Float32 _ -> 4;
    };
  }

  /** Its bits, in the low bytes. */
  default long bits() {
    return switch (this) {
      case Address(long value) -> value;
      case Int64(long value) -> value;
      case Int32(int value) -> value;
      case Float32(float value) -> Float.floatToRawIntBits(value);
    };
  }
}
