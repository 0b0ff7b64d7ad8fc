package io.github.f2d4j.benchmarks;

import java.util.Arrays;

/** Shapes as benchmark parameters. */
final class Shapes {
  private Shapes() {}

  /**
   * The numbers of a text such as {@code 8192x320x320}.
   *
   * @throws IllegalArgumentException if it does not hold {@code count} positive numbers
   */
  static int[] parse(String text, int count) {
    String[] parts = text.split("x", -1);
    if (parts.length != count
        || !Arrays.stream(parts).allMatch(p -> p.matches("[1-9][0-9]{0,8}"))) {
      throw new IllegalArgumentException(
          "shape \"%s\" should be %d positive numbers joined by x".formatted(text, count));
    }
    return Arrays.stream(parts).mapToInt(Integer::parseInt).toArray();
  }
}
