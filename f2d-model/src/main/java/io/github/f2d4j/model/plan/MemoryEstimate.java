package io.github.f2d4j.model.plan;

import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.graph.Analysis;
import io.github.f2d4j.engine.graph.Analysis.Constant;
import io.github.f2d4j.engine.graph.Analysis.Kept;
import io.github.f2d4j.engine.graph.Analysis.Packed;
import io.github.f2d4j.model.pipeline.GenerationAnalysis;
import io.github.f2d4j.model.pipeline.GenerationAnalysis.Computation;
import io.github.f2d4j.model.pipeline.GenerationAnalysis.Stage;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The memory that a process takes at its peak, by what it is for.
 *
 * @param peak the stage in which it is reached
 * @param jvmBytes the JVM and its heap
 * @param mappedBytes pages of weight files: the system takes them back when memory is short
 * @param packedBytes weights in the form that the kernels read, and constants computed from them
 * @param workspaceBytes working memory of the largest computation so far
 * @param resultBytes latents, text states and pictures
 */
public record MemoryEstimate(
    Stage peak,
    long jvmBytes,
    long mappedBytes,
    long packedBytes,
    long workspaceBytes,
    long resultBytes) {

  /** Values of a pixel that are held as floats on their way to a picture, twice, and as bytes. */
  private static final long PIXEL_BYTES = 3 * (4 + 4 + 1);

  /** Tensors of the latents' size that a step makes. */
  private static final long STEP_LATENTS = 4;

  /** The peak of the resident set, as the system counts it. */
  public long residentBytes() {
    return jvmBytes + mappedBytes + packedBytes + workspaceBytes + resultBytes;
  }

  /** The memory that must be there: the resident set without file pages. */
  public long neededBytes() {
    return residentBytes() - mappedBytes;
  }

  /** The memory that tensors take off the heap. */
  public long offHeapBytes() {
    return packedBytes + workspaceBytes + resultBytes;
  }

  /**
   * Goes through the computations in the order in which they first run. Packed weights pile up and
   * the pages behind them are let go; the pool of working memory keeps the largest block.
   *
   * @param weightBytes size of all weights at rest; loading reads them all once
   */
  static MemoryEstimate of(GenerationAnalysis analysis, long weightBytes, JvmMemory jvm) {
    long jvmBytes = JvmMemory.BASE_BYTES + jvm.youngBytes();
    Set<Kept> kept = new HashSet<>();
    long workspace = 0;
    MemoryEstimate most = null;
    for (Computation c : analysis.computations()) {
      Analysis a = c.analysis();
      kept.addAll(a.kept());
      workspace = Math.max(workspace, a.workspaceBytes());
      MemoryEstimate now =
          new MemoryEstimate(
              c.stage(),
              jvmBytes,
              Math.max(0, weightBytes - packedAway(kept)),
              kept.stream().mapToLong(Kept::bytes).sum(),
              workspace,
              results(c, analysis, jvm));
      if (most == null || now.residentBytes() >= most.residentBytes()) {
        most = now;
      }
    }
    if (most == null) {
      throw new IllegalArgumentException("a generation computes something");
    }
    return most;
  }

  /** Bytes of parameters that are packed in some form, each counted once. */
  private static long packedAway(Set<Kept> kept) {
    Map<Buffer, Long> parameters = new HashMap<>();
    for (Kept k : kept) {
      switch (k) {
        case Packed p -> parameters.put(p.parameter(), p.parameterBytes());
        case Constant _ -> {
          // What it was computed from is still mapped.
        }
      }
    }
    return parameters.values().stream().mapToLong(Long::longValue).sum();
  }

  private static long results(Computation c, GenerationAnalysis analysis, JvmMemory jvm) {
    GenerationRequest r = analysis.request();
    Integer width = r.width();
    Integer height = r.height();
    long pixels = width == null || height == null ? 0 : (long) width * height;
    // Each step leaves latents, scaled latents, prediction and noise to the garbage collector,
    // which runs when their noise, made on the heap in two layouts, has filled the young
    // generation.
    long latents =
        STEP_LATENTS * analysis.latentBytes()
            + Math.min(
                STEP_LATENTS * analysis.latentBytes() * analysis.steps(), 2 * jvm.youngBytes());
    long pictures = c.stage() == Stage.DECODER ? pixels * (PIXEL_BYTES + 3L * r.images()) : 0;
    return c.analysis().resultBytes() + analysis.stateBytes() + latents + pictures;
  }
}
