package io.github.f2d4j.model.cli;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the JVM tells about itself and the machine below it. */
final class Machine {
  private Machine() {}

  /** Physical memory, or the container's limit, in bytes. */
  static long physicalMemory() {
    return system().getTotalMemorySize();
  }

  /** Memory that is not in use, in bytes. */
  static long freeMemory() {
    return system().getFreeMemorySize();
  }

  private static OperatingSystemMXBean system() {
    return (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  }

  /** The most off-heap memory that the JVM hands out, in bytes. */
  static long offHeapLimit() {
    String set = vmOption("MaxDirectMemorySize");
    long bytes = set == null ? 0 : Long.parseLong(set);
    return bytes > 0 ? bytes : Runtime.getRuntime().maxMemory();
  }

  private static @Nullable String vmOption(String name) {
    try {
      HotSpotDiagnosticMXBean bean =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      return bean.getVMOption(name).getValue();
    } catch (IllegalArgumentException e) {
      return null; // This JVM has no such option.
    }
  }

  /**
   * Why this JDK is a risk, if it is one. JDK-8377811: before 25.0.3, G1 may move heap arrays that
   * native code has pinned. The engine hands native code off-heap memory alone; other libraries in
   * the same JVM may not.
   */
  static Optional<String> jdkRisk(Runtime.Version version) {
    boolean fixed =
        version.feature() > 25
            || (version.feature() == 25 && (version.interim() > 0 || version.update() >= 3));
    return fixed
        ? Optional.empty()
        : Optional.of(
            "JDK "
                + version
                + " has JDK-8377811 (pinned heap arrays can be corrupted under G1); use 25.0.3 or"
                + " later");
  }

  /** The most memory that this process has had in use at one time; null if the system tells not. */
  static @Nullable Long peakResidentBytes() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .map(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElse(null);
    } catch (IOException e) {
      return null; // Not Linux.
    }
  }

  /** For example {@code 12.3 GiB}. */
  static String gib(long bytes) {
    return "%.1f GiB".formatted(bytes / (double) (1L << 30));
  }
}
