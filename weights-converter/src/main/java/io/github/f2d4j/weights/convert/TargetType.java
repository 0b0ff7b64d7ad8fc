package io.github.f2d4j.weights.convert;

import io.github.f2d4j.engine.types.DType;

/** The element type in which floating-point tensors are written. */
public enum TargetType {
  /** As they are; types that operators do not read become the nearest that they do. */
  KEEP,
  /** float32. */
  F32,
  /** float16. */
  F16,
  /** bfloat16. */
  BF16;

  /** What a tensor of {@code source} becomes; integers and flags stay. */
  DType of(DType source) {
    if (!source.isFloating()) {
      return source;
    }
    return switch (this) {
      case F32 -> DType.F32;
      case F16 -> DType.F16;
      case BF16 -> DType.BF16;
      case KEEP ->
          switch (source) {
            case F64 -> DType.F32;
            case F8_E4M3, F8_E5M2 -> DType.F16; // holds every value of both
            default -> source;
          };
    };
  }
}
