package io.github.f2d4j.engine.cpu.simd;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The lane width of the CPU kernels, decided once per JVM.
 *
 * <p>The system property {@code f2d4j.lanes} ({@code 512}, {@code 256}, {@code 128} or {@code
 * scalar}) overrides the width the JVM prefers for this processor. Where the module {@code
 * jdk.incubator.vector} is absent the kernels run as plain loops, and one log line names the flag
 * that adds it. Results do not depend on the width: every kernel computes the same chain of
 * operations per element at every width.
 *
 * <p>This class refers to nothing in {@code jdk.incubator.vector}, so that it can be loaded without
 * that module; the species are in {@link VectorLanes}, which may be touched only where {@link
 * #VECTOR} is true. A family of kernels therefore hides behind a small interface and chooses once:
 *
 * <pre>{@code
 * static final TileKernel KERNEL = Lanes.VECTOR ? new VectorTileKernel() : new ScalarTileKernel();
 * }</pre>
 */
public final class Lanes {
  /** Name of the system property that overrides the width. */
  public static final String PROPERTY = "f2d4j.lanes";

  /** Width of a vector in bits: 512, 256 or 128, or 32 (one float) for plain loops. */
  public static final int BITS;

  /** Float elements in a vector; 1 for plain loops. */
  public static final int FLOATS;

  /** Whether kernels use the Vector API; if false {@link VectorLanes} must not be touched. */
  public static final boolean VECTOR;

  /** The flag that makes the Vector API available to a JVM started on the class path. */
  public static final String FLAG = "--add-modules jdk.incubator.vector";

  private static final String MODULE = "jdk.incubator.vector";
  private static final int SCALAR_BITS = Float.SIZE;

  static {
    String wanted = System.getProperty(PROPERTY);
    boolean present = modulePresent();
    BITS = choose(wanted, present, present ? VectorLanes.Preferred.bits() : SCALAR_BITS);
    VECTOR = BITS > SCALAR_BITS;
    FLOATS = BITS / Float.SIZE;
    if (!present) {
      // One line per JVM: it says what is lost and how to get it back.
      System.getLogger(Lanes.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "Module {0} is not in this JVM; the CPU backend runs on plain loops, which are"
                  + " slower. Start java with {1}.",
              MODULE,
              FLAG);
    }
  }

  private Lanes() {}

  /** Whether {@code jdk.incubator.vector} is resolved in this JVM. */
  public static boolean modulePresent() {
    return ModuleLayer.boot().findModule(MODULE).isPresent();
  }

  /** The width in use, for people: {@code "256-bit vectors"} or {@code "plain loops (…)"}. */
  public static String describe() {
    if (VECTOR) {
      return BITS + "-bit vectors";
    }
    return modulePresent() ? "plain loops" : "plain loops (add " + FLAG + ")";
  }

  /**
   * The width for a wish (the property's value, null if unset), given whether the Vector API is
   * there and what it prefers. A preferred width above 512 is cut to 512, one below 128 means plain
   * loops.
   *
   * @throws IllegalArgumentException if the wish is none of 512, 256, 128, scalar
   */
  static int choose(@Nullable String wanted, boolean present, int preferredBits) {
    if (wanted == null || wanted.isBlank()) {
      return !present || preferredBits < 128 ? SCALAR_BITS : Math.min(preferredBits, 512);
    }
    int bits =
        switch (wanted.trim().toLowerCase(Locale.ROOT)) {
          case "512" -> 512;
          case "256" -> 256;
          case "128" -> 128;
          case "scalar" -> SCALAR_BITS;
          default ->
              throw new IllegalArgumentException(
                  "system property "
                      + PROPERTY
                      + " is \""
                      + wanted
                      + "\"; expected 512, 256, 128 or scalar, or leave it unset for the width"
                      + " this processor prefers");
        };
    return present ? bits : SCALAR_BITS;
  }
}
