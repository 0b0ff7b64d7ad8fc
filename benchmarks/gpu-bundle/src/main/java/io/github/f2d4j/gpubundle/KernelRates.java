package io.github.f2d4j.gpubundle;

import static io.github.f2d4j.kernels.catalog.ElementType.F16;

import io.github.f2d4j.kernels.catalog.Attention;
import io.github.f2d4j.kernels.catalog.Elementwise;
import io.github.f2d4j.kernels.catalog.GpuDevice;
import io.github.f2d4j.kernels.catalog.GroupNormalization;
import io.github.f2d4j.kernels.catalog.KernelLaunch;
import io.github.f2d4j.kernels.catalog.LayerNormalization;
import io.github.f2d4j.kernels.catalog.Movement;
import io.github.f2d4j.kernels.catalog.PtxSet;
import io.github.f2d4j.kernels.cublas.ComputeType;
import io.github.f2d4j.kernels.cublas.CudaBlas;
import io.github.f2d4j.kernels.cublas.DataType;
import io.github.f2d4j.kernels.cublas.Gemm;
import io.github.f2d4j.kernels.cuda.CudaEvent;
import io.github.f2d4j.kernels.cuda.DeviceMemory;
import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.setup.CudaLibraries;
import io.github.f2d4j.kernels.setup.CudaSetup;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Attention, normalisation and the other kernels that do not come from a library, at the shapes of
 * Stable Diffusion 1.4 in float16: the same as {@code benchmarks/peers/operators_torch.py} times.
 * Each number is for one of several sets of operands that together exceed the cache, all launched
 * by one graph. The contents are all NaN, which takes GPUs no longer; that results are right is
 * what the kernels' cases say.
 */
final class KernelRates {
  private static final PtxSet SET = PtxSet.SM80;
  private static final int RUNS = 20;

  /** More than any GPU's cache. */
  private static final long COLD = 256L << 20;

  /** (batch, heads, queries, keys, size) */
  private static final int[][] ATTENTIONS = {
    {2, 8, 4096, 4096, 40},
    {2, 8, 1024, 1024, 80},
    {2, 8, 256, 256, 160},
    {2, 8, 64, 64, 160},
    {2, 8, 4096, 77, 40},
    {2, 8, 1024, 77, 80},
    {2, 8, 256, 77, 160},
    {1, 1, 4096, 4096, 512},
  };

  /** (batch, channels, height and width) */
  private static final int[][] GROUP_NORMS = {
    {2, 320, 64}, {2, 640, 64}, {2, 960, 64}, {2, 640, 32}, {2, 1280, 32}, {2, 1920, 32},
    {2, 1280, 16}, {2, 2560, 16}, {2, 1280, 8}, {2, 2560, 8}, {1, 512, 64}, {1, 512, 128},
    {1, 512, 256}, {1, 256, 512}, {1, 128, 512},
  };

  /** (rows, columns): tokens and channels of the UNet's levels. */
  private static final int[][] TOKENS = {{8192, 320}, {2048, 640}, {512, 1280}, {128, 1280}};

  private final GpuDevice gpu;
  private final Events events;
  private final double matmulTflops;
  private final double copyTbs;

  private KernelRates(GpuDevice gpu, Events events) {
    this.gpu = gpu;
    this.events = events;
    this.matmulTflops = matmulOrNaN();
    this.copyTbs = copy();
  }

  static int run(Events events) {
    try (GpuDevice gpu = GpuDevice.open()) {
      if (!gpu.sets().contains(SET)) {
        events.notPossible(List.of("the rates are of kernels for sm_80, this GPU is older"));
        return 0;
      }
      gpu.use(SET);
      KernelRates rates = new KernelRates(gpu, events);
      rates.attentions();
      rates.normalisations();
      rates.others();
    }
    return 0;
  }

  private double matmulOrNaN() {
    try {
      return matmul();
    } catch (CudaException e) {
      events.fact("no rate of matrix products", e.getMessage());
      return Double.NaN;
    }
  }

  /** What a large product of float16 matrices reaches; NaN without cuBLAS. */
  private double matmul() {
    CudaLibraries libraries = CudaSetup.ofThisMachine().libraries();
    if (libraries == null) {
      return Double.NaN;
    }
    int n = 8192;
    long bytes = 2L * n * n;
    try (DeviceMemory a = gpu.context().allocate(bytes);
        DeviceMemory b = gpu.context().allocate(bytes);
        DeviceMemory c = gpu.context().allocate(bytes);
        CudaBlas blas = libraries.openBlas()) {
      for (DeviceMemory memory : List.of(a, b)) {
        memory.fill(
            (byte) 0x2b, gpu.stream()); // small numbers: what the bits are changes the power
      }
      blas.setStream(gpu.stream().address());
      Gemm gemm = Gemm.linear(n, n, n, DataType.FLOAT16, 1, 0, ComputeType.FLOAT32);
      double millis = best(() -> blas.gemm(gemm, a.address(), b.address(), c.address()));
      double rate = 2.0 * n * n * n / millis / 1e9;
      row("matrix product, cuBLAS", n + "^3", millis, rate, Double.NaN);
      return rate;
    }
  }

  /** What copying reaches, bytes read and written. */
  private double copy() {
    long bytes = 1L << 30;
    try (DeviceMemory a = gpu.context().allocate(bytes);
        DeviceMemory b = gpu.context().allocate(bytes)) {
      a.fill((byte) 1, gpu.stream());
      double millis = best(() -> b.copyFrom(a, 0, 0, bytes, gpu.stream()));
      double rate = 2.0 * bytes / millis / 1e9;
      row("copy", "1 GiB", millis, Double.NaN, rate);
      return rate;
    }
  }

