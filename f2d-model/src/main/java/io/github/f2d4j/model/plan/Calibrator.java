package io.github.f2d4j.model.plan;

import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.graph.Analysis;
import io.github.f2d4j.engine.graph.Analysis.Kept;
import io.github.f2d4j.engine.graph.Analysis.Packed;
import io.github.f2d4j.engine.graph.Analysis.StepCost;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.plan.Calibration.Sample;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Measures how fast this machine runs the operators of Stable Diffusion at its sizes. */
final class Calibrator {
  /** Each probe runs until this time has passed, */
  private static final long ENOUGH_NANOS = 120_000_000;

  /** but at least and at most so often. */
  private static final int FEWEST = 4;

  private static final int MOST = 200;

  private static final Window SAME = Window.of(1, 1);

  /** Compiled code is still getting faster during the first part of a probe's runs. */
  private static final int SETTLED = 2;

  /** Probes are built one after the other; what they held is collected when it is this much. */
  private static final long GARBAGE_BYTES = 256L << 20;

  private final List<Sample> samples = new ArrayList<>();
  private double packedBytes;
  private double packingSeconds;
  private long garbage;

  /** One operator over one input. */
  private record Probe(CompiledFunction function, Tensor input) {
    double run() {
      long start = System.nanoTime();
      function.call(input);
      return (System.nanoTime() - start) * 1e-9;
    }
  }

  private Calibrator() {}

  /** Measures on the current backend; takes some ten seconds. */
  static Calibration measure(MachineProfile machine) {
    Calibrator c = new Calibrator();
    c.products();
    c.convolutions();
    c.attention();
    c.passes();
    return new Calibration(machine, c.samples, c.packedBytes / c.packingSeconds, loadingRate(), 0);
  }

  private static StepCost largestStep(Analysis analysis) {
    return analysis.steps().stream()
        .max(Comparator.comparingLong(s -> s.cost().products() + s.cost().bytes()))
        .orElseThrow();
  }

  /** The median time of the later runs. */
  private static double settled(Probe probe) {
    List<Double> times = new ArrayList<>();
    long start = System.nanoTime();
    while (times.size() < FEWEST
        || (times.size() < MOST && System.nanoTime() - start < ENOUGH_NANOS)) {
      times.add(probe.run());
    }
    double[] later =
        times.subList(times.size() / SETTLED, times.size()).stream()
            .mapToDouble(Double::doubleValue)
            .sorted()
            .toArray();
    return later[(later.length - 1) / 2];
  }

  // ---- what is measured

  /** Rows, inputs, outputs as they occur at 512×512 and below. */
  private void products() {
    int[][] sizes = {
      {4096, 320, 320},
      {4096, 1280, 320},
      {4096, 320, 2560},
      {1024, 640, 640},
      {1024, 2560, 640},
      {256, 1280, 1280},
      {256, 1280, 5120},
      {64, 1280, 1280},
      {77, 768, 768},
      {77, 768, 3072},
      {77, 768, 320},
      {197, 384, 1536},
      {2, 1280, 1280},
      {1, 1536, 1024},
      {64, 64, 64},
      {16, 32, 96}
    };
    for (int[] s : sizes) {
      Tensor weight = weight(s[2], s[1]);
      Tensor bias = weight(s[2]);
      add(x -> x.linear(weight, bias), f32(1, s[0], s[1]));
    }
    Tensor gate = weight(2560, 320);
    add(x -> x.linear(gate, null).geglu(), f32(1, 4096, 320));
  }

  /** Side, input and output channels; those of the autoencoder are parts of its pictures. */
  private void convolutions() {
    int[][] sizes = {
      {64, 320, 320}, {64, 4, 320}, {64, 320, 4}, {32, 640, 640}, {32, 320, 640}, {16, 1280, 1280},
      {8, 1280, 1280}, {64, 512, 512}, {96, 256, 256}, {160, 128, 128}, {160, 128, 3}, {16, 32, 32},
      {8, 64, 64}
    };
    for (int[] s : sizes) {
      Tensor kernel = weight(s[2], s[1], 3, 3);
      Tensor bias = weight(s[2]);
      add(x -> x.conv2d(kernel, bias, SAME), f32(1, s[0], s[0], s[1]));
    }
    Tensor down = weight(320, 320, 3, 3);
    add(x -> x.conv2d(down, null, Window.of(2, 1)), f32(1, 64, 64, 320));
    Tensor small = weight(64, 32, 3, 3);
    add(x -> x.conv2d(small, null, Window.of(2, 1)), f32(1, 16, 16, 32));
    Tensor patches = weight(384, 3, 8, 8);
    add(x -> x.conv2d(patches, null, Window.of(8, 0)), f32(1, 112, 112, 3));
  }

