package io.github.f2d4j.model.scheduler;

import java.util.Arrays;
import java.util.Locale;

/**
 * What the denoiser predicts for x = α·x₀ + σ·ε, and how x₀ and ε follow from it: both are linear
 * in the sample x and the prediction m.
 */
public enum PredictionType {
  /** The noise ε. */
  EPSILON,
  /**
   * v = α·ε − σ·x₀ (section 2.4 of <a href="https://imagen.research.google/video/paper.pdf">Imagen
   * Video</a>).
   */
  V_PREDICTION,
  /** The clean sample x₀. */
  SAMPLE;

  /** {@code sample}·x + {@code output}·m. */
  record Mix(double sample, double output) {}

  /**
   * The type of a configuration's name such as {@code epsilon}.
   *
   * @throws IllegalArgumentException if there is none
   */
  static PredictionType parse(String name) {
    for (PredictionType t : values()) {
      if (t.name().toLowerCase(Locale.ROOT).equals(name)) {
        return t;
      }
    }
    throw new IllegalArgumentException(
        "prediction_type \""
            + name
            + "\" is unknown; expected one of "
            + Arrays.toString(values()).toLowerCase(Locale.ROOT));
  }

  /** x₀ where α² + σ² = 1. */
  Mix original(double alpha, double sigma) {
    return switch (this) {
      case EPSILON -> new Mix(1 / alpha, -sigma / alpha);
      case V_PREDICTION -> new Mix(alpha, -sigma);
      case SAMPLE -> new Mix(0, 1);
    };
  }

  /** ε where α² + σ² = 1. */
  Mix epsilon(double alpha, double sigma) {
    return switch (this) {
      case EPSILON -> new Mix(0, 1);
      case V_PREDICTION -> new Mix(sigma, alpha);
      case SAMPLE -> new Mix(1 / sigma, -alpha / sigma);
    };
  }

  /** dx/dσ = (x − x₀)/σ for x = x₀ + σ·ε, whose α is 1. */
  Mix derivative(double sigma) {
    double s2 = sigma * sigma + 1;
    return switch (this) {
      case EPSILON -> new Mix(0, 1);
      case V_PREDICTION -> new Mix((1 - 1 / s2) / sigma, 1 / Math.sqrt(s2));
      case SAMPLE -> new Mix(1 / sigma, -1 / sigma);
    };
  }
}
