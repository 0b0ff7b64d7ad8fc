package io.github.f2d4j.benchmarks;

import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.annotations.Param;

/** Shapes as benchmark parameters. */
final class Shapes {
  private Shapes() {}

  /** The shapes a benchmark's parameter lists. */
  static List<String> of(Class<?> benchmark) {
    try {
      return List.of(benchmark.getField("shape").getAnnotation(Param.class).value());
    } catch (NoSuchFieldException e) {
      throw new IllegalArgumentException(benchmark + " has no parameter named shape", e);
    }
  }

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
