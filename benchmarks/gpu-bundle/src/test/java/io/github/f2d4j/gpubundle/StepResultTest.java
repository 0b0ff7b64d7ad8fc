package io.github.f2d4j.gpubundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.gpubundle.StepResult.Failure;
import io.github.f2d4j.gpubundle.StepResult.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a step's process wrote is told as it was, however the process ended. */
class StepResultTest {
  @TempDir Path folder;

  private StepResult result() {
    return new StepResult("kernels", "The kernels");
  }

  @Test
  void gathersEveryKindOfEvent() throws IOException {
    Path file = folder.resolve("events");
    Events events = new Events(file);
    events.start("a");
    events.pass();
    events.start("b | c");
    events.fail("element 3\nis wrong");
    events.start("d");
    events.skip("no such fixture");
    events.fact("device", "a GPU");
    events.row(Map.of("us", 1.5));
    StepResult result = result();
    assertEquals(3, result.add(Events.read(file), ""));
    assertEquals(1, result.passed);
    assertEquals(List.of(new Failure("b | c", "element 3\nis wrong")), result.failures);
    assertEquals(List.of(new Failure("d", "no such fixture")), result.skipped);
    assertEquals("a GPU", result.facts.get("device").asText());
    assertEquals(1.5, result.rows.getFirst().path("us").doubleValue());
    assertEquals(Status.FAILED, result.status());
    new ResultFiles(folder).write(List.of(result), "verdict");
    String text = Files.readString(folder.resolve("gpu-result.md"));
    assertTrue(text.contains("- `b \\| c`: element 3 is wrong\n"), text);
    assertTrue(Files.readString(folder.resolve("gpu-result.json")).contains("is wrong"));
  }

  @Test
  void blamesTheCaseThatEndedTheProcess() throws IOException {
    Path file = folder.resolve("events");
    Events events = new Events(file);
    events.start("a");
    events.pass();
    events.start("b");
    Files.writeString(file, "{\"event\": \"pa", StandardOpenOption.APPEND);
    StepResult result = result();
    assertEquals(2, result.add(Events.read(file), "the process ended with status 134"));
    assertEquals(List.of(new Failure("b", "the process ended with status 134")), result.failures);
  }

  @Test
  void whatCannotBeDoneIsNoSuccess() throws IOException {
    Path file = folder.resolve("events");
    new Events(file).notPossible(List.of("no GPU"));
    StepResult result = result();
    result.add(Events.read(file), "");
    assertEquals(Status.NOT_POSSIBLE, result.status());
  }
}
