package io.github.f2d4j.engine.cpu.amx;

import io.github.f2d4j.engine.cpu.simd.Lanes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether this JVM multiplies matrices with the processor's matrix unit, decided once. It does
 * where nothing is in the way: Linux on x86-64, vectors of 512 bits, a processor with AMX, native
 * access, and a system that lets programs use the unit and make code.
 *
 * <p>The system property {@code f2d4j.amx} ({@code auto} or {@code off}) can forbid it. Results
 * with the unit are as exact as without, but rounded elsewhere, so their bits differ. Another
 * property allows it a lower {@link Precision}.
 */
public final class Amx {
  /** Name of the system property that can forbid it. */
  public static final String PROPERTY = "f2d4j.amx";

  /** Rows of a tile product. */
  public static final int ROWS = 32;

  /** Columns of a tile product. */
  public static final int COLUMNS = 64;

  /** Most strips that one call multiplies: a call costs as much as a sixth of a strip. */
  public static final int STRIPS = 4;

  private static final Precision PRECISION = Precision.of(System.getProperty(Precision.PROPERTY));

  /** Why the unit is not used; empty if it is. */
  private static final Optional<String> OBSTACLE;

  /** The functions where the unit is used, and those that resume. */
  private static final Map<TileFunction, MemorySegment> START = new EnumMap<>(TileFunction.class);

  private static final Map<TileFunction, MemorySegment> RESUME = new EnumMap<>(TileFunction.class);

  /** Where the unit is used. */
  private static @Nullable ExecutableMemory memory;

  static {
    Optional<String> obstacle = obstacle(System.getProperty(PROPERTY));
    if (obstacle.isEmpty()) {
      obstacle = nativeAccessObstacle();
      // Not louder: programs start without flags on the module path, and run well.
      obstacle.ifPresent(
          reason ->
              System.getLogger(Amx.class.getName())
                  .log(
                      System.Logger.Level.DEBUG,
                      "This processor''s matrix unit (AMX) is not used: {0}",
                      reason));
    }
    if (obstacle.isEmpty()) {
      try {
        ExecutableMemory system = new ExecutableMemory();
        system.allowTiles();
        memory = system;
        for (TileFunction function : TileFunction.values()) {
          START.put(function, system.place(function.code(false)));
          RESUME.put(function, system.place(function.code(true)));
        }
      } catch (IOException | NoSuchElementException | UnsupportedOperationException e) {
        // Whatever a system lacks here, it can do without the unit.
        obstacle = Optional.of(String.valueOf(e.getMessage()));
      }
    }
    OBSTACLE = obstacle;
  }

  private Amx() {}

  /** Whether the unit is used. */
  public static boolean used() {
    return OBSTACLE.isEmpty();
  }

  /** How exactly it multiplies, wherever it is used. */
  public static Precision precision() {
    return PRECISION;
  }

  /** Why it is not used, or {@code "AMX"} and its precision. */
  public static String describe() {
    return OBSTACLE
        .map(o -> "no AMX (" + o + ")")
        .orElse("AMX" + (exact() ? "" : " with " + PRECISION.word() + " precision"));
  }

  /** Whether products are float32, with the unit or without. */
  public static boolean exact() {
    return !used() || PRECISION == Precision.HIGHEST;
  }

  /**
   * Whether products are so exact that Winograd's transforms may multiply their errors, by five or
   * so.
   */
  public static boolean transformable() {
    return !used() || PRECISION != Precision.MEDIUM;
  }

  /**
   * Where a function is.
   *
   * @param resume whether it adds to the sums that are there
   */
  static MemorySegment function(TileFunction function, boolean resume) {
    MemorySegment memory = (resume ? RESUME : START).get(function);
    if (memory == null) {
      throw new IllegalStateException(describe());
    }
    return memory;
  }

