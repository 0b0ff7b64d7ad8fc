package io.github.f2d4j.model.image;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A small font drawn by strokes, for labels: printable ASCII, other letters without their accents.
 * Java's own text needs a font and libfontconfig on the machine, which servers and containers often
 * lack, and draws differently from one machine to the next; this font is the same everywhere.
 *
 * <p>Units: capitals are 7 high, small letters 5, descenders reach -2; y points up.
 */
final class StrokeFont {
  /** Distance of two baselines. */
  static final double LINE_UNITS = 11;

  private static final double CAPITAL_UNITS = 7;
  private static final double SPACE_UNITS = 3;
  private static final double GAP_UNITS = 1.9;
  private static final double STROKE_UNITS = 0.95;
  private static final double DEGREES_PER_SEGMENT = 15;
  private static final char FIRST = ' ';
  private static final Pattern MARKS = Pattern.compile("\\p{M}+");

  /** What stands for a character that the font lacks. */
  private static final String UNKNOWN = "0,0 4,0 4,7 0,7 0,0";

  /**
   * Strokes of the characters from the space on, separated by bars: a polyline {@code x,y x,y …},
   * or an arc {@code o cx,cy,rx,ry,from,to} in degrees counter-clockwise.
   */
  private static final String[] GLYPHS = {
    "",
    "0,7 0,2.3|0,0 0,0",
    "0,7 0,5|1.6,7 1.6,5",
    "1.5,0 2.7,7|4,0 5.2,7|0.4,4.7 6,4.7|0,2.3 5.6,2.3",
    "o2.2,5.25,2.05,1.75,30,270|o2.2,1.75,2.25,1.75,90,-150|2.2,8 2.2,-1",
    "o1.3,5.6,1.3,1.4,0,360|o5.3,1.4,1.3,1.4,0,360|5.6,7 1,0",
    "o2.5,5.55,1.4,1.45,-50,220|3.4,4.44 1.33,3.53|1.43,4.62 5.8,0|o2.3,1.85,2.3,1.85,115,300"
        + "|3.45,0.25 5.5,3",
    "0,7 0,5",
    "o3,2.75,3,5.5,125,235",
    "o-1.72,2.75,3,5.5,-55,55",
    "1.5,7 1.5,4|0.2,6.3 2.8,4.7|0.2,4.7 2.8,6.3",
    "2.2,0.8 2.2,5.2|0,3 4.4,3",
    "0.4,0.3 0.4,0 0,-1.3",
    "0,2.7 2.6,2.7",
    "0,0 0,0",
    "0,-1 3,7.5",
    "o2.3,3.5,2.3,3.5,0,360",
    "0.3,5.6 2,7 2,0",
    "o2.2,5,2.1,2,160,-35|3.92,3.85 0,0 4.5,0",
    "o2.1,5.3,1.9,1.7,150,-90|o2.1,1.8,2.3,1.8,90,-150",
    "3.6,0 3.6,7 0,2.2 4.9,2.2",
    "4.1,7 0.7,7 0.4,3.9|o2.1,2.3,2.3,2.3,135,-145",
    "o2.3,2.2,2.3,2.2,0,360|o4.3,2.6,4.3,4.6,100,175",
    "0,7 4.5,7 1.5,0",
    "o2.2,5.3,1.85,1.7,0,360|o2.2,1.8,2.2,1.8,0,360",
    "o2.3,4.8,2.3,2.2,0,360|o0.3,4.4,4.3,4.6,-80,-5",
    "0,4 0,4|0,0 0,0",
    "0.4,4 0.4,4|0.4,0.3 0.4,0 0,-1.3",
    "4,5.2 0,3 4,0.8",
    "0,3.9 4.4,3.9|0,2.1 4.4,2.1",
    "0,5.2 4,3 0,0.8",
    "o1.9,5.2,1.9,1.8,165,-60|2.85,3.64 1.9,2.8 1.9,2.1|1.9,0 1.9,0",
    "o3.4,2.7,3.4,3.7,0,305|o3.3,2.7,1.5,1.7,0,360|4.8,4.4 4.8,1.8|o5.8,1.9,1,1,180,330"
        + "|6.67,1.4 6.8,2.7",
    "0,0 2.9,7 5.8,0|1,2.3 4.8,2.3",
    "2.6,3.6 0,3.6|2.6,7 0,7 0,0 2.8,0|o2.6,5.3,1.8,1.7,90,-90|o2.8,1.8,2.1,1.8,90,-90",
    "o3.2,3.5,3.2,3.5,45,315",
    "2.2,0 0,0 0,7 2.2,7|o2.2,3.5,3.2,3.5,90,-90",
    "4.2,7 0,7 0,0 4.2,0|0,3.6 3.6,3.6",
    "4.2,7 0,7 0,0|0,3.6 3.6,3.6",
    "o3.2,3.5,3.2,3.5,45,340|6.2,2.3 6.2,3.2 3.6,3.2",
    "0,0 0,7|5,0 5,7|0,3.6 5,3.6",
    "0,0 0,7",
    "3,7 3,1.8|o1.5,1.8,1.5,1.8,0,-160",
    "0,0 0,7|4.6,7 0,2.6|1.6,4.1 4.9,0",
    "0,7 0,0 4,0",
    "0,0 0,7 3.1,1.6 6.2,7 6.2,0",
    "0,0 0,7 5,0 5,7",
    "o3.3,3.5,3.3,3.5,0,360",
    "0,0 0,7 2.7,7|o2.7,5.2,1.9,1.8,90,-90|2.7,3.4 0,3.4",
    "o3.3,3.5,3.3,3.5,0,360|4,1.8 6.4,-0.6",
    "0,0 0,7 2.7,7|o2.7,5.2,1.9,1.8,90,-90|2.7,3.4 0,3.4|2.4,3.4 4.7,0",
    "o2.2,5.25,2.05,1.75,30,270|o2.2,1.75,2.25,1.75,90,-150",
    "0,7 5.4,7|2.7,7 2.7,0",
    "0,7 0,2.4|o2.5,2.4,2.5,2.4,180,360|5,2.4 5,7",
    "0,7 2.8,0 5.6,7",
    "0,7 1.9,0 3.9,6.2 5.9,0 7.8,7",
    "0,0 5,7|0,7 5,0",
    "0,7 2.7,3.4 5.4,7|2.7,3.4 2.7,0",
    "0.2,7 5,7 0,0 5,0",
    "1.6,7.4 0,7.4 0,-1.4 1.6,-1.4",
    "0,7.5 3,-1",
    "0,7.4 1.6,7.4 1.6,-1.4 0,-1.4",
    "0,4.4 2,7 4,4.4",
    "0,-1.4 4.6,-1.4",
    "0,7.2 1.2,5.9",
    "o2.1,2.5,2.1,2.5,0,360|4.2,5 4.2,0",
    "0,7 0,0|o2.1,2.5,2.1,2.5,0,360",
    "o2.2,2.5,2.2,2.5,45,315",
    "4.2,7 4.2,0|o2.1,2.5,2.1,2.5,0,360",
    "0,2.6 4.3,2.6|o2.15,2.5,2.15,2.5,0,315",
    "o2.2,5.7,1.3,1.4,75,180|0.9,5.7 0.9,0|0,4.7 2.4,4.7",
    "o2.1,2.5,2.1,2.5,0,360|4.2,5 4.2,-0.2|o2.2,-0.2,2,1.8,0,-140",
    "0,7 0,0|o1.9,2.9,1.9,2.1,180,0|3.8,2.9 3.8,0",
    "0,5 0,0|0,6.9 0,6.9",
    "1,5 1,-0.6|o0,-0.6,1,1.4,0,-100|1,6.9 1,6.9",
    "0,7 0,0|3.6,5 0,1.9|1.4,3.1 3.9,0",
    "0,7 0,1.2|o1.2,1.2,1.2,1.2,180,275",
    "0,5 0,0|o1.5,3.2,1.5,1.8,180,0|3,3.2 3,0|o4.5,3.2,1.5,1.8,180,0|6,3.2 6,0",
    "0,5 0,0|o1.9,2.9,1.9,2.1,180,0|3.8,2.9 3.8,0",
    "o2.2,2.5,2.2,2.5,0,360",
    "0,5 0,-2|o2.1,2.5,2.1,2.5,0,360",
    "4.2,5 4.2,-2|o2.1,2.5,2.1,2.5,0,360",
    "0,5 0,0|o2,2.8,2,2.2,180,65",
    "o1.75,3.75,1.65,1.25,30,270|o1.75,1.25,1.8,1.25,90,-150",
    "1,6.6 1,1.4|o2.2,1.4,1.2,1.4,180,285|0,4.8 2.5,4.8",
    "0,5 0,2.1|o1.9,2.1,1.9,2.1,180,360|3.8,5 3.8,0",
    "0,5 2,0 4,5",
    "0,5 1.5,0 3,4.6 4.5,0 6,5",
    "0,0 3.8,5|0,5 3.8,0",
    "0,5 2.1,0|4.1,5 1.3,-2 0.2,-2",
    "0.1,5 3.6,5 0,0 3.7,0",
    "1.8,7.4 1.1,7.2 0.9,6.5 0.9,4 0,3 0.9,2 0.9,-0.5 1.1,-1.2 1.8,-1.4",
    "0,7.5 0,-1.5",
    "0,7.4 0.7,7.2 0.9,6.5 0.9,4 1.8,3 0.9,2 0.9,-0.5 0.7,-1.2 0,-1.4",
    "0,2.4 0.7,3.2 1.5,3.2 2.9,2.6 3.7,2.6 4.4,3.4",
  };

