package io.github.f2d4j.gpubundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** PyTorch at the same networks and operators, where a Python has it. */
final class PeerRun {
  static final String NAME = "peers";

  /** The fact that holds the script's JSON. */
  static final String FACTS = "unet_torch";

  private static final String TITLE = "PyTorch, the same networks and operators";
  private static final int MINUTES = 20;

  private PeerRun() {}

  /** The script, beside the bundle's other files. */
  private static Optional<Path> script() {
    return Optional.ofNullable(System.getProperty("f2d4j.peers")).map(Path::of);
  }

  /** Why there is nothing to compare with; empty if there is. */
  private static List<String> obstacles() throws IOException, InterruptedException {
    if (script().isEmpty()) {
      return List.of("the bundle's scripts are not known: -Df2d4j.peers is not set");
    }
    try {
      Process process =
          new ProcessBuilder("python3", "-c", "import torch; assert torch.cuda.is_available()")
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0
          ? List.of()
          : List.of("python3 has no PyTorch that sees a GPU: " + text.strip());
    } catch (IOException e) {
      return List.of("there is no python3: " + e.getMessage());
    }
  }

  static StepResult run(Path folder) throws IOException, InterruptedException {
    StepResult result = new StepResult(NAME, TITLE);
    result.obstacles.addAll(obstacles());
    if (!result.obstacles.isEmpty()) {
      return result;
    }
    long start = System.nanoTime();
    Path log = folder.resolve(NAME + ".log");
    Process process =
        new ProcessBuilder(
                "python3",
                script().orElseThrow().toString(),
                "--out",
                folder.toString(),
                "--seconds",
                Integer.toString(MINUTES * 60 - 120))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    process.getOutputStream().close();
    boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
    process.destroyForcibly();
    result.seconds = (System.nanoTime() - start) / 1e9;
    Path json = folder.resolve("unet_torch.json");
    if (Files.exists(json)) {
      JsonNode content = new ObjectMapper().readTree(Files.readString(json));
      result.facts.put(FACTS, content);
      result.passed++;
    }
    if (!ended) {
      result.failures.add(
          new StepResult.Failure(NAME, "still at it after " + MINUTES + " minutes"));
    } else if (process.exitValue() != 0) {
      result.failures.add(
          new StepResult.Failure(NAME, "status " + process.exitValue() + ", see " + log));
    }
    return result;
  }
}
