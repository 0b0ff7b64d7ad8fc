package io.github.f2d4j.kernels.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The two sets of PTX files that ship; {@code kernels/build-ptx} makes them. */
public enum PtxSet {
  /** PTX 7.0 for compute capability 8.0 and later. */
  SM80(
      8,
      "sm80",
      "attend attend512 attend_any elementwise elementwise_any movement movement_any normalize"
          + " normalize_planes reduce sample"),
  /** PTX 6.4 for compute capability 7.0 and later: without {@code mma} and {@code cp.async}. */
  SM70(
      7,
      "sm70",
      "attend_any elementwise elementwise_any movement movement_any normalize normalize_planes"
          + " reduce sample");

  private final int major;
  private final String folder;

  /** Names with blanks between: an enum holds nothing that could change. */
  private final String modules;

  PtxSet(int major, String folder, String modules) {
    this.major = major;
    this.folder = folder;
    this.modules = modules;
  }

  /**
   * The best set for a device, or none if it is too old for all.
   *
   * @param major the first number of its compute capability
   */
  public static Optional<PtxSet> forCapability(int major) {
    for (PtxSet set : values()) {
      if (major >= set.major) {
        return Optional.of(set);
      }
    }
    return Optional.empty();
  }

  /** The names of its modules. */
  public List<String> modules() {
    return List.of(modules.split(" ", -1));
  }

  /**
   * The PTX text of a module.
   *
   * @throws IllegalArgumentException if the set has no such module
   */
  public String text(String module) {
    if (!modules().contains(module)) {
      throw new IllegalArgumentException(
          "the PTX set " + folder + " has no module " + module + ", only " + modules());
    }
    String path = "/io/github/f2d4j/kernels/ptx/" + folder + "/" + module + ".ptx";
    try (InputStream in = PtxSet.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException(
            "the resource " + path + " is missing from the kernels' jar; build it again");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(path, e);
    }
  }
}
