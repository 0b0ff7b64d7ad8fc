package io.github.f2d4j.engine.cpu.tuning;

/**
 * Chooses the algorithm of a convolution. Results depend on the choice, so the answer for a shape
 * must always be the same.
 */
public interface ConvolveChoice {
  /** The algorithm for {@code shape}. */
  ConvolveAlgorithm choose(ConvolveShape shape);

  /** A short name, such as {@code auto}: part of what a replay of a result must know. */
  String name();

  /**
   * The default: a fixed function of the shape.
   *
   * @param unit whether the matrix unit multiplies
   */
  static ConvolveChoice byShape(boolean unit) {
    return unit ? ShapeRule.UNIT : ShapeRule.VECTORS;
  }

  /** {@code algorithm} for every shape; its name is {@code off}, {@code f2} or {@code f4}. */
  static ConvolveChoice always(ConvolveAlgorithm algorithm) {
    return new Always(algorithm);
  }

  /** One algorithm for all. */
  record Always(ConvolveAlgorithm algorithm) implements ConvolveChoice {
    @Override
    public ConvolveAlgorithm choose(ConvolveShape shape) {
      return algorithm;
    }

    @Override
    public String name() {
      return switch (algorithm) {
        case DIRECT -> "off";
        case WINOGRAD_F2 -> "f2";
        case WINOGRAD_F4 -> "f4";
      };
    }
  }
}
