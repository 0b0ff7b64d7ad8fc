package io.github.f2d4j.gpubundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.f2d4j.gpubundle.StepResult.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes {@code gpu-result.json} and {@code gpu-result.md}; after each step anew. */
final class ResultFiles {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Of a list of failures, as many are told in Markdown. */
  private static final int TOLD = 40;

  private final Path folder;

  ResultFiles(Path folder) {
    this.folder = folder;
  }

  void write(List<StepResult> results, String verdict) throws IOException {
    Files.writeString(folder.resolve("gpu-result.json"), json(results, verdict) + "\n");
    Files.writeString(folder.resolve("gpu-result.md"), markdown(results, verdict));
  }

  private static String json(List<StepResult> results, String verdict) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.put("verdict", verdict);
    root.set("figures", JSON.valueToTree(new Figures(results).rows()));
    ArrayNode steps = root.putArray("steps");
    for (StepResult r : results) {
      ObjectNode step = steps.addObject();
      step.put("name", r.name);
      step.put("title", r.title);
      step.put("status", status(r));
      step.put("seconds", r.seconds);
      step.put("passed", r.passed);
      step.set("failures", JSON.valueToTree(r.failures));
      step.set("skipped", JSON.valueToTree(r.skipped));
      step.set("obstacles", JSON.valueToTree(r.obstacles));
      step.set("facts", JSON.valueToTree(r.facts));
      step.set("rows", JSON.valueToTree(r.rows));
    }
    return JSON.writeValueAsString(root);
  }

  private static String status(StepResult r) {
    return switch (r.status()) {
      case PASSED -> "passed";
      case FAILED -> "failed";
      case NOT_POSSIBLE -> "not possible";
    };
  }

  private static String markdown(List<StepResult> results, String verdict) {
    StringBuilder text = new StringBuilder("# f2d4j on a GPU\n\n" + verdict + "\n\n");
    text.append(
        "| step | status | passed | failed | skipped | seconds |\n|---|---|---|---|---|---|\n");
    for (StepResult r : results) {
      text.append(
          "| %s | %s | %d | %d | %d | %.1f |%n"
              .formatted(
                  r.name, status(r), r.passed, r.failures.size(), r.skipped.size(), r.seconds));
    }
    List<JsonNode> figures = new ArrayList<>();
    new Figures(results).rows().forEach(row -> figures.add(JSON.valueToTree(row)));
    if (!figures.isEmpty()) {
      text.append("\n## A step beside PyTorch's, and a picture\n");
      table(text, figures);
    }
    for (StepResult r : results) {
      text.append("\n## ").append(r.title).append("\n\n");
      r.obstacles.forEach(o -> text.append("Not possible: ").append(line(o)).append("\n\n"));
      r.facts.forEach(
          (name, value) -> {
            if (value.isValueNode()) {
              text.append("- ").append(name).append(": ").append(line(value.asText())).append('\n');
            }
          });
      failures(text, "Failed", r.failures);
      failures(text, "Skipped", r.skipped);
      table(text, r.rows);
    }
    return text.toString().replace("\r", "");
  }

  private static void failures(StringBuilder text, String title, List<Failure> failures) {
    if (failures.isEmpty()) {
      return;
    }
    text.append("\n").append(title).append(":\n\n");
    for (Failure f : failures.subList(0, Math.min(TOLD, failures.size()))) {
      text.append("- `").append(line(f.name())).append("`: ").append(line(f.message()));
      text.append('\n');
    }
    if (failures.size() > TOLD) {
      text.append("- and ").append(failures.size() - TOLD).append(" more, see the JSON\n");
    }
  }

  private static void table(StringBuilder text, List<JsonNode> rows) {
    if (rows.isEmpty()) {
      return;
    }
    List<String> columns = new ArrayList<>();
    rows.getFirst().fieldNames().forEachRemaining(columns::add);
    text.append("\n| ").append(String.join(" | ", columns)).append(" |\n");
    text.append("|---".repeat(columns.size())).append("|\n");
    for (JsonNode row : rows) {
      text.append('|');
      for (String column : columns) {
        text.append(' ').append(cell(row.path(column))).append(" |");
      }
      text.append('\n');
    }
  }

  private static String cell(JsonNode value) {
    return value.isFloatingPointNumber()
        ? String.format(Locale.ROOT, "%.4g", value.doubleValue())
        : line(value.asText());
  }

  private static String line(String text) {
    return text.replaceAll("\\s+", " ").replace("|", "\\|").strip();
  }
}
