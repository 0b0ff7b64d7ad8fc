package io.github.f2d4j.gpubundle;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What came of a step, gathered from its events and from the end of its process. */
final class StepResult {
  /** In one word. */
  enum Status {
    PASSED,
    FAILED,
    /** Something that it needs is not here. */
    NOT_POSSIBLE
  }

  /** A case that is not as it should be. */
  record Failure(String name, String message) {}

  final String name;
  final String title;
  final List<Failure> failures = new ArrayList<>();
  final List<Failure> skipped = new ArrayList<>();
  final List<String> obstacles = new ArrayList<>();
  final Map<String, JsonNode> facts = new LinkedHashMap<>();
  final List<JsonNode> rows = new ArrayList<>();
  int passed;
  double seconds;

  StepResult(String name, String title) {
    this.name = name;
    this.title = title;
  }

  static StepResult notPossible(Step step, List<String> reasons) {
    StepResult result = new StepResult(step.name(), step.title());
    result.obstacles.addAll(reasons);
    return result;
  }

  Status status() {
    if (!failures.isEmpty()) {
      return Status.FAILED;
    }
    return obstacles.isEmpty() ? Status.PASSED : Status.NOT_POSSIBLE;
  }

  /**
   * Adds the events of one process.
   *
   * @param end how it ended, if not well
   * @return the number of cases that were begun
   */
  int add(List<JsonNode> events, String end) {
    String running = "";
    int begun = 0;
    for (JsonNode event : events) {
      String message = event.path("message").asText();
      switch (event.path("event").asText()) {
        case "start" -> {
          running = event.path("name").asText();
          begun++;
        }
        case "pass" -> {
          passed++;
          running = "";
        }
        case "fail" -> {
          failures.add(new Failure(running, message));
          running = "";
        }
        case "skip" -> {
          skipped.add(new Failure(running, message));
          running = "";
        }
        case "not possible" ->
            event.path("reasons").forEach(reason -> obstacles.add(reason.asText()));
        case "fact" -> facts.put(event.path("name").asText(), event.path("value"));
        case "row" -> rows.add(event.path("columns"));
        default -> throw new IllegalArgumentException("unknown event " + event);
      }
    }
    if (!end.isEmpty()) {
      failures.add(new Failure(running.isEmpty() ? "the process" : running, end));
    } else if (!running.isEmpty()) {
      failures.add(new Failure(running, "the process ended in the midst of it"));
    }
    return begun;
  }
}
