package io.github.f2d4j.model.cli;

import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.cost.Family;
import io.github.f2d4j.model.pipeline.ModelFolder;
import io.github.f2d4j.model.plan.GenerationPlan;
import io.github.f2d4j.model.plan.MemoryEstimate;
import io.github.f2d4j.model.plan.MemoryLimit;
import io.github.f2d4j.model.plan.StageEstimate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A plan for people and for programs. */
final class PlanReport {
  private static final String LINE = System.lineSeparator();

  private final ModelFolder folder;
  private final GenerationPlan plan;
  private final MemoryLimit limit;
  private final @Nullable String shortage;

  /**
   * A report.
   *
   * @param shortage why the memory does not suffice, or null
   */
  PlanReport(
      ModelFolder folder, GenerationPlan plan, MemoryLimit limit, @Nullable String shortage) {
    this.folder = folder;
    this.plan = plan;
    this.limit = limit;
    this.shortage = shortage;
  }

  // ---- for people

  String text() {
    StringBuilder t = new StringBuilder();
    t.append(
        "%s: %d x %d pixels, %d %s, %d steps, guidance %s, backend %s%n%n"
            .formatted(
                folder,
                plan.request().width(),
                plan.request().height(),
                plan.request().images(),
                plan.request().images() == 1 ? "picture" : "pictures",
                plan.request().steps(),
                plan.request().guidanceScale(),
                Backends.current().describe()));
    MemoryEstimate m = plan.memory();
    t.append(row("peak memory, resident", size(m.residentBytes())));
    t.append(row("  weights, packed for the kernels", size(m.packedBytes())));
    t.append(row("  weight files, mapped", size(m.mappedBytes()) + "  (given back when needed)"));
    long least =
        plan.stages().stream().mapToLong(StageEstimate::leastWorkspaceBytes).max().orElse(0);
    t.append(
        row(
            "  working memory",
            size(m.workspaceBytes()) + "  (in use at one time: " + size(least) + ")"));
    t.append(row("  latents and pictures", size(m.resultBytes())));
    t.append(row("  JVM", size(m.jvmBytes())));
    t.append(row("memory that must be there", size(m.neededBytes())));
    t.append(row("memory there is", size(limit.bytes()) + "  (" + limit.source() + ")"));
    t.append(LINE);
    t.append(stages());
    Double seconds = plan.seconds();
    Double loading = plan.loading();
    if (seconds != null && loading != null) {
      t.append(LINE).append(row("loading", time(loading)));
      t.append(row("warming up, packing weights", time(plan.once() == null ? 0 : plan.once())));
      t.append(row("from loaded model to pictures", time(seconds)));
    }
    t.append(LINE).append(shortage == null ? "It fits." : "It does not fit: " + shortage);
    return t.toString();
  }

  private static String row(String name, String value) {
    return "%-34s %s%n".formatted(name, value);
  }

  private String stages() {
    List<Family> families = new ArrayList<>();
    for (Family f : Family.values()) {
      if (plan.stages().stream().anyMatch(s -> s.products().getOrDefault(f, 0L) > 0)) {
        families.add(f);
      }
    }
    StringBuilder t = new StringBuilder("%-18s %6s".formatted("GFLOP", "calls"));
    families.forEach(f -> t.append(" %11s".formatted(lower(f))));
    t.append(" %11s %11s %10s%n".formatted("others", "a call", "time"));
    for (StageEstimate s : plan.stages()) {
      t.append("%-18s %6d".formatted(lower(s.stage()), s.calls()));
      for (Family f : families) {
        t.append(" %11s".formatted(giga(s.products().getOrDefault(f, 0L))));
      }
      long others = s.others().values().stream().mapToLong(Long::longValue).sum();
      long each = (s.totalProducts() + others) / Math.max(1, s.calls());
      Double seconds = s.seconds();
      t.append(
          " %11s %11s %10s%n"
              .formatted(giga(others), giga(each), seconds == null ? "-" : time(seconds)));
    }
    return t.toString();
  }

  private static String lower(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static String giga(long operations) {
    return String.format(Locale.ROOT, "%.2f", operations / 1e9);
  }

  private static String size(long bytes) {
    return bytes < 1L << 30
        ? String.format(Locale.ROOT, "%.0f MiB", bytes / (double) (1 << 20))
        : String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1L << 30));
  }

  private static String time(double seconds) {
    return Console.time(Duration.ofNanos((long) (seconds * 1e9)));
  }

  // ---- for programs

  Map<String, Object> object() {
    Map<String, Object> o = new LinkedHashMap<>();
    o.put("model", folder.toString());
    o.put("width", plan.request().width());
    o.put("height", plan.request().height());
    o.put("images", plan.request().images());
    o.put("steps", plan.request().steps());
    o.put("guidance", plan.request().guidanceScale());
    o.put("backend", Backends.current().describe());
    o.put("memory", memory());
    o.put("stages", plan.stages().stream().map(PlanReport::stage).toList());
    o.put("loading_seconds", plan.loading());
    o.put("once_seconds", plan.once());
    o.put("seconds", plan.seconds());
    o.put("fits", shortage == null);
    o.put("shortage", shortage);
    return o;
  }

  private Map<String, Object> memory() {
    MemoryEstimate m = plan.memory();
    Map<String, Object> o = new LinkedHashMap<>();
    o.put("resident_bytes", m.residentBytes());
    o.put("needed_bytes", m.neededBytes());
    o.put("packed_bytes", m.packedBytes());
    o.put("mapped_bytes", m.mappedBytes());
    o.put("workspace_bytes", m.workspaceBytes());
    o.put("result_bytes", m.resultBytes());
    o.put("jvm_bytes", m.jvmBytes());
    o.put("peak_stage", m.peak().name());
    o.put("weights_at_rest_bytes", plan.weightBytes());
    o.put("limit_bytes", limit.bytes());
    o.put("limit_source", limit.source());
    return o;
  }

  private static Map<String, Object> stage(StageEstimate s) {
    Map<String, Object> o = new LinkedHashMap<>();
    o.put("stage", s.stage().name());
    o.put("calls", s.calls());
    o.put("flops_in_products", s.totalProducts());
    o.put("products_by_family", s.products());
    o.put("other_flops_by_family", s.others());
    o.put("workspace_bytes", s.workspaceBytes());
    o.put("workspace_in_use_bytes", s.leastWorkspaceBytes());
    o.put("seconds", s.seconds());
    return o;
  }
}
