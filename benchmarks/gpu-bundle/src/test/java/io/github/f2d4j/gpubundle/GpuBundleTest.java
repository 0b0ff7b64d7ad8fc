package io.github.f2d4j.gpubundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.f2d4j.kernels.catalog.GpuDevice;
import io.github.f2d4j.kernels.catalog.KernelCases;
import io.github.f2d4j.kernels.catalog.PtxSet;
import io.github.f2d4j.kernels.mock.Mocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as it is started in the bundle; on a machine without a GPU it says so. */
class GpuBundleTest {
  @TempDir Path folder;

  private String output = "";

  private int run(List<String> flags, String... arguments)
      throws IOException, InterruptedException {
    ProgramRun program = new ProgramRun(folder);
    int status = program.start(flags, List.of(arguments));
    output = program.output();
    return status;
  }

  @Test
  void saysWhyThereIsNothingToCheckAndWritesItDown() throws Exception {
    boolean gpu = GpuDevice.obstacles().isEmpty();
    Path out = folder.resolve("out");
    int status =
        run(List.of(), "--out", out.toString(), "--only", gpu ? "kernels" : "kernels,rates");
    assertEquals(gpu ? 0 : 3, status, output);
    JsonNode result = new ObjectMapper().readTree(out.resolve("gpu-result.json").toFile());
    assertEquals("machine", result.path("steps").get(0).path("name").asText());
    assertTrue(result.path("steps").get(0).path("facts").has("processor"), result.toString());
    String step = result.path("steps").get(1).path("status").asText();
    assertEquals(gpu ? "passed" : "not possible", step);
    if (!gpu) {
      assertTrue(output.contains("libcuda.so.1 is in none of"), output);
    }
    assertTrue(Files.readString(out.resolve("gpu-result.md")).contains("## The machine"));
  }

  /** A driver whose kernels do nothing: every case notices that nothing was written. */
  @Test
  void noCasePassesWhereKernelsDoNothing() throws Exception {
    Mocks mocks = Mocks.in(Files.createDirectories(folder.resolve("mock"))).driver();
    Path out = folder.resolve("out");
    List<String> flags = List.of("-Df2d4j.cuda.path=" + mocks.folder());
    assertEquals(1, run(flags, "--out", out.toString(), "--only", "kernels"), output);
    JsonNode result = new ObjectMapper().readTree(out.resolve("gpu-result.json").toFile());
    JsonNode kernels = result.path("steps").get(1);
    assertEquals("failed", kernels.path("status").asText(), output);
    assertEquals(0, kernels.path("passed").asInt());
    int cases = KernelCases.all(PtxSet.SM80).size() + KernelCases.all(PtxSet.SM70).size();
    assertEquals(cases, kernels.path("failures").size());
    for (JsonNode failure : kernels.path("failures")) {
      String message = failure.path("message").asText();
      assertTrue(message.startsWith("org.opentest4j.AssertionFailedError"), failure.toString());
    }
  }

  @Test
  void refusesStepsThatDoNotExist() throws Exception {
    assertEquals(2, run(List.of(), "--only", "nothing"));
    assertTrue(output.contains("there are machine, kernels, "), output);
  }
}
