package io.github.f2d4j.gpubundle;

import io.github.f2d4j.gpubundle.StepResult.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs all steps and writes what came of them. Ends with 0 if everything that was asked for is as
 * it should be, with 1 if something is not or could not be tried on this GPU, with 2 for wrong
 * arguments, and with {@value #NO_GPU} where there is no GPU or no driver.
 */
public final class GpuBundle {
  /** Nothing could be checked. */
  private static final int NO_GPU = 3;

  private static final String USAGE =
      """
      usage: run [--out FOLDER] [--only STEP,...] [--list] [--rehearse]
        --out FOLDER     where gpu-result.json, gpu-result.md and logs go (default: gpu-result)
        --only STEP,...  not all steps; the machine is always looked at
        --list           the steps
        --rehearse       without a GPU: the fixtures' tests on the CPU, and the steps that measure
                         networks and pictures with tiny ones; is the bundle whole?
      """;

  private final Path folder;
  private final List<String> wanted;
  private final List<StepResult> results = new ArrayList<>();

  private GpuBundle(Path folder, List<String> wanted) {
    this.folder = folder;
    this.wanted = List.copyOf(wanted);
  }

  /** Runs the bundle. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path folder = Path.of("gpu-result");
    boolean rehearse = List.of(arguments).contains("--rehearse");
    List<String> names = names(rehearse);
    List<String> wanted = names;
    for (int i = 0; i < arguments.length; i++) {
      boolean more = i + 1 < arguments.length;
      switch (arguments[i]) {
        case "--out" -> folder = Path.of(more ? arguments[++i] : usage("--out needs a folder"));
        case "--only" ->
            wanted =
                Arrays.asList((more ? arguments[++i] : usage("--only needs steps")).split(",", -1));
        case "--rehearse" -> {}
        case "--list" -> {
          System.out.println(String.join("\n", names));
          return;
        }
        default -> usage("unknown argument " + arguments[i]);
      }
    }
    for (String name : wanted) {
      if (!names.contains(name)) {
        usage("no step is called " + name + "; there are " + String.join(", ", names));
      }
    }
    Files.createDirectories(folder);
    GpuBundle bundle = new GpuBundle(folder.toAbsolutePath(), wanted);
    System.exit(rehearse ? bundle.rehearse() : bundle.run());
  }

  private static List<String> names(boolean rehearse) {
    List<String> names = new ArrayList<>();
    if (rehearse) {
      Step.rehearsal("cpu").forEach(step -> names.add(step.name()));
    } else {
      names.add(Step.MACHINE.name());
      Step.all().forEach(step -> names.add(step.name()));
      names.add(PeerRun.NAME);
    }
    return names;
  }

  private static String usage(String complaint) {
    System.err.println(complaint + "\n" + USAGE);
    System.exit(2);
    throw new AssertionError("exit returned");
  }

  private int rehearse() throws IOException, InterruptedException {
    for (Step step : Step.rehearsal(System.getProperty("f2d4j.rehearsal", "cpu"))) {
      if (wanted.contains(step.name())) {
        report(new StepProcess(folder).run(step));
      }
    }
    String verdict =
        complete() ? "The bundle is whole; no GPU was used." : "The bundle does not work.";
    new ResultFiles(folder).write(results, verdict);
    say(verdict);
    return complete() ? 0 : 1;
  }

  private int run() throws IOException, InterruptedException {
    StepProcess process = new StepProcess(folder);
    StepResult machine = process.run(Step.MACHINE);
    boolean gpu = machine.status() == Status.PASSED;
    report(machine);
    for (Step step : Step.all()) {
      if (wanted.contains(step.name())) {
        say(step.name() + " ...");
        report(
            gpu
                ? process.run(step)
                : StepResult.notPossible(step, List.of("there is no GPU, see the first step")));
      }
    }
    if (wanted.contains(PeerRun.NAME)) {
      say(PeerRun.NAME + " ...");
      report(PeerRun.run(folder));
    }
    String verdict = verdict(gpu);
    new ResultFiles(folder).write(results, verdict);
    say(verdict);
    say("results: " + folder.resolve("gpu-result.md") + ", gpu-result.json");
    if (machine.status() == Status.FAILED) {
      return 1;
    }
    return !gpu ? NO_GPU : complete() ? 0 : 1;
  }

  private void report(StepResult result) throws IOException {
    results.add(result);
    new ResultFiles(folder).write(results, "The run has not ended yet.");
    String text =
        switch (result.status()) {
          case PASSED -> "passed";
          case FAILED -> "FAILED, first: " + first(result);
          case NOT_POSSIBLE -> "not possible: " + String.join("; ", result.obstacles);
        };
    say(
        "%s: %s (%d passed, %d failed, %d skipped, %.1f s)"
            .formatted(
                result.name,
                text,
                result.passed,
                result.failures.size(),
                result.skipped.size(),
                result.seconds));
  }

  private static String first(StepResult result) {
    StepResult.Failure failure = result.failures.getFirst();
    return failure.name() + ": " + failure.message();
  }

  /** Peers are no part of the checks: their lack is no fault. */
  private boolean complete() {
    return results.stream()
        .allMatch(r -> r.status() == Status.PASSED || r.name.equals(PeerRun.NAME));
  }

  private String verdict(boolean gpu) {
    if (results.getFirst().status() == Status.FAILED) {
      return "What this machine has could not be found out, so nothing was checked.";
    }
    if (!gpu) {
      return "No driver or no GPU: nothing was checked. "
          + String.join("; ", results.getFirst().obstacles);
    }
    return complete()
        ? "Everything that was asked for passed."
        : "Not everything passed, or could be tried: see the table.";
  }

  private static void say(String text) {
    System.out.println(text);
  }
}
