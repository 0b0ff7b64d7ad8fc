package io.github.f2d4j.model.face;

import io.github.f2d4j.model.image.RgbImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * Points of a face in pixels of its photograph, x to the right and y down; integer coordinates are
 * the centres of pixels. Either five points (eye at the left of the picture, eye at the right, tip
 * of the nose, corner of the mouth at the left, at the right) or the 68 points of the iBUG 300-W
 * scheme, as dlib and face-alignment give them.
 */
public final class Landmarks {
  /** The number of points of the short form. */
  public static final int FIVE = 5;

  /** The number of points of the iBUG 300-W scheme. */
  public static final int SIXTY_EIGHT = 68;

  /** Eyes closer than this many pixels hold no face worth enlarging. */
  private static final double CLOSEST_EYES = 4;

  private final String source;
  private final double[][] points;

  private Landmarks(String source, double[][] points) {
    this.source = source;
    this.points = points;
  }

  /**
   * Landmarks from pairs (x, y).
   *
   * @throws LandmarksException if there are not 5 or 68 finite pairs, or they coincide, are in a
   *     line, or have left and right exchanged
   */
  public static Landmarks of(double[][] points) throws LandmarksException {
    return of("the landmarks", points);
  }

  static Landmarks of(String source, double[][] points) throws LandmarksException {
    if (points.length != FIVE && points.length != SIXTY_EIGHT) {
      throw new LandmarksException(
          source
              + ": found "
              + points.length
              + " points, expected 5 (eye at the left of the picture, eye at the right, nose tip,"
              + " mouth corners left and right) or 68 (iBUG 300-W order)");
    }
    double[][] copy = new double[points.length][];
    for (int i = 0; i < points.length; i++) {
      if (points[i].length != 2
          || !Double.isFinite(points[i][0])
          || !Double.isFinite(points[i][1])) {
        throw new LandmarksException(
            source
                + ": point "
                + i
                + " is "
                + Arrays.toString(points[i])
                + ", expected two finite numbers x, y in pixels");
      }
      copy[i] = points[i].clone();
    }
    Landmarks landmarks = new Landmarks(source, copy);
    landmarks.requirePlausible();
    return landmarks;
  }

  /**
   * Reads a JSON file: an object with a {@code landmarks} array, or the array itself, of pairs
   * {@code [x, y]}.
   *
   * @throws LandmarksException if it holds anything else, or see {@link #of}
   * @throws IOException if it cannot be read
   */
  public static Landmarks read(Path json) throws IOException {
    return of(json.toString(), LandmarksJson.read(json));
  }

  /**
   * Parses {@code "x1,y1 x2,y2 …"}: pairs separated by blanks or semicolons.
   *
   * @throws LandmarksException if a pair is malformed, or see {@link #of}
   */
  public static Landmarks parse(String text) throws LandmarksException {
    String[] pairs = text.strip().split("[\\s;]+", -1);
    double[][] points = new double[pairs.length][];
    for (int i = 0; i < pairs.length; i++) {
      String[] xy = pairs[i].split(",", -1);
      try {
        if (xy.length != 2) {
          throw new NumberFormatException("no pair");
        }
        points[i] = new double[] {Double.parseDouble(xy[0]), Double.parseDouble(xy[1])};
      } catch (NumberFormatException e) {
        String shown = pairs[i].length() > 40 ? pairs[i].substring(0, 40) + "…" : pairs[i];
        throw new LandmarksException(
            "the landmarks: '" + shown + "' is not a pair x,y; write them as x1,y1 x2,y2 …", e);
      }
    }
    return of(points);
  }

  /** 5 or 68. */
  public int count() {
    return points.length;
  }

  /** A copy of the points, (x, y) each. */
  public double[][] points() {
    return Arrays.stream(points).map(double[]::clone).toArray(double[][]::new);
  }

  /**
   * The five points that alignment uses; of 68 points these are the means of each eye's outline (36
   * to 41 and 42 to 47), the tip of the nose (30) and the corners of the mouth (48 and 54).
   */
  public double[][] fivePoints() {
    if (points.length == FIVE) {
      return points();
    }
    return new double[][] {
      mean(36, 42), mean(42, 48), points[30].clone(), points[48].clone(), points[54].clone()
    };
  }

  private double[] mean(int from, int to) {
    double x = 0;
    double y = 0;
    for (int i = from; i < to; i++) {
      x += points[i][0];
      y += points[i][1];
    }
    return new double[] {x / (to - from), y / (to - from)};
  }

  /** Independent of where the face is and how it is turned. */
  private void requirePlausible() throws LandmarksException {
    double[][] p = fivePoints();
    double eyesX = p[1][0] - p[0][0];
    double eyesY = p[1][1] - p[0][1];
    double eyes = Math.hypot(eyesX, eyesY);
    if (!(eyes >= CLOSEST_EYES)) {
      throw new LandmarksException(
          String.format(
              Locale.ROOT,
              "%s: the eyes are %.1f pixels apart, expected at least %.0f; give the points in"
                  + " pixels of the photograph (not as fractions), or a larger photograph",
              source,
              eyes,
              CLOSEST_EYES));
    }
    double downX = (p[3][0] + p[4][0] - p[0][0] - p[1][0]) / 2;
    double downY = (p[3][1] + p[4][1] - p[0][1] - p[1][1]) / 2;
    // from the eyes' line to the mouth; positive when the mouth is below upright eyes
    double down = (eyesX * downY - eyesY * downX) / eyes;
    if (down <= -0.1 * eyes) {
      throw new LandmarksException(
          source
              + ": left and right are exchanged; the first point is the eye at the left of the"
              + " picture (the person's right eye), the second the eye at the right");
    }
    if (down < 0.1 * eyes) {
      throw new LandmarksException(
          source + ": eyes and mouth lie on one line; check the order of the points");
    }
  }

  /**
   * Checks that the face is in the photograph. Single points may lie outside, as far as the
   * photograph is wide or high.
   *
   * @throws LandmarksException if it is not
   */
  void requireIn(RgbImage photo) throws LandmarksException {
    int w = photo.width();
    int h = photo.height();
    double[][] five = fivePoints();
    double x = Arrays.stream(five).mapToDouble(p -> p[0]).average().orElseThrow();
    double y = Arrays.stream(five).mapToDouble(p -> p[1]).average().orElseThrow();
    double[] far =
        Arrays.stream(points)
            .filter(p -> p[0] < -w || p[0] > 2.0 * w || p[1] < -h || p[1] > 2.0 * h)
            .findFirst()
            .orElse(new double[] {x, y});
    boolean inside = x >= 0 && x < w && y >= 0 && y < h;
    if (far[0] != x || far[1] != y || !inside) {
      throw new LandmarksException(
          String.format(
              Locale.ROOT,
              "%s: point (%.1f, %.1f) lies outside the %s; give the points in pixels of this"
                  + " photograph, as it is shown upright",
              source,
              far[0],
              far[1],
              photo));
    }
  }

  @Override
  public String toString() {
    return count() + " landmarks of " + source;
  }
}
