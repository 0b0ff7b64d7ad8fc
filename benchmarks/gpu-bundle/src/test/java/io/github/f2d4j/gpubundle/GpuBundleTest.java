package io.github.f2d4j.gpubundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.f2d4j.kernels.catalog.GpuDevice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as it is started in the bundle; on a machine without a GPU it says so. */
class GpuBundleTest {
  @TempDir Path folder;

  private String output = "";

  private int run(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-modules=jdk.incubator.vector",
                "-Djava.io.tmpdir=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                GpuBundle.class.getName()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor();
  }

  @Test
  void saysWhyThereIsNothingToCheckAndWritesItDown() throws Exception {
    boolean gpu = GpuDevice.obstacles().isEmpty();
    Path out = folder.resolve("out");
    int status = run("--out", out.toString(), "--only", gpu ? "kernels" : "kernels,rates");
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

  @Test
  void refusesStepsThatDoNotExist() throws Exception {
    assertEquals(2, run("--only", "nothing"));
    assertTrue(output.contains("there are machine, kernels, "), output);
  }
}
