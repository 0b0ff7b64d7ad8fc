package io.github.f2d4j.gpubundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The steps that measure, with tiny networks and another backend in the place of CUDA's. */
class RehearsalTest {
  @TempDir Path folder;

  private String output = "";

  private int rehearse(String backend, String steps, Path out) throws Exception {
    ProgramRun run = new ProgramRun(folder);
    int status =
        run.start(
            List.of("-Df2d4j.rehearsal=" + backend),
            List.of("--rehearse", "--out", out.toString(), "--only", steps));
    output = run.output();
    return status;
  }

  @Test
  void measuresAndWritesItDown() throws Exception {
    Path out = folder.resolve("out");
    assertEquals(0, rehearse("cpu", "networks-f32,pictures-f32", out), output);
    JsonNode result = new ObjectMapper().readTree(out.resolve("gpu-result.json").toFile());
    assertEquals("The bundle is whole; no GPU was used.", result.path("verdict").asText());
    JsonNode networks = result.path("steps").get(0);
    assertEquals("passed", networks.path("status").asText(), output);
    List<String> measured = new ArrayList<>();
    for (JsonNode row : networks.path("rows")) {
      measured.add(row.path("network").asText());
      assertTrue(row.path("ms").doubleValue() > 0, row.toString());
      assertEquals(0, row.path("relative error").doubleValue(), row.toString());
    }
    assertEquals(
        List.of("network unet", "network vae_decoder", "network text_encoder"), measured, output);
    JsonNode pictures = result.path("steps").get(1);
    assertEquals(2, pictures.path("passed").asInt(), output);
    assertTrue(pictures.path("rows").get(0).path("s").doubleValue() > 0, pictures.toString());
    List<String> figures = new ArrayList<>();
    result.path("figures").forEach(f -> figures.add(f.path("who").asText()));
    assertEquals(
        List.of("f2d4j, f32", "f2d4j, f32, prompt to PNG, 64x64, 2 steps, guidance"), figures);
    String text = Files.readString(out.resolve("gpu-result.md"));
    assertTrue(text.contains("| time to PNG | f2d4j, f32, prompt to PNG, 64x64"), text);
  }

  @Test
  void wrongResultsHaveNoTime() throws Exception {
    Path out = folder.resolve("out");
    assertEquals(1, rehearse(SkewedProvider.NAME, "networks-f32", out), output);
    JsonNode result = new ObjectMapper().readTree(out.resolve("gpu-result.json").toFile());
    assertEquals("The bundle does not work.", result.path("verdict").asText());
    JsonNode networks = result.path("steps").get(0);
    assertEquals("failed", networks.path("status").asText(), output);
    // The text encoder has no convolution.
    assertEquals(1, networks.path("rows").size(), networks.toString());
    assertEquals(2, networks.path("failures").size(), networks.toString());
    String message = networks.path("failures").get(0).path("message").asText();
    assertTrue(message.contains("against the CPU backend is more than the 1.0E-4"), message);
    assertFalse(output.contains("networks-f32: passed"), output);
  }

  /** As the peer's script writes it; the fastest compiled step is the measure of all. */
  @Test
  void stepsOfBothStandInOneTable() throws Exception {
    StepResult ours = new StepResult("networks-f16", "Networks");
    ours.rows.add(json("{\"network\": \"network unet\", \"ms\": 6.0}"));
    StepResult peers = new StepResult(PeerRun.NAME, "PyTorch");
    peers.facts.put(
        PeerRun.FACTS,
        json(
            """
            {"tables": {"ceilings": [{"variant": "x", "ms": 1}],
              "unet": [{"variant": "float16, eager", "ms": 18.0}],
              "unet-compile-reduce-overhead":
                [{"variant": "float16, torch.compile reduce-overhead", "ms": 12.0}],
              "unet-compile-max-autotune":
                [{"variant": "float16, torch.compile max-autotune", "ms": 8.0}]}}
            """));
    new ResultFiles(folder).write(List.of(ours, peers), "verdict");
    String text = Files.readString(folder.resolve("gpu-result.md"));
    String what = "| UNet step, batch 2, 64x64 latents | ";
    assertTrue(text.contains(what + "f2d4j, f16 | 6.000 | 0.7500 |"), text);
    assertTrue(text.contains(what + "PyTorch, float16, eager | 18.00 | 2.250 |"), text);
    assertTrue(
        text.contains(what + "PyTorch, float16, torch.compile max-autotune | 8.000 | 1.000 |"),
        text);
    assertFalse(text.contains("| x |"), text);
  }

  private static JsonNode json(String text) throws Exception {
    return new ObjectMapper().readTree(text);
  }
}
