package io.github.f2d4j.kernels.device;

import io.github.f2d4j.kernels.catalog.ElementType;
import io.github.f2d4j.kernels.catalog.KernelLaunch;
import io.github.f2d4j.kernels.catalog.PtxSet;
import io.github.f2d4j.kernels.cublas.DataType;
import io.github.f2d4j.kernels.cublas.Gemm;
import io.github.f2d4j.kernels.cublas.LtMatmul;
import io.github.f2d4j.kernels.cudnn.ConvolutionSpec;
import io.github.f2d4j.kernels.ptx.PtxDevice;
import io.github.f2d4j.kernels.ptx.PtxModule;
import io.github.f2d4j.kernels.ptx.PtxParser;
import io.github.f2d4j.kernels.setup.CudaMode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

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
    return device.allocate(Math.max(1, bytes)).address();
  }

  @Override
  public synchronized void free(long address) {
    device.free(address);
  }

  @Override
  public void trim() {
    // Nothing is kept.
  }

  @Override
  public synchronized void upload(MemorySegment host, long address) {
    device.write(address, host.toArray(ValueLayout.JAVA_BYTE));
  }

  @Override
  public synchronized void download(long address, MemorySegment host) {
    byte[] bytes = device.read(address, Math.toIntExact(host.byteSize()));
    MemorySegment.copy(bytes, 0, host, ValueLayout.JAVA_BYTE, 0, bytes.length);
  }

  @Override
  public synchronized void launch(KernelLaunch launch) {
    count(launch.entry());
    PtxModule module =
        PARSED.computeIfAbsent(
            set + "/" + launch.module(), _ -> PtxParser.parse(set.text(launch.module())));
    device.launch(module, launch);
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
    count("gemm");
    for (int i = 0; i < batch; i++) {
      long atC = c + i * strideC * bytes(g.typeC());
      ReferenceProduct.run(
          g,
          numbers(g.typeA()),
          a + i * strideA * bytes(g.typeA()),
          numbers(g.typeB()),
          b + i * strideB * bytes(g.typeB()),
          numbers(g.typeC()),
          0,
          atC,
          atC);
    }
  }

  private static int bytes(DataType type) {
    return type == DataType.FLOAT32 ? 4 : 2;
  }

  @Override
  public synchronized boolean multiplyFused(Gemm g, long a, long b, long bias, long c, long d) {
    if ((a | b | bias | c | d) % LtMatmul.ALIGNMENT != 0) {
      return false;
    }
    count("fused gemm");
    ReferenceProduct.run(
        g, numbers(g.typeA()), a, numbers(g.typeB()), b, numbers(g.typeC()), bias, c, d);
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
          count(name);
          device.write(workspace, new byte[(int) workspaceBytes()]);
          reference.run(x, w, bias, residual, y);
        }
      }
    };
  }

  @Override
  public void synchronize() {
    // Everything is done when its call returns.
  }

  @Override
  public void close() {
    // The garbage collector takes the memory.
  }
}
