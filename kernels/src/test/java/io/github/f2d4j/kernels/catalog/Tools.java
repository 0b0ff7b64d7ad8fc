package io.github.f2d4j.kernels.catalog;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The CUDA toolkit's programs, where they are. */
final class Tools {
  private Tools() {}

  static boolean present(String program) {
    String path = System.getenv("PATH");
    if (path == null) {
      return false;
    }
    for (String folder : path.split(File.pathSeparator, -1)) {
      if (Files.isExecutable(Path.of(folder, program))) {
        return true;
      }
    }
    return false;
  }

  /** The version of nvcc, {@code 13.0.88} for example; empty if there is none. */
  static String nvcc() throws IOException, InterruptedException {
    if (!present("nvcc")) {
      return "";
    }
    Matcher version = Pattern.compile(", V(\\S+)").matcher(run("nvcc", "--version"));
    return version.find() ? version.group(1) : "";
  }

  /** What a program prints; an error if it fails. */
  static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(5, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError(String.join(" ", command) + " does not end");
    }
    if (process.exitValue() != 0) {
      throw new AssertionError(
          String.join(" ", command) + " gave " + process.exitValue() + ": " + output);
    }
    return output;
  }
}