  /**
   * Places another function, which stays until the JVM ends.
   *
   * @throws IllegalStateException if the unit is not used, or the system gives no memory any more
   */
  static synchronized MemorySegment place(byte[] code) {
    if (memory == null || !used()) {
      throw new IllegalStateException(describe());
    }
    try {
      return memory.place(code);
    } catch (IOException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /**
   * What is in the way, as far as the user's wish and the machine go.
   *
   * @param wanted the property's value
   * @throws IllegalArgumentException if it is neither auto nor off
   */
  static Optional<String> obstacle(@Nullable String wanted) {
    String word = wanted == null || wanted.isBlank() ? "auto" : wanted.trim();
    switch (word.toLowerCase(Locale.ROOT)) {
      case "auto" -> {}
      case "off" -> {
        return Optional.of("-D" + PROPERTY + "=off");
      }
      default ->
          throw new IllegalArgumentException(
              "system property "
                  + PROPERTY
                  + " is \""
                  + wanted
                  + "\"; expected auto or off, or leave it unset for auto");
    }
    String os = System.getProperty("os.name", "");
    String arch = System.getProperty("os.arch", "");
    if (!os.equals("Linux") || !arch.equals("amd64")) {
      return Optional.of("only on Linux on amd64, this is " + os + " on " + arch);
    }
    if (Lanes.BITS != 512) {
      return Optional.of("only with 512-bit vectors, these are " + Lanes.describe());
    }
    Set<String> missing = missing(processorFlags());
    if (!missing.isEmpty()) {
      return Optional.of("this processor lacks " + String.join(", ", missing));
    }
    return Optional.empty();
  }

  private static Optional<String> nativeAccessObstacle() {
    Module module = Amx.class.getModule();
    return module.isNativeAccessEnabled()
        ? Optional.empty()
        : Optional.of(
            "native access is off; start java with --enable-native-access="
                + (module.isNamed() ? module.getName() : "ALL-UNNAMED"));
  }

  private static Set<String> missing(List<String> flags) {
    Set<String> missing = new TreeSet<>(Set.of("amx_tile", "amx_int8", "amx_bf16", "avx512_bf16"));
    flags.forEach(missing::remove);
    return missing;
  }

  /** What Linux says this processor can do; empty where it does not tell. */
  private static List<String> processorFlags() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(l -> l.startsWith("flags"))
          .findFirst()
          .map(l -> List.of(l.substring(l.indexOf(':') + 1).trim().split(" +", -1)))
          .orElse(List.of());
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }

  /** Calls functions of up to nine arguments; one form for all, since each takes time to link. */
  private static final class Calls {
    private static final MethodHandle NINE = nine();

    private Calls() {}

    @SuppressWarnings("restricted")
    private static MethodHandle nine() {
      MemoryLayout[] longs = new MemoryLayout[9];
      Arrays.fill(longs, ValueLayout.JAVA_LONG);
      // Critical: it takes microseconds, calls nothing and cannot block.
      return Linker.nativeLinker()
          .downcallHandle(FunctionDescriptor.ofVoid(longs), Linker.Option.critical(false));
    }
  }

  /**
   * Calls a function with arguments of 64 bits, numbers or {@link #address}es; those it does not
   * take are 0.
   *
   * <p>Addresses go as numbers, since a segment as an argument is much code at every call, which
   * has to be compiled before the first result is there. Whoever calls must hold the segments.
   */
  static void call(
      MemorySegment function,
      long a,
      long b,
      long c,
      long d,
      long e,
      long f,
      long g,
      long h,
      long i) {
    try {
      Calls.NINE.invokeExact(function, a, b, c, d, e, f, g, h, i);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /**
   * The address of bytes that must lie in a segment off the heap.
   *
   * @throws IndexOutOfBoundsException if they do not
   * @throws IllegalStateException if the memory was freed
   */
  static long address(MemorySegment memory, long offset, long bytes) {
    if (!memory.scope().isAlive()) {
      throw new IllegalStateException("Already closed: the memory was freed");
    }
    Objects.checkFromIndexSize(offset, bytes, memory.byteSize());
    return memory.address() + offset;
  }
}