  private final double scale;

  /**
   * A font of this size.
   *
   * @param capitalHeight height of capital letters in pixels
   */
  StrokeFont(double capitalHeight) {
    this.scale = capitalHeight / CAPITAL_UNITS;
  }

  /** Distance of two baselines in pixels. */
  int lineHeight() {
    return (int) Math.ceil(LINE_UNITS * scale);
  }

  /** Height of capital letters in pixels. */
  double capitalHeight() {
    return CAPITAL_UNITS * scale;
  }

  /** Width of a line in pixels. */
  double width(String line) {
    double units = 0;
    for (int c : plain(line).toArray()) {
      units += advance(c);
    }
    return Math.max(0, units - GAP_UNITS) * scale;
  }

  /** Breaks a text into lines of at most {@code width} pixels; words that are longer are split. */
  List<String> wrap(String text, double width) {
    List<String> lines = new ArrayList<>();
    for (String paragraph : text.strip().split("\\R", -1)) {
      String line = "";
      for (String word : paragraph.strip().split("\\s+", -1)) {
        String longer = line.isEmpty() ? word : line + " " + word;
        if (!line.isEmpty() && width(longer) > width) {
          lines.add(line);
          longer = word;
        }
        while (width(longer) > width && longer.length() > 1) {
          int fits = fitting(longer, width);
          lines.add(longer.substring(0, fits));
          longer = longer.substring(fits);
        }
        line = longer;
      }
      lines.add(line);
    }
    return lines;
  }

