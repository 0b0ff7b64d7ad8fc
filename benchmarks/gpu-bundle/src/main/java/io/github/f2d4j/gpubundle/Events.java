package io.github.f2d4j.gpubundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a step has done so far, one JSON object on each line of a file: whatever becomes of its
 * process, what was written is there.
 */
final class Events {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;

  Events(Path file) {
    this.file = file;
  }

  /** A case begins. */
  void start(String name) {
    write(Map.of("event", "start", "name", name));
  }

  /** The case that was begun is as it should be. */
  void pass() {
    write(Map.of("event", "pass"));
  }

  /** The case that was begun is not. */
  void fail(String message) {
    write(Map.of("event", "fail", "message", message));
  }

  /** The case that was begun cannot be run here. */
  void skip(String reason) {
    write(Map.of("event", "skip", "message", reason));
  }

  /** The whole step cannot be run here. */
  void notPossible(List<String> reasons) {
    write(Map.of("event", "not possible", "reasons", reasons));
  }

  /** A fact about the machine or the step. */
  void fact(String name, Object value) {
    write(Map.of("event", "fact", "name", name, "value", value));
  }

  /** A row of the step's table; columns in the order of the map. */
  void row(Map<String, ?> columns) {
    ObjectNode node = JSON.createObjectNode().put("event", "row");
    node.set("columns", JSON.valueToTree(columns));
    append(node.toString());
  }

  private void write(Map<String, Object> event) {
    append(JSON.valueToTree(event).toString());
  }

  private void append(String line) {
    try {
      Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Everything that was written; the last line may be cut off and is left out then. */
  static List<JsonNode> read(Path file) throws IOException {
    List<JsonNode> events = new ArrayList<>();
    if (!Files.exists(file)) {
      return events;
    }
    for (String line : Files.readAllLines(file)) {
      try {
        events.add(JSON.readTree(line));
      } catch (IOException e) {
        break; // the process ended while it wrote
      }
    }
    return events;
  }
}
