package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.model.face.AlignedFace;
import io.github.f2d4j.model.face.FaceAligner;
import io.github.f2d4j.model.face.Landmarks;
import io.github.f2d4j.model.face.LandmarksException;
import io.github.f2d4j.model.image.RgbImage;
import org.jspecify.annotations.Nullable;

/** The face to personalise: a photograph with landmarks, or a crop that is aligned already. */
public sealed interface FaceInput {
  /** A photograph and the landmarks of the face in it. */
  record Photo(RgbImage image, Landmarks landmarks) implements FaceInput {}

  /** A crop aligned to ArcFace's template. */
  record Aligned(AlignedFace face) implements FaceInput {}

  /** A photograph and the landmarks of the face in it. */
  static FaceInput photo(RgbImage image, Landmarks landmarks) {
    return new Photo(image, landmarks);
  }

  /**
   * A crop aligned to ArcFace's template.
   *
   * @throws IllegalArgumentException if it is not 112×112 pixels
   */
  static FaceInput aligned(RgbImage crop) {
    return new Aligned(AlignedFace.of(crop));
  }

  /**
   * A photograph with landmarks, or without them an aligned crop.
   *
   * @throws IllegalArgumentException if there are no landmarks and the picture is not 112×112
   *     pixels
   */
  static FaceInput of(RgbImage image, @Nullable Landmarks landmarks) {
    return landmarks == null ? aligned(image) : photo(image, landmarks);
  }

  /**
   * The face as the identity encoder needs it.
   *
   * @throws LandmarksException if the landmarks cannot belong to a face in the photograph
   */
  default AlignedFace align() throws LandmarksException {
    return switch (this) {
      case Photo p -> FaceAligner.align(p.image, p.landmarks);
      case Aligned a -> a.face;
    };
  }
}