  private int fitting(String word, double width) {
    int fits = 1;
    while (fits + 1 < word.length() && width(word.substring(0, fits + 1)) <= width) {
      fits++;
    }
    return Character.isHighSurrogate(word.charAt(fits - 1)) ? fits + 1 : fits;
  }

  /** Draws a line; {@code x}, {@code baseline} is where its first letter stands. */
  void draw(Canvas canvas, String line, double x, double baseline, int rgb) {
    double at = x;
    for (int c : plain(line).toArray()) {
      for (double[][] stroke : strokes(c)) {
        double[][] moved = new double[stroke.length][];
        for (int i = 0; i < stroke.length; i++) {
          moved[i] = new double[] {at + stroke[i][0] * scale, baseline - stroke[i][1] * scale};
        }
        canvas.stroke(moved, STROKE_UNITS * scale, rgb);
      }
      at += advance(c) * scale;
    }
  }

  /** The characters to draw: without accents, typographic signs as their ASCII likes. */
  private static java.util.stream.IntStream plain(String text) {
    String letters = MARKS.matcher(Normalizer.normalize(text, Normalizer.Form.NFKD)).replaceAll("");
    return letters
        .codePoints()
        .map(
            c ->
                switch (c) {
                  case '\u2018', '\u2019', '\u201a', '\u2032' -> '\'';
                  case '\u201c', '\u201d', '\u201e', '\u2033' -> '"';
                  case '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2212' -> '-';
                  case '\u00d7' -> 'x';
                  default -> Character.isWhitespace(c) ? ' ' : c;
                });
  }

  private static double advance(int c) {
    double right = 0;
    for (double[][] stroke : strokes(c)) {
      for (double[] point : stroke) {
        right = Math.max(right, point[0]);
      }
    }
    return (c == ' ' ? SPACE_UNITS - GAP_UNITS : right) + GAP_UNITS;
  }

  private static List<double[][]> strokes(int c) {
    int index = c - FIRST;
    String glyph = index >= 0 && index < GLYPHS.length ? GLYPHS[index] : UNKNOWN;
    List<double[][]> strokes = new ArrayList<>();
    for (String stroke : glyph.split("\\|", -1)) {
      if (stroke.startsWith("o")) {
        strokes.add(arc(numbers(stroke.substring(1))));
      } else if (!stroke.isEmpty()) {
        strokes.add(
            Pattern.compile(" ")
                .splitAsStream(stroke)
                .map(StrokeFont::numbers)
                .toArray(double[][]::new));
      }
    }
    return strokes;
  }

  private static double[] numbers(String list) {
    return Pattern.compile(",").splitAsStream(list).mapToDouble(Double::parseDouble).toArray();
  }

  private static double[][] arc(double[] a) {
    int segments = (int) Math.ceil(Math.abs(a[5] - a[4]) / DEGREES_PER_SEGMENT);
    double[][] points = new double[segments + 1][];
    for (int i = 0; i <= segments; i++) {
      double angle = Math.toRadians(a[4] + (a[5] - a[4]) * i / segments);
      points[i] =
          new double[] {a[0] + a[2] * StrictMath.cos(angle), a[1] + a[3] * StrictMath.sin(angle)};
    }
    return points;
  }
}
