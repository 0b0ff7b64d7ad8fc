package io.github.f2d4j.gpubundle;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a step in a JVM like this one; a step of cases goes on after one that ends the process. */
final class StepProcess {
  /** What a step's process ends with to be started again after the case that it was at. */
  static final int AGAIN = 10;

  private static final int MOST_STARTS = 12;
  private static final int LOG_TAIL = 1500;

  private final Path folder;

  /**
   * Runs steps.
   *
   * @param folder for their logs
   */
  StepProcess(Path folder) {
    this.folder = folder;
  }

  StepResult run(Step step) throws IOException, InterruptedException {
    StepResult result = new StepResult(step.name(), step.title());
    long start = System.nanoTime();
    long deadline = start + TimeUnit.MINUTES.toNanos(step.minutes());
    int first = 0;
    for (int i = 0; i < MOST_STARTS; i++) {
      String log = step.name() + (i == 0 ? "" : "-" + i);
      Path events = folder.resolve(log + ".events");
      Files.deleteIfExists(events);
      int before = result.failures.size();
      int exit = start(step, events, folder.resolve(log + ".log"), first, deadline);
      List<JsonNode> written = Events.read(events);
      boolean ended = exit == 0 || exit == AGAIN;
      first += result.add(written, ended ? "" : end(exit, folder.resolve(log + ".log"), step));
      boolean goesOn = exit != 0 && exit != -1 && result.failures.size() > before;
      if (!goesOn || !step.resumes()) {
        break;
      }
    }
    result.seconds = (System.nanoTime() - start) / 1e9;
    return result;
  }

  /** The exit status; -1 if the time was up. */
  private static int start(Step step, Path events, Path log, int first, long deadline)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
    command.addAll(jvmFlags());
    command.addAll(step.flags());
    command.add("-cp");
    command.add(System.getProperty("java.class.path", ""));
    command.add(StepMain.class.getName());
    command.add(events.toString());
    command.add(Integer.toString(first));
    command.addAll(step.command());
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    try {
      if (process.waitFor(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        return process.exitValue();
      }
      return -1;
    } finally {
      process.destroyForcibly();
    }
  }

  /** The flags that every JVM of the bundle gets; what this one was told of f2d4j among them. */
  private static List<String> jvmFlags() {
    List<String> flags =
        new ArrayList<>(
            List.of(
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.awt.headless=true",
                "-Xmx4g",
                "-XX:MaxDirectMemorySize=64g"));
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith("f2d4j.") || name.equals("goldens") || name.equals("java.io.tmpdir")) {
        flags.add("-D" + name + "=" + System.getProperty(name));
      }
    }
    return flags;
  }

  private static String end(int exit, Path log, Step step) throws IOException {
    String text = Files.exists(log) ? Files.readString(log) : "";
    String tail = text.length() > LOG_TAIL ? text.substring(text.length() - LOG_TAIL) : text;
    return (exit == -1
            ? "still at it after " + step.minutes() + " minutes"
            : "the process ended with status " + exit)
        + "; its last words: "
        + tail.strip();
  }
}
