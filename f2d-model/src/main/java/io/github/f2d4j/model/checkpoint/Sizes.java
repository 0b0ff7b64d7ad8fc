package io.github.f2d4j.model.checkpoint;

import java.util.List;

/**
 * Checks of an architecture's sizes, wherever they come from: a configuration's are checked as they
 * are read, but those that follow from the shapes of damaged weights may be 0, and what is computed
 * of large ones may be anything.
 */
public final class Sizes {
  private Sizes() {}

  /**
   * Requires that a size is at least 1.
   *
   * @param name its key in the configuration
   * @throws ConfigException if it is not
   */
  public static void requirePositive(String name, int size) {
    if (size < 1) {
      throw wrong(name, Integer.toString(size), "at least 1");
    }
  }

  /**
   * Requires that all sizes are at least 1.
   *
   * @param name their key in the configuration
   * @throws ConfigException if one is not
   */
  public static void requirePositive(String name, List<Integer> sizes) {
    if (sizes.stream().anyMatch(size -> size < 1)) {
      throw wrong(name, sizes.toString(), "at least 1 each");
    }
  }

  private static ConfigException wrong(String name, String given, String expected) {
    return new ConfigException(
        name
            + " is "
            + given
            + ", expected "
            + expected
            + "; correct the configuration, or fetch the weights again if it leaves this to them");
  }
}
