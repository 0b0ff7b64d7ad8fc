package io.github.f2d4j.kernels.device;

import io.github.f2d4j.kernels.catalog.ElementType;
import io.github.f2d4j.kernels.catalog.KernelLaunch;
import io.github.f2d4j.kernels.catalog.PtxSet;
import io.github.f2d4j.kernels.cublas.DataType;
import io.github.f2d4j.kernels.cublas.Gemm;
import io.github.f2d4j.kernels.cublas.LtMatmul;
import io.github.f2d4j.kernels.cudnn.ConvolutionSpec;
import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.ptx.PtxDevice;
import io.github.f2d4j.kernels.ptx.PtxModule;
import io.github.f2d4j.kernels.ptx.PtxParser;
import io.github.f2d4j.kernels.setup.CudaMode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A GPU that needs none: the PTX that ships is interpreted, and products and convolutions are plain
 * loops in double precision whose results are rounded as the libraries round them. Its memory knows
 * what was never written.
 */
public class SimulatedGpu implements Gpu {
  /** Parsed once: the large modules have twenty thousand lines. */
  private static final Map<String, PtxModule> PARSED = new ConcurrentHashMap<>();

  private final PtxSet set;
  private final CudaMode mode;
  private final PtxDevice device = new PtxDevice();
  private final Map<String, Integer> calls = new TreeMap<>();
  private final Map<Long, Long> sizes = new HashMap<>();

  /** What is being recorded; null where work is done at once. */
  private @Nullable List<Runnable> recorded;

  /** A GPU with one set of kernels, and the libraries that {@code mode} says. */
  public SimulatedGpu(PtxSet set, CudaMode mode) {
    this.set = set;
    this.mode = mode;
  }

  /** How often each kernel was launched, and each of the libraries called. */
  public synchronized Map<String, Integer> calls() {
    return new TreeMap<>(calls);
  }

  private void count(String call) {
    calls.merge(call, 1, Integer::sum);
  }