  private double best(Runnable work) {
    double best = Double.POSITIVE_INFINITY;
    try (CudaEvent start = gpu.context().newEvent(true);
        CudaEvent end = gpu.context().newEvent(true)) {
      for (int i = 0; i <= RUNS; i++) {
        gpu.stream().record(start);
        work.run();
        gpu.stream().record(end);
        gpu.stream().synchronize();
        if (i > 0) {
          best = Math.min(best, end.millisSince(start));
        }
      }
    }
    return best;
  }

  private void attentions() {
    for (int[] s : ATTENTIONS) {
      int width = s[1] * s[4];
      float scale = (float) (1 / Math.sqrt(s[4]));
      Attention attention = Attention.dense(F16, s[0], s[2], s[3], s[1], s[4], scale, false);
      long queries = 2L * s[0] * s[2] * width;
      long keys = 2L * s[0] * s[3] * width;
      double millis =
          millis(
              List.of(queries, keys, keys, queries),
              a -> attention.launches(SET, a.get(0), a.get(1), a.get(2), a.get(3)));
      row(
          "attention",
          "%dx%d heads, %d by %d, d%d".formatted(s[0], s[1], s[2], s[3], s[4]),
          millis,
          4.0 * s[0] * s[1] * s[2] * s[3] * s[4] / millis / 1e9,
          2.0 * (queries + keys) / millis / 1e9);
    }
  }

  private void normalisations() {
    for (int[] s : GROUP_NORMS) {
      int pixels = s[2] * s[2];
      GroupNormalization norm = new GroupNormalization(F16, s[0], pixels, s[1], 32, 1e-5f, true);
      long bytes = 2L * s[0] * pixels * s[1];
      long vector = 2L * s[1];
      double millis =
          millis(
              List.of(bytes, bytes, vector, vector, Math.max(4, norm.workspaceBytes())),
              a -> norm.launches(a.get(0), a.get(1), a.get(2), a.get(3), a.get(4)));
      String shape = "%dx%dx%dx%d".formatted(s[0], s[2], s[2], s[1]);
      row("group norm and SiLU", shape, millis, Double.NaN, 2.0 * bytes / millis / 1e9);
    }
    for (int[] s : TOKENS) {
      LayerNormalization norm = new LayerNormalization(F16, s[0], s[1], 1e-5f);
      long bytes = 2L * s[0] * s[1];
      double millis =
          millis(
              List.of(bytes, bytes, 2L * s[1], 2L * s[1]),
              a -> norm.launches(a.get(0), a.get(1), a.get(2), a.get(3)));
      row("layer norm", s[0] + "x" + s[1], millis, Double.NaN, 2.0 * bytes / millis / 1e9);
    }
  }

  private void others() {
    for (int[] s : TOKENS) {
      Elementwise.Geglu geglu = new Elementwise.Geglu(F16, s[0], 4 * s[1]);
      long bytes = 2L * s[0] * 4 * s[1];
      double millis =
          millis(
              List.of(2 * bytes, 2L * 8 * s[1], bytes),
              a -> geglu.launches(a.get(0), a.get(1), a.get(2)));
      row("GEGLU", s[0] + "x" + 4 * s[1], millis, Double.NaN, 3.0 * bytes / millis / 1e9);
    }
    for (int[] s : new int[][] {{2, 16, 1280}, {2, 32, 640}}) {
      long bytes = 2L * s[0] * s[1] * s[1] * s[2];
      Movement.Upsample twice =
          new Movement.Upsample(F16, s[0], s[1], s[1], s[2], 2 * s[1], 2 * s[1]);
      double millis = millis(List.of(bytes, 4 * bytes), a -> twice.launches(a.get(0), a.get(1)));
      String shape = "%dx%dx%dx%d".formatted(s[0], s[1], s[1], s[2]);
      row("upsampling by 2", shape, millis, Double.NaN, 5.0 * bytes / millis / 1e9);
      Movement.Concat concat = new Movement.Concat(F16, s[0] * s[1] * s[1], s[2], s[2]);
      millis =
          millis(
              List.of(bytes, bytes, 2 * bytes), a -> concat.launches(a.get(0), a.get(1), a.get(2)));
      row("concatenation", shape + " twice", millis, Double.NaN, 4.0 * bytes / millis / 1e9);
    }
  }

  /** From addresses to launches. */
  private interface Launching {
    List<KernelLaunch> at(List<Long> addresses);
  }

  /** Milliseconds of one of the sets of operands. */
  private double millis(List<Long> bytes, Launching launching) {
    long touched = bytes.stream().mapToLong(Long::longValue).sum();
    int sets = Math.clamp(COLD / touched, 1, 48);
    List<DeviceMemory> memories = new ArrayList<>();
    List<KernelLaunch> launches = new ArrayList<>();
    for (int set = 0; set < sets; set++) {
      List<Long> addresses = new ArrayList<>();
      for (long size : bytes) {
        DeviceMemory memory = gpu.context().allocate(size);
        memory.fill((byte) 0x2b, gpu.stream());
        memories.add(memory);
        addresses.add(memory.address());
      }
      launches.addAll(launching.at(addresses));
    }
    double millis = gpu.millis(launches, RUNS) / sets;
    memories.forEach(DeviceMemory::close);
    return millis;
  }

  private void row(String kernel, String shape, double millis, double tflops, double tbs) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("kernel", kernel);
    row.put("shape", shape);
    row.put("us", millis * 1e3);
    put(row, "TFLOP/s", tflops);
    put(row, "% of matmul", 100 * tflops / matmulTflops);
    put(row, "TB/s", tbs);
    put(row, "% of copy", 100 * tbs / copyTbs);
    events.row(row);
  }

  private static void put(Map<String, Object> row, String column, double value) {
    row.put(column, Double.isFinite(value) ? value : "");
  }
}
