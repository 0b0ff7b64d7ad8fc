package io.github.f2d4j.model.plan;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How much memory this process may have in all, that which it holds already included.
 *
 * @param bytes the limit
 * @param source what sets it
 */
public record MemoryLimit(long bytes, String source) {
  /** Beyond this a cgroup's number means that there is no limit. */
  private static final long NO_LIMIT = 1L << 60;

  /** What this machine, or the container, has left for this process now. */
  public static MemoryLimit ofThisMachine() {
    MemoryLimit found = ofLinux(Path.of("/"));
    if (found != null) {
      return found;
    }
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new MemoryLimit(system.getTotalMemorySize(), "the machine's memory");
  }

  /**
   * What Linux says: the smallest of the memory that is available and of what each cgroup that this
   * process is in leaves of its limit. File pages count as free, since the system can take them
   * back.
   *
   * @param root the folder that holds {@code proc} and {@code sys}
   * @return null if it says nothing
   */
  static @Nullable MemoryLimit ofLinux(Path root) {
    OptionalLong available = kibibytes(root.resolve("proc/meminfo"), "MemAvailable:");
    if (available.isEmpty()) {
      return null;
    }
    // Its own memory is not available any more, but it is this process's.
    long own = kibibytes(root.resolve("proc/self/status"), "RssAnon:").orElse(0);
    List<MemoryLimit> limits = new ArrayList<>();
    limits.add(new MemoryLimit(available.getAsLong() + own, "the memory available here"));
    for (String line : lines(root.resolve("proc/self/cgroup"))) {
      String[] parts = line.split(":", 3);
      if (parts.length == 3 && parts[1].isEmpty()) {
        addAll(limits, root.resolve("sys/fs/cgroup"), parts[2], GroupFiles.V2, own);
      } else if (parts.length == 3 && List.of(parts[1].split(",", -1)).contains("memory")) {
        addAll(limits, root.resolve("sys/fs/cgroup/memory"), parts[2], GroupFiles.V1, own);
      }
    }
    return limits.stream().min(Comparator.comparingLong(MemoryLimit::bytes)).orElseThrow();
  }

  /** The names of a cgroup's files. */
  private record GroupFiles(String limit, String usage, String inactive) {
    static final GroupFiles V2 = new GroupFiles("memory.max", "memory.current", "inactive_file");
    static final GroupFiles V1 =
        new GroupFiles("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
  }

  /**
   * Adds what the group at {@code path} and those above it leave. Inside a container the path may
   * be the host's, which is not there: then the mount itself is the group.
   */
  private static void addAll(
      List<MemoryLimit> limits, Path mount, String path, GroupFiles names, long own) {
    Path group = mount.resolve(path.replaceFirst("^/+", "")).normalize();
    if (!group.startsWith(mount) || !Files.isDirectory(group)) {
      group = mount;
    }
    while (true) {
      OptionalLong limit = number(group.resolve(names.limit));
      OptionalLong usage = number(group.resolve(names.usage));
      if (limit.isPresent() && limit.getAsLong() < NO_LIMIT) {
        long reclaimable = field(group.resolve("memory.stat"), names.inactive).orElse(0);
        long used = Math.max(0, usage.orElse(0) - reclaimable - own);
        limits.add(
            new MemoryLimit(
                Math.max(0, limit.getAsLong() - used), "the container's limit (cgroup)"));
      }
      Path parent = group.getParent();
      if (group.equals(mount) || parent == null) {
        return;
      }
      group = parent;
    }
  }

  private static OptionalLong kibibytes(Path file, String name) {
    OptionalLong kib = field(file, name);
    return kib.isEmpty() ? kib : OptionalLong.of(kib.getAsLong() << 10);
  }

  /** The number after {@code name} at the start of a line. */
  private static OptionalLong field(Path file, String name) {
    return lines(file).stream()
        .map(line -> line.strip().split("\\s+", -1))
        .filter(words -> words.length > 1 && words[0].equals(name))
        .mapToLong(words -> parse(words[1]))
        .filter(n -> n >= 0)
        .findFirst();
  }

  private static OptionalLong number(Path file) {
    return lines(file).stream()
        .mapToLong(line -> parse(line.strip()))
        .filter(n -> n >= 0)
        .findFirst();
  }

  /** A number, or −1: {@code max} means that there is no limit. */
  private static long parse(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException | SecurityException e) {
      return List.of(); // Not this kind of system, or not ours to read.
    }
  }
}
