package io.github.f2d4j.gpubundle;

import java.nio.file.Path;
import java.util.Arrays;

/** The program of a step's process. */
final class StepMain {
  private StepMain() {}

  /**
   * Runs one step.
   *
   * @param arguments the file for events, the first case to run, the step, and what it takes
   */
  public static void main(String[] arguments) throws Exception {
    Events events = new Events(Path.of(arguments[0]));
    int first = Integer.parseInt(arguments[1]);
    String[] rest = Arrays.copyOfRange(arguments, 3, arguments.length);
    int exit =
        switch (arguments[2]) {
          case "machine" -> MachineFacts.run(events);
          case "kernels" -> KernelCaseRun.run(events, first);
          case "operators" ->
              OperatorRun.run(events, first, Step.Precision.named(rest[0]), rest[1]);
          case "goldens" -> GoldenRun.run(events, rest[0], rest[1], rest[2]);
          case "rates" -> KernelRates.run(events);
          case "networks" ->
              NetworkTimes.run(events, Step.Precision.named(rest[0]), rest[1], Scale.of(rest[2]));
          case "pictures" ->
              PictureRun.run(events, Step.Precision.named(rest[0]), rest[1], Scale.of(rest[2]));
          default -> throw new IllegalArgumentException("no step is called " + arguments[2]);
        };
    System.exit(exit); // also where a library left threads behind
  }
}
