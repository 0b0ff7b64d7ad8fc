package io.github.f2d4j.model.identity;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.types.Shape;

/** The check that every encoder makes of its input. */
final class AlignedFaces {
  private AlignedFaces() {}

  /** Returns {@code faces} if they are [N,size,size,3]. */
  static Tensor require(Tensor faces, int size) {
    Shape shape = faces.shape();
    if (shape.rank() != 4 || !shape.equals(Shape.of(shape.dim(0), size, size, 3))) {
      throw new IllegalArgumentException(
          "the identity encoder got "
              + faces.type()
              + " but needs aligned RGB faces F32[N,"
              + size
              + ","
              + size
              + ",3] with values in -1..1; align the photo to that size first");
    }
    return faces;
  }
}
