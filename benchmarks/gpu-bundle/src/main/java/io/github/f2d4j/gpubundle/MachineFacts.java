package io.github.f2d4j.gpubundle;

import io.github.f2d4j.engine.backend.BackendProvider.Finding;
import io.github.f2d4j.kernels.catalog.GpuDevice;
import io.github.f2d4j.kernels.setup.CudaSetup;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** Date, versions, processor, and everything that can be found out about GPU and libraries. */
final class MachineFacts {
  private MachineFacts() {}

  static int run(Events events) throws IOException, InterruptedException {
    events.fact("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    Properties build = build();
    build.stringPropertyNames().stream()
        .sorted()
        .forEach(name -> events.fact("bundle " + name, build.getProperty(name)));
    events.fact("java", Runtime.version().toString());
    events.fact("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    events.fact("processor", processor());
    events.fact("processors", Runtime.getRuntime().availableProcessors());
    String smi = nvidiaSmi();
    if (!smi.isEmpty()) {
      events.fact("nvidia-smi", smi);
    }
    CudaSetup setup = CudaSetup.ofThisMachine();
    int[] subjects = new int[1];
    for (Finding finding : setup.findings()) {
      events.fact(
          ++subjects[0] + ". " + finding.subject(), (finding.good() ? "" : "! ") + finding.text());
    }
    List<String> obstacles = GpuDevice.obstacles();
    if (!obstacles.isEmpty()) {
      events.notPossible(obstacles);
    }
    return 0;
  }

  private static Properties build() throws IOException {
    Properties build = new Properties();
    try (InputStream in = MachineFacts.class.getResourceAsStream("build.properties")) {
      if (in != null) {
        build.load(in);
      }
    }
    return build;
  }

  private static String processor() throws IOException {
    Path file = Path.of("/proc/cpuinfo");
    if (!Files.exists(file)) {
      return "unknown";
    }
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }

  /** Nothing where there is no such program. */
  private static String nvidiaSmi() throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(
                  "nvidia-smi",
                  "--query-gpu=name,driver_version,memory.total,clocks.max.sm,clocks.max.mem,"
                      + "power.limit",
                  "--format=csv,noheader")
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor(1, TimeUnit.MINUTES);
      return text.strip();
    } catch (IOException e) {
      return "";
    }
  }
}
