package io.github.f2d4j.model.cli;

import io.github.f2d4j.weights.convert.Inspection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists what a checkpoint holds. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description =
        "List the tensors and other values of a checkpoint, and what kind of model it is. Nothing"
            + " in a PyTorch file is executed.",
    sortOptions = false)
final class InspectCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "Checkpoint files, folders that hold one, or model folders.")
  private List<Path> files = List.of();

  @Option(
      names = {"-s", "--summary"},
      description = "Print kinds and totals only, not every tensor.")
  private boolean summary;

  @Mixin private OutputOptions talk = new OutputOptions();

  @Override
  public Integer call() throws IOException {
    Console console = talk.console();
    List<String> lines = new ArrayList<>();
    List<Map<String, Object>> objects = new ArrayList<>();
    for (Path file : files) {
      for (Inspection i : Inspection.of(file)) {
        text(i, lines);
        objects.add(object(i));
      }
    }
    console.result(String.join(System.lineSeparator(), lines), Map.of("checkpoints", objects));
    return ExitCode.OK.code();
  }

  private void text(Inspection i, List<String> lines) {
    lines.add(i.path() + ": " + i.title());
    if (!i.remedy().isEmpty()) {
      lines.add("  not usable here: " + i.remedy());
    }
    if (!summary) {
      int width = i.tensors().stream().mapToInt(t -> t.key().length()).max().orElse(0);
      for (Inspection.Line t : i.tensors()) {
        lines.add("  %%-%ds  %%s".formatted(Math.max(1, width)).formatted(t.key(), t.type()));
      }
    }
    i.values().forEach((key, value) -> lines.add("  " + key + " = " + value));
    lines.add(
        "  %d tensors, %d elements, %.1f MB; by type %s"
            .formatted(i.tensors().size(), i.elements(), i.bytes() / 1e6, i.byType()));
  }

  private Map<String, Object> object(Inspection i) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("path", i.path().toString());
    object.put("kind", i.title());
    object.put("usable", i.remedy().isEmpty() && i.isKnown());
    object.put("tensors", i.tensors().size());
    object.put("elements", i.elements());
    object.put("bytes", i.bytes());
    object.put("by_type", i.byType());
    object.put("values", i.values());
    if (!summary) {
      Map<String, Object> tensors = new LinkedHashMap<>();
      for (Inspection.Line t : i.tensors()) {
        tensors.put(
            t.key(), Map.of("dtype", t.type().dtype().name(), "shape", t.type().shape().dims()));
      }
      object.put("keys", tensors);
    }
    return object;
  }
}
