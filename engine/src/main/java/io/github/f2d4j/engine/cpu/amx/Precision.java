package io.github.f2d4j.engine.cpu.amx;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How exactly the matrix unit multiplies float32 numbers, with the names and meanings of PyTorch's
 * {@code set_float32_matmul_precision}: each number becomes a sum of some bfloat16 {@link Parts},
 * of eight bits each, and the products of parts that are not negligible are added in float32.
 */
public enum Precision {
  /** Three parts, six products: float32. */
  HIGHEST(3, "20 10 11 01 00 02"),

  /** Two parts, three products: 16 bits, an error of some 10⁻⁵. */
  HIGH(2, "10 00 01"),

  /** One part, one product: bfloat16, an error of some 10⁻². */
  MEDIUM(1, "00");

  /** Name of the system property that chooses: one of the names here, in small letters. */
  public static final String PROPERTY = "f2d4j.cpu.precision";

  private final int parts;

  /**
   * The part of a and the part of b of each product, in the order in which they are added; 0 is the
   * highest part.
   */
  private final String products;

  Precision(int parts, String products) {
    this.parts = parts;
    this.products = products;
  }

  /** The name as users write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Parts of a number. */
  public int parts() {
    return parts;
  }

  /** Products of parts. */
  public int products() {
    return products.split(" ", -1).length;
  }

  /** The part of a in a product. */
  int a(int product) {
    return products.charAt(3 * product) - '0';
  }

  /** The part of b in a product. */
  int b(int product) {
    return products.charAt(3 * product + 1) - '0';
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
