package io.github.f2d4j.engine.cpu.amx;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How exactly the matrix unit multiplies float32 numbers, with the names and meanings of PyTorch's
 * {@code set_float32_matmul_precision}.
 */
public enum Precision {
  /** Integers of three {@link Digits}, eight products of them: float32. */
  HIGHEST,

  /** The same without the two smallest products, an error of some 10⁻⁶ to 10⁻⁵. */
  HIGH,

  /** {@link Bfloats}, an error of some 10⁻². */
  MEDIUM;

  /** Name of the system property that chooses: one of the names here, in small letters. */
  public static final String PROPERTY = "f2d4j.cpu.precision";

  /** The name as users write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The precision that the property's value stands for, the highest if it is unset.
   *
   * @throws IllegalArgumentException if it stands for none
   */
  static Precision of(@Nullable String value) {
    if (value == null || value.isBlank()) {
      return HIGHEST;
    }
    for (Precision precision : values()) {
      if (precision.word().equals(value.trim().toLowerCase(Locale.ROOT))) {
        return precision;
      }
    }
    throw new IllegalArgumentException(
        "system property "
            + PROPERTY
            + " is \""
            + value
            + "\"; expected highest, high or medium, or leave it unset for highest");
  }
}