  /** Heads, queries, keys, width of a head. */
  private void attention() {
    int[][] sizes = {
      {2, 4096, 4096, 40}, {8, 1024, 1024, 80}, {8, 256, 256, 160}, {8, 64, 64, 160},
      {8, 4096, 77, 40}, {8, 1024, 77, 80}, {8, 256, 77, 160}, {1, 1024, 4096, 512},
      {6, 197, 197, 64}, {12, 77, 77, 64}, {4, 64, 64, 16}, {4, 64, 16, 16}
    };
    for (int[] s : sizes) {
      int width = s[0] * s[3];
      Tensor kv = values(f32(1, s[2], width));
      add(x -> x.attention(kv, kv, s[0], false), f32(1, s[1], width));
    }
  }

  private void passes() {
    for (int[] s : new int[][] {{4, 64}, {16, 128}, {64, 320}, {160, 256}}) {
      Tensor scale = weight(s[1]);
      TensorType image = f32(1, s[0], s[0], s[1]);
      add(x -> x.groupNorm(32, scale, scale, 1e-5f).silu(), image);
      add(x -> x.layerNorm(scale, scale, 1e-5f), image);
      Tensor other = values(image);
      add(x -> x.add(other).silu(), image);
      add(x -> x.upsampleNearest(2 * s[0], 2 * s[0]), image);
      add(x -> Tensor.concat(3, x, other), image);
    }
  }

  private void add(UnaryOperator<Tensor> function, TensorType input) {
    CompiledFunction compiled =
        CompiledFunction.of(in -> List.of(function.apply(in.getFirst())), input);
    Probe probe = new Probe(compiled, values(input));
    Analysis analysis = compiled.analyze();
    samples.add(new Sample(Workload.of(largestStep(analysis)), settled(probe)));
    for (Kept k : analysis.kept()) {
      garbage += k.bytes();
      if (k instanceof Packed packed && packed.parameter() instanceof HostBuffer weight) {
        long start = System.nanoTime();
        packedBytes += packed.packing().pack(weight).bytes();
        packingSeconds += (System.nanoTime() - start) * 1e-9;
        garbage += packed.bytes();
      }
    }
    garbage += analysis.resultBytes() * FEWEST;
    if (garbage > GARBAGE_BYTES) {
      // Memory off the heap goes with its owners on the heap, which alone would not fill it soon.
      System.gc();
      garbage = 0;
    }
  }

  private static TensorType f32(int... dims) {
    return TensorType.f32(Shape.of(dims));
  }

  /** Numbers of order 1 that a processor has no short cuts for. */
  private static Tensor values(TensorType type) {
    return Tensor.of(type, filled(type.shape().elements()));
  }

  private static Tensor weight(int... dims) {
    TensorType type = f32(dims);
    return Tensor.parameter(type, filled(type.shape().elements()).segment());
  }

  private static HostBuffer filled(long elements) {
    HostBuffer buffer = HostBuffer.allocate(4 * elements);
    for (long i = 0; i < elements; i++) {
      buffer.segment().set(ValueLayout.JAVA_FLOAT, 4 * i, (i * 31 % 127 - 63) / 64f);
    }
    return buffer;
  }

  // ---- what happens once

  /** Checking weights that are in the page cache already. */
  private static double loadingRate() {
    TensorType type = new TensorType(DType.F16, Shape.of(1 << 24));
    HostBuffer memory = HostBuffer.allocate(type.bytes());
    double[] seconds = new double[FEWEST];
    for (int i = 0; i < seconds.length; i++) {
      Weights w = Weights.of("calibration", Map.of("w", Tensor.parameter(type, memory.segment())));
      w.get("w", 1 << 24);
      long start = System.nanoTime();
      w.verify();
      seconds[i] = (System.nanoTime() - start) * 1e-9;
    }
    return type.bytes() / Arrays.stream(seconds).min().orElseThrow();
  }
}
