package io.github.f2d4j.model.face;

import io.github.f2d4j.model.image.RgbImage;

/**
 * Aligns a face by its landmarks to the ArcFace template, as Face2Diffusion's {@code src/utils.py}
 * does.
 */
public final class FaceAligner {
  /**
   * Where the five points go in the 112×112 picture: eye at the left of the picture, eye at the
   * right, tip of the nose, corners of the mouth at the left and at the right. insightface's {@code
   * arcface_dst} ({@code face_align.py}), float32 values.
   */
  private static final float[][] TEMPLATE = {
    {38.2946f, 51.6963f},
    {73.5318f, 51.5014f},
    {56.0252f, 71.7366f},
    {41.5493f, 92.3655f},
    {70.7299f, 92.2041f}
  };

  private FaceAligner() {}

  /**
   * Cuts the face out of a photograph.
   *
   * @param landmarks in pixels of {@code photo}; integer coordinates are centres of pixels
   * @throws LandmarksException if they cannot belong to a face in this photograph
   */
  public static AlignedFace align(RgbImage photo, Landmarks landmarks) throws LandmarksException {
    landmarks.requireIn(photo);
    double[] m = transform(landmarks).matrix();
    return AlignedFace.of(PerspectiveWarp.warp(photo, m, AlignedFace.SIZE, AlignedFace.SIZE));
  }

  /** The transform from the photograph to the aligned face. */
  public static SimilarityTransform transform(Landmarks landmarks) {
    return SimilarityTransform.estimate(landmarks.fivePoints(), template());
  }

  /** The five points of the template, (x, y) each. */
  public static double[][] template() {
    double[][] points = new double[TEMPLATE.length][];
    for (int i = 0; i < points.length; i++) {
      points[i] = new double[] {TEMPLATE[i][0], TEMPLATE[i][1]};
    }
    return points;
  }
}
