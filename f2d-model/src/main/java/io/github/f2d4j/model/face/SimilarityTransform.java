package io.github.f2d4j.model.face;

/**
 * A rotation, uniform scale and shift of the plane: {@code x' = a·x − b·y + tx}, {@code y' = b·x +
 * a·y + ty}.
 *
 * @param a scale · cos(angle)
 * @param b scale · sin(angle)
 * @param tx shift along x, in pixels
 * @param ty shift along y, in pixels
 */
public record SimilarityTransform(double a, double b, double tx, double ty) {
  /**
   * The transform that takes {@code from} to {@code to} with the least sum of squared distances,
   * without reflection: S. Umeyama, "Least-squares estimation of transformation parameters between
   * two point patterns", PAMI 13 (1991), as scikit-image's {@code SimilarityTransform.estimate}
   * computes it. In the plane its singular value decomposition has the closed form used here: with
   * centred points p (from) and q (to), {@code a = Σ p·q / Σ|p|²} and {@code b = Σ p×q / Σ|p|²}.
   *
   * @param from n points (x, y)
   * @param to as many points
   * @throws IllegalArgumentException if the numbers differ, are below 2, or all points of {@code
   *     from} coincide
   */
  public static SimilarityTransform estimate(double[][] from, double[][] to) {
    int n = from.length;
    if (n != to.length || n < 2) {
      throw new IllegalArgumentException(
          "a similarity transform needs at least 2 pairs of points but was given "
              + n
              + " and "
              + to.length);
    }
    double[] p = mean(from);
    double[] q = mean(to);
    double dot = 0;
    double cross = 0;
    double norm = 0;
    for (int i = 0; i < n; i++) {
      double px = from[i][0] - p[0];
      double py = from[i][1] - p[1];
      double qx = to[i][0] - q[0];
      double qy = to[i][1] - q[1];
      dot += px * qx + py * qy;
      cross += px * qy - py * qx;
      norm += px * px + py * py;
    }
    if (!(norm > 0)) {
      throw new IllegalArgumentException("the points to transform all coincide");
    }
    double a = dot / norm;
    double b = cross / norm;
    return new SimilarityTransform(
        a, b, q[0] - (a * p[0] - b * p[1]), q[1] - (b * p[0] + a * p[1]));
  }

  private static double[] mean(double[][] points) {
    double x = 0;
    double y = 0;
    for (double[] point : points) {
      x += point[0];
      y += point[1];
    }
    return new double[] {x / points.length, y / points.length};
  }

  /** The scale factor. */
  public double scale() {
    return Math.hypot(a, b);
  }

  /** The rotation in radians, clockwise on a picture whose y axis points down. */
  public double rotation() {
    return Math.atan2(b, a);
  }

  /** The 3×3 matrix, row by row. */
  public double[] matrix() {
    return new double[] {a, -b, tx, b, a, ty, 0, 0, 1};
  }

  /** Where a point goes. */
  public double[] apply(double x, double y) {
    return new double[] {a * x - b * y + tx, b * x + a * y + ty};
  }
}
