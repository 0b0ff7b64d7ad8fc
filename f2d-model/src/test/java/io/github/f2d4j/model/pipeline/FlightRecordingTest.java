package io.github.f2d4j.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.cpu.ForkedJvm;
import io.github.f2d4j.engine.profile.FlightRecorder;
import io.github.f2d4j.model.demo.DemoModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a recording of the flight recorder shows of a generation, and life without a recorder. */
class FlightRecordingTest {
  private static final String PREFIX = "io.github.f2d4j.";

  @Test
  void generationsStagesAndKernelsAreEvents(@TempDir Path folder) throws Exception {
    GenerationRequest request = Fingerprint.request().steps(3).images(2).build();
    List<RecordedEvent> events;
    try (Recording recording = new Recording()) {
      for (String name : List.of("Generation", "Stage", "Kernel")) {
        recording.enable(PREFIX + name);
      }
      recording.start();
      Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(DemoModel.open().folder());
      FaceIdentity face = Fingerprint.face(pipeline);
      pipeline.generate(face, request);
      assertThrows(
          CancelledException.class,
          () ->
              pipeline.generate(
                  face,
                  request,
                  new GenerationListener() {
                    @Override
                    public boolean isCancelled() {
                      return true;
                    }
                  }));
      pipeline.close();
      recording.stop();
      Path file = folder.resolve("generation.jfr");
      recording.dump(file);
      events = RecordingFile.readAllEvents(file);
    }
    List<RecordedEvent> generations = of(events, "Generation");
    assertEquals(
        List.of("done", "cancelled"),
        generations.stream().map(e -> e.getString("outcome")).toList());
    RecordedEvent done = generations.getFirst();
    assertEquals(3, done.getInt("steps"));
    assertEquals(2, done.getInt("images"));
    assertEquals(20, done.getInt("width"));
    assertEquals(16, done.getInt("height"));
    assertEquals("EULER_ANCESTRAL", done.getString("scheduler"));
    assertEquals(Backends.get("cpu").name(), done.getString("backend"));
    Map<String, Long> stages =
        of(events, "Stage").stream()
            .collect(Collectors.groupingBy(e -> e.getString("stage"), Collectors.counting()));
    assertEquals(
        Map.of(
            Stage.Kind.LOAD.title(), 1L,
            Stage.Kind.FACE.title(), 1L,
            Stage.Kind.WORDS.title(), 2L,
            Stage.Kind.PROMPT.title(), 1L,
            Stage.Kind.STEP.title(), 3L,
            Stage.Kind.DECODE.title(), 2L),
        stages);
    assertTrue(of(events, "Kernel").stream().anyMatch(e -> e.getString("family").equals("attend")));
  }

  private static List<RecordedEvent> of(List<RecordedEvent> events, String name) {
    return events.stream().filter(e -> e.getEventType().getName().equals(PREFIX + name)).toList();
  }

  /** As in an image that {@code jlink} has made without the recorder. */
  @Test
  void withoutTheRecorderAllElseWorks() throws Exception {
    Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(DemoModel.open().folder());
    String expected = Fingerprint.of(Fingerprint.generate(pipeline, Fingerprint.request().build()));
    String modules = "java.desktop,java.logging,jdk.management,jdk.incubator.vector";
    String said =
        ForkedJvm.run(
            WithoutRecorder.class,
            List.of("--limit-modules", modules, "--add-modules", "jdk.incubator.vector"),
            List.of());
    assertTrue(said.contains("recorder: false"), said);
    assertTrue(said.contains(Fingerprint.MARK + expected), said);
  }

  /** Says whether there is a recorder, and makes the picture. */
  static final class WithoutRecorder {
    private WithoutRecorder() {}

    public static void main(String[] args) throws Exception {
      System.out.println("recorder: " + FlightRecorder.PRESENT);
      Fingerprint.main(args);
    }
  }
}
