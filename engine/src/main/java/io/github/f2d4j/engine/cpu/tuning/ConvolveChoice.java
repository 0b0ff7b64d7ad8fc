package io.github.f2d4j.engine.cpu.tuning;

/**
 * Chooses the algorithm of a convolution. Results depend on the choice, so the answer for a shape
 * must always be the same.
 */
public interface ConvolveChoice {
  /** The algorithm for {@code shape}. */
  ConvolveAlgorithm choose(ConvolveShape shape);

  /** The default: a fixed function of the shape, the same on every machine. */
  static ConvolveChoice byShape() {
    return ShapeRule.INSTANCE;
  }

  /** {@code algorithm} for every shape. */
  static ConvolveChoice always(ConvolveAlgorithm algorithm) {
    return shape -> algorithm;
  }
}
