package io.github.f2d4j.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a result was measured on.
 *
 * @param processor as the system names it
 * @param features the vector instructions among its flags
 * @param processors how many the JVM sees
 * @param memoryBytes of the machine
 * @param system name and version of the operating system
 * @param loadBefore how many processes wanted to run before the measurement; NaN if unknown
 */
public record Machine(
    String processor,
    List<String> features,
    int processors,
    long memoryBytes,
    String system,
    double loadBefore) {
  private static final List<String> FEATURES =
      List.of("avx", "avx2", "fma", "f16c", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16");

  /** Copies the list. */
  public Machine {
    features = List.copyOf(features);
  }

  /** This machine. */
  static Machine here() {
    List<String> cpu = lines("/proc/cpuinfo");
    List<String> flags = List.of(field(cpu, "flags").split(" ", -1));
    String model =
        "%s (family %s, model %s)"
            .formatted(field(cpu, "model name"), field(cpu, "cpu family"), field(cpu, "model"));
    List<String> load = lines("/proc/loadavg");
    return new Machine(
        model,
        FEATURES.stream().filter(flags::contains).toList(),
        Runtime.getRuntime().availableProcessors(),
        memory(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        load.isEmpty() ? Double.NaN : Double.parseDouble(load.getFirst().split(" ", 2)[0]));
  }

  /** Physical memory in bytes; 8 GiB where the system does not say. */
  private static long memory() {
    String total = field(lines("/proc/meminfo"), "MemTotal").replaceAll("\\D", "");
    return total.isEmpty() ? 8L << 30 : 1024 * Long.parseLong(total);
  }

  /** Whether there are instructions for bfloat16. */
  boolean hasBfloat16() {
    return features.stream().anyMatch(f -> f.endsWith("bf16"));
  }

  private static String field(List<String> lines, String key) {
    return lines.stream()
        .filter(l -> l.startsWith(key) && l.substring(key.length()).stripLeading().startsWith(":"))
        .map(l -> l.substring(l.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("");
  }

  private static List<String> lines(String file) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines.toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** One line for people. */
  String describe() {
    return "%s, %d processors, %s, %.0f GB, %s"
        .formatted(processor, processors, String.join(" ", features), memoryBytes / 1e9, system);
  }
}
