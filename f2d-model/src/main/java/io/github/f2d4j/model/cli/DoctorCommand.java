package io.github.f2d4j.model.cli;

import io.github.f2d4j.engine.backend.BackendProvider.Availability;
import io.github.f2d4j.engine.backend.BackendProvider.Available;
import io.github.f2d4j.engine.backend.BackendProvider.Unavailable;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.cpu.simd.Lanes;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Looks at everything that a run depends on and says what is well and what is not. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = "Check the JDK, the processor, memory, backends and, if given, a model folder.")
final class DoctorCommand implements Callable<Integer> {
  @Mixin private OutputOptions output = new OutputOptions();

  @Option(
      names = "--model",
      paramLabel = "FOLDER",
      description = "Also load this model folder and check every weight.")
  private @Nullable Path model;

  /** One thing looked at. */
  private record Finding(Level level, String subject, String text) {}

  private enum Level {
    OK,
    NOTE,
    WARNING,
    PROBLEM
  }

  private final List<Finding> findings = new ArrayList<>();

  @Override
  public Integer call() throws IOException {
    jdk();
    processor();
    memory();
    backends();
    model();
    boolean problem = findings.stream().anyMatch(f -> f.level == Level.PROBLEM);
    report(problem);
    return (problem ? ExitCode.UNHEALTHY : ExitCode.OK).code();
  }

  private void add(Level level, String subject, String text) {
    findings.add(new Finding(level, subject, text));
  }

  private void jdk() {
    Runtime.Version version = Runtime.version();
    String vendor = System.getProperty("java.vendor", "unknown vendor");
    add(Level.OK, "jdk", version + ", " + vendor + ", " + System.getProperty("java.home"));
    Machine.jdkRisk(version).ifPresent(risk -> add(Level.WARNING, "jdk", risk));
  }

  private void processor() {
    add(
        Lanes.VECTOR ? Level.OK : Level.WARNING,
        "lanes",
        Lanes.describe()
            + (Lanes.VECTOR ? "" : ": slower than vectors; start java with " + Lanes.FLAG));
    add(Level.OK, "matrix unit", CpuBackend.matrixUnit());
    int threads = WorkPool.shared().threads();
    int processors = Runtime.getRuntime().availableProcessors();
    add(
        threads <= processors ? Level.OK : Level.NOTE,
        "threads",
        threads + " of " + processors + " processors");
  }

  private void memory() {
    add(
        Level.OK,
        "memory",
        Machine.gib(Machine.physicalMemory())
            + " in all, "
            + Machine.gib(Machine.freeMemory())
            + " free, heap up to "
            + Machine.gib(Runtime.getRuntime().maxMemory()));
    long limit = Machine.offHeapLimit();
    boolean small = limit < Machine.physicalMemory() / 2;
    add(
        small ? Level.NOTE : Level.OK,
        "off-heap",
        "up to "
            + Machine.gib(limit)
            + (small
                ? "; tensors live there: raise -XX:MaxDirectMemorySize for large models"
                : ""));
  }

  private void backends() {
    for (Map.Entry<String, Availability> e : Backends.available().entrySet()) {
      switch (e.getValue()) {
        case Available a ->
            add(Level.OK, "backend " + e.getKey(), "available: " + a.backend().describe());
        case Unavailable u ->
            u.reasons().forEach(r -> add(Level.NOTE, "backend " + e.getKey(), "unavailable: " + r));
      }
    }
    Backends.examine().forEach(f -> add(f.good() ? Level.OK : Level.NOTE, f.subject(), f.text()));
    if (Backends.available().values().stream().noneMatch(a -> a instanceof Available)) {
      add(Level.PROBLEM, "backends", "none is available");
    }
  }

  private void model() throws IOException {
    if (model == null) {
      add(Level.NOTE, "model", "none given; --model FOLDER checks one");
      return;
    }
    try {
      Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(model);
      add(Level.OK, "model", model + ": every weight is there and finite; " + pipeline);
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      Failure failure = Failure.of(e);
      if (failure.code() == ExitCode.INTERNAL) {
        throw e;
      }
      add(Level.PROBLEM, "model", failure.message());
    }
  }

  private void report(boolean problem) {
    StringBuilder text = new StringBuilder();
    List<Map<String, String>> rows = new ArrayList<>();
    for (Finding f : findings) {
      String mark =
          switch (f.level) {
            case OK -> "ok  ";
            case NOTE -> "note";
            case WARNING -> "warn";
            case PROBLEM -> "FAIL";
          };
      text.append("%s  %-14s %s%n".formatted(mark, f.subject, f.text));
      Map<String, String> row = new LinkedHashMap<>();
      row.put("level", f.level.name().toLowerCase(Locale.ROOT));
      row.put("subject", f.subject);
      row.put("text", f.text);
      rows.add(row);
    }
    text.append(problem ? "f2d cannot run as asked; see FAIL above." : "f2d can run.");
    output.console().result(text.toString(), Map.of("healthy", !problem, "findings", rows));
  }
}