  /** Bytes that are allocated and not freed. */
  public synchronized long usedBytes() {
    return sizes.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Does {@code work} now, or notes it in a recording: with the addresses that it has now. */
  private void queue(String call, Runnable work) {
    Runnable counted =
        () -> {
          count(call);
          work.run();
        };
    if (recorded == null) {
      counted.run();
    } else {
      recorded.add(counted);
    }
  }

  private void requireNotRecording(String what) {
    if (recorded != null) {
      throw CudaException.notPossible("simulation", what, "it cannot be recorded", "", null);
    }
  }

  @Override
  public String describe() {
    return "simulated GPU, " + set + "; " + mode.describe();
  }

  @Override
  public PtxSet kernels() {
    return set;
  }

  @Override
  public CudaMode mode() {
    return mode;
  }

  @Override
  public synchronized long allocate(long bytes) {
    requireNotRecording("an allocation");
    long address = device.allocate(Math.max(1, bytes)).address();
    sizes.put(address, bytes);
    return address;
  }

  @Override
  public synchronized void free(long address) {
    device.free(address);
    sizes.remove(address);
  }

  @Override
  public void trim() {
    // Nothing is kept.
  }

  @Override
  public synchronized void upload(MemorySegment host, long address) {
    requireNotRecording("a copy from the host");
    device.write(address, host.toArray(ValueLayout.JAVA_BYTE));
  }

  @Override
  public synchronized void download(long address, MemorySegment host) {
    requireNotRecording("a copy to the host");
    byte[] bytes = device.read(address, Math.toIntExact(host.byteSize()));
    MemorySegment.copy(bytes, 0, host, ValueLayout.JAVA_BYTE, 0, bytes.length);
  }

  @Override
  public synchronized void copy(long from, long to, long bytes) {
    queue("copy", () -> device.write(to, device.read(from, Math.toIntExact(bytes))));
  }

  @Override
  public synchronized void launch(KernelLaunch launch) {
    PtxModule module =
        PARSED.computeIfAbsent(
            set + "/" + launch.module(), _ -> PtxParser.parse(set.text(launch.module())));
    queue(launch.entry(), () -> device.launch(module, launch));
  }

  @Override
  public synchronized GpuRecording record(Runnable body) {
    requireNotRecording("another recording");
    List<Runnable> work = new ArrayList<>();
    recorded = work;
    try {
      body.run();
    } finally {
      recorded = null;
    }
    return new GpuRecording() {
      private boolean open = true;

      @Override
      public void run() {
        synchronized (SimulatedGpu.this) {
          if (!open) {
            throw new AssertionError("a recording is run after it was closed");
          }
          count("recording");
          work.forEach(Runnable::run);
        }
      }

      @Override
      public void close() {
        open = false;
      }
    };
  }

  private DeviceNumbers numbers(DataType type) {
    return new DeviceNumbers(
        device,
        switch (type) {
          case FLOAT32 -> ElementType.F32;
          case FLOAT16 -> ElementType.F16;
          case BFLOAT16 -> ElementType.BF16;
        });
  }

  @Override
  public synchronized void multiply(
      Gemm g, int batch, long a, long strideA, long b, long strideB, long c, long strideC) {
    for (int i = 0; i < batch; i++) {
      long atA = a + i * strideA * bytes(g.typeA());
      long atB = b + i * strideB * bytes(g.typeB());
      long atC = c + i * strideC * bytes(g.typeC());
      queue("gemm", () -> product(g, atA, atB, 0, atC, atC));
    }
  }

  private void product(Gemm g, long a, long b, long bias, long c, long d) {
    ReferenceProduct.run(
        g, numbers(g.typeA()), a, numbers(g.typeB()), b, numbers(g.typeC()), bias, c, d);
  }

  private static int bytes(DataType type) {
    return type == DataType.FLOAT32 ? 4 : 2;
  }

  @Override
  public synchronized boolean multiplyFused(Gemm g, long a, long b, long bias, long c, long d) {
    if ((a | b | bias | c | d) % LtMatmul.ALIGNMENT != 0) {
      return false;
    }
    queue("fused gemm", () -> product(g, a, b, bias, c, d));
    return true;
  }

  @Override
  public GpuConvolution prepare(ConvolutionSpec spec) {
    ElementType type =
        switch (spec.type()) {
          case FLOAT32 -> ElementType.F32;
          case FLOAT16 -> ElementType.F16;
          case BFLOAT16 -> ElementType.BF16;
        };
    if (spec.math() == ConvolutionSpec.MathType.TENSOR_CORES
        && (spec.channels() % 8 != 0 || spec.filters() % 8 != 0)) {
      throw new AssertionError("tensor cores want channels and filters in eights, not " + spec);
    }
    ReferenceConvolution reference =
        new ReferenceConvolution(spec, new DeviceNumbers(device, type));
    // As with cuDNN, not every algorithm takes a bias.
    boolean takesBias = spec.filters() % 16 == 0;
    return new GpuConvolution() {
      @Override
      public ConvolutionSpec spec() {
        return spec;
      }

      @Override
      public long workspaceBytes() {
        return 192;
      }

      @Override
      public boolean takesBias() {
        return takesBias;
      }

      @Override
      public void run(long x, long w, long workspace, long y) {
        convolve("convolution", x, w, workspace, 0, 0, y);
      }

      @Override
      public void runBiased(long x, long w, long workspace, long bias, long residual, long y) {
        if (!takesBias) {
          throw new AssertionError(spec + " takes no bias");
        }
        convolve("biased convolution", x, w, workspace, bias, residual, y);
      }

      private void convolve(
          String name, long x, long w, long workspace, long bias, long residual, long y) {
        synchronized (SimulatedGpu.this) {
          queue(
              name,
              () -> {
                device.write(workspace, new byte[(int) workspaceBytes()]);
                reference.run(x, w, bias, residual, y);
              });
        }
      }
    };
  }

  @Override
  public void synchronize() {
    requireNotRecording("waiting"); // Everything else is done when its call returns.
  }

  @Override
  public void close() {
    // The garbage collector takes the memory.
  }
}
