package io.github.f2d4j.engine.types;

/** What a tensor is made of, without its values. */
public record TensorType(DType dtype, Shape shape) {
  /** A float32 tensor type. */
  public static TensorType f32(Shape shape) {
    return new TensorType(DType.F32, shape);
  }

  /** Size in bytes when stored densely. */
  public long bytes() {
    return Math.multiplyExact(shape.elements(), (long) dtype.bytes());
  }

  /** For example {@code F32[2,77,768]}. */
  @Override
  public String toString() {
    return dtype + shape.toString();
  }
}
