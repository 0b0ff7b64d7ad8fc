package io.github.f2d4j.model.plan;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Backend;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;

/**
 * What a calibration depends on: when it changes, speeds are measured again.
 *
 * @param processor the processor's model
 * @param processors processors that the JVM may use
 * @param backend the backend with its vector width and threads
 * @param engine the engine's version and build
 * @param jdk the JDK's version
 */
public record MachineProfile(
    String processor, int processors, String backend, String engine, String jdk) {
  /** The profile of this machine with {@code backend}. */
  public static MachineProfile of(Backend backend) {
    return new MachineProfile(
        processorModel(),
        Runtime.getRuntime().availableProcessors(),
        backend.describe(),
        build(),
        Runtime.version().toString());
  }

  private static String processorModel() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name") || line.startsWith("CPU part"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch", "unknown"));
    } catch (IOException e) {
      return System.getProperty("os.arch", "unknown") + " " + System.getProperty("os.name", "");
    }
  }

  /** The version, and the age of the jar: snapshots of one version differ. */
  private static String build() {
    String version = Tensor.class.getPackage().getImplementationVersion();
    String age = "";
    CodeSource source = Tensor.class.getProtectionDomain().getCodeSource();
    try {
      if (source != null && Files.isRegularFile(Path.of(source.getLocation().toURI()))) {
        age = " of " + Files.getLastModifiedTime(Path.of(source.getLocation().toURI()));
      }
    } catch (IOException | URISyntaxException | IllegalArgumentException e) {
      age = ""; // Not a file: the version has to do.
    }
    return (version == null ? "development" : version) + age;
  }

  /** A short name for a file. */
  String fileName() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(toString().getBytes(StandardCharsets.UTF_8));
      return "calibration-" + HexFormat.of().formatHex(hash, 0, 8) + ".json";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
