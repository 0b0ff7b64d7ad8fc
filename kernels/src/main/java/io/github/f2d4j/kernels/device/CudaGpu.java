package io.github.f2d4j.kernels.device;

import io.github.f2d4j.kernels.catalog.KernelLaunch;
import io.github.f2d4j.kernels.catalog.PtxSet;
import io.github.f2d4j.kernels.cublas.CublasLt;
import io.github.f2d4j.kernels.cublas.CudaBlas;
import io.github.f2d4j.kernels.cublas.Epilogue;
import io.github.f2d4j.kernels.cublas.Gemm;
import io.github.f2d4j.kernels.cublas.LtMatmul;
import io.github.f2d4j.kernels.cublas.MathMode;
import io.github.f2d4j.kernels.cuda.CudaContext;
import io.github.f2d4j.kernels.cuda.CudaDriver;
import io.github.f2d4j.kernels.cuda.CudaGraph;
import io.github.f2d4j.kernels.cuda.CudaStream;
import io.github.f2d4j.kernels.cuda.DeviceMemory;
import io.github.f2d4j.kernels.cuda.DriverApi;
import io.github.f2d4j.kernels.cudnn.ConvolutionSpec;
import io.github.f2d4j.kernels.cudnn.CudaDnn;
import io.github.f2d4j.kernels.cudnn.DnnConvolution;
import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.setup.CudaLibraries;
import io.github.f2d4j.kernels.setup.CudaMode;
import io.github.f2d4j.kernels.setup.CudaSetup;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One of this machine's GPUs, with one stream. The libraries' handles serve one thread at a time,
 * so every method takes the same lock; what it does under it is to queue work.
 */
public final class CudaGpu implements Gpu {
  private static final System.Logger LOG = System.getLogger(CudaGpu.class.getName());

  /** What cuBLAS may use; NVIDIA's advice for Hopper is 32 MiB. */
  private static final long BLAS_WORKSPACE = 32L << 20;

  private final String description;
  private final PtxSet set;
  private final CudaMode mode;
  private final CudaContext context;
  private final CudaStream stream;
  private final CudaBlas blas;
  private final @Nullable CublasLt lt;
  private final @Nullable CudaDnn dnn;
  private final Modules modules;
  private final DeviceMemory blasWorkspace;
  private final MemoryPool memory;
  private final PinnedCopies copies;
  private final AlgorithmChoices choices;
  private final Map<Product, Optional<LtMatmul>> products = new HashMap<>();
  private final Map<ConvolutionSpec, GpuConvolution> convolutions = new HashMap<>();

  /** Whether what is queued is recorded instead of done. */
  private boolean recording;

  /** A fused product that is ready to run with any bias. */
  private record Product(Gemm gemm, boolean bias) {}

  private CudaGpu(DriverApi api, CudaLibraries libraries, CudaMode mode, int ordinal) {
    int device = api.device(ordinal);
    int major = api.deviceAttribute(device, DriverApi.CAPABILITY_MAJOR);
    int minor = api.deviceAttribute(device, DriverApi.CAPABILITY_MINOR);
    this.set =
        PtxSet.forCapability(major)
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "GPU %d is sm_%d%d; the kernels need sm_70 or newer"
                            .formatted(ordinal, major, minor)));
    this.mode = mode;
    this.context = CudaDriver.start(api.library()).open(ordinal);
    this.stream = context.newStream();
    this.memory = new MemoryPool(context, stream);
    this.copies = new PinnedCopies(context, stream);
    this.blas = libraries.openBlas();
    blas.setStream(stream.address());
    blas.setMathMode(MathMode.FULL_PRECISION_SUMS);
    this.blasWorkspace = context.allocate(BLAS_WORKSPACE);
    blas.setWorkspace(blasWorkspace.address(), BLAS_WORKSPACE);
    this.lt = blas.fused().orElse(null);
    this.dnn = libraries.openDnn().orElse(null);
    if (dnn != null) {
      dnn.setStream(stream.address());
    }
    this.modules = new Modules(context, set);
    this.choices =
        new AlgorithmChoices(
            AlgorithmChoices.userFile(),
            "%s sm_%d%d, driver %d, cuDNN %d"
                .formatted(
                    api.deviceName(device),
                    major,
                    minor,
                    api.version(),
                    dnn == null ? 0 : dnn.version()));
    this.description =
        "%s, sm_%d%d, %s; %s"
            .formatted(api.deviceName(device), major, minor, blas.describe(), mode.describe());
  }

  /**
   * Opens GPU {@code ordinal} with the libraries that {@code setup} has found.
   *
   * @param mode what to use of them
   * @throws IllegalStateException if the setup found that no GPU can be used
   */
  public static CudaGpu open(CudaSetup setup, CudaMode mode, int ordinal) {
    DriverApi api = setup.driver();
    CudaLibraries libraries = setup.libraries();
    if (api == null || libraries == null) {
      throw new IllegalStateException("no GPU can be used: " + setup.findings());
    }
    return new CudaGpu(api, libraries, mode, ordinal);
  }

  @Override
  public String describe() {
    return description;
  }

  @Override
  public PtxSet kernels() {
    return set;
  }

  @Override
  public CudaMode mode() {
    return mode;
  }

  /** Makes the context current for the calling thread, which holds the lock. */
  private void enter() {
    context.makeCurrent();
  }

  private void requireNotRecording(String what) {
    if (recording) {
      throw CudaException.notPossible(
          "the CUDA driver", what, "it cannot be recorded", "use -Df2d4j.cuda.graph=off", null);
    }
  }

  private synchronized void exclusively(Runnable body) {
    enter();
    body.run();
  }

  @Override
  public synchronized long allocate(long bytes) {
    requireNotRecording("an allocation");
    enter();
    return memory.allocate(bytes).address();
  }

  @Override
  public synchronized void free(long address) {
    enter();
    memory.free(address);
  }

  @Override
  public synchronized void trim() {
    requireNotRecording("freeing");
    enter();
    stream.synchronize();
    memory.trim();
  }

  @Override
  public synchronized void upload(MemorySegment host, long address) {
    requireNotRecording("a copy from the host");
    enter();
    DeviceMemory piece = memory.at(address);
    copies.upload(host, piece, address - piece.address());
  }

  @Override
  public synchronized void download(long address, MemorySegment host) {
    requireNotRecording("a copy to the host");
    enter();
    DeviceMemory piece = memory.at(address);
    copies.download(piece, address - piece.address(), host);
  }

  @Override
  public synchronized void copy(long from, long to, long bytes) {
    enter();
    DeviceMemory source = memory.at(from);
    DeviceMemory target = memory.at(to);
    target.copyFrom(source, from - source.address(), to - target.address(), bytes, stream);
  }

  @Override
  public synchronized void launch(KernelLaunch launch) {
    enter();
    modules.launch(launch, stream);
  }

  @Override
  public synchronized void multiply(
      Gemm gemm, int batch, long a, long strideA, long b, long strideB, long c, long strideC) {
    enter();
    if (batch == 1) {
      blas.gemm(gemm, a, b, c);
    } else {
      blas.gemmStridedBatched(gemm, a, strideA, b, strideB, c, strideC, batch);
    }
  }

  @Override
  public synchronized boolean multiplyFused(Gemm gemm, long a, long b, long bias, long c, long d) {
    enter();
    CublasLt library = lt;
    if (library == null) {
      throw new IllegalStateException("fused products need cuBLASLt, which is not here");
    }
    if ((a | b | bias | c | d) % LtMatmul.ALIGNMENT != 0) {
      return false;
    }
    Optional<LtMatmul> product =
        products.computeIfAbsent(new Product(gemm, bias != 0), p -> prepared(library, p, bias));
    if (product.isEmpty()) {
      return false;
    }
    if (bias != 0) {
      product.get().setBias(bias);
    }
    product.get().run(a, b, c, d, blasWorkspace.address(), BLAS_WORKSPACE, stream.address());
    return true;
  }

  private static Optional<LtMatmul> prepared(CublasLt library, Product product, long bias) {
    Epilogue epilogue = product.bias ? Epilogue.BIAS : Epilogue.NONE;
    try {
      return Optional.of(library.prepare(product.gemm, epilogue, bias, BLAS_WORKSPACE));
    } catch (CudaException e) {
      LOG.log(Level.DEBUG, "A product is not fused: {0}", e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public synchronized GpuConvolution prepare(ConvolutionSpec spec) {
    enter();
    GpuConvolution known = convolutions.get(spec);
    if (known == null) {
      requireNotRecording("the trial of a convolution");
      known = measure(spec);
      convolutions.put(spec, known);
    }
    return known;
  }

  private GpuConvolution measure(ConvolutionSpec spec) {
    CudaDnn library = dnn;
    if (library == null) {
      throw new IllegalStateException("convolutions by cuDNN need cuDNN, which is not here");
    }
    DnnConvolution convolution = library.prepare(spec);
    CudaConvolution chosen = CudaConvolution.chosen(convolution, choices, this::exclusively);
    return chosen == null ? tried(convolution) : chosen;
  }

  private GpuConvolution tried(DnnConvolution convolution) {
    ConvolutionSpec spec = convolution.spec();
    long size = spec.type() == ConvolutionSpec.Type.FLOAT32 ? 4 : 2;
    long pixels = (long) spec.batch() * spec.height() * spec.width();
    long outputs = (long) spec.batch() * spec.outputHeight() * spec.outputWidth();
    long taps = (long) spec.kernelHeight() * spec.kernelWidth() * spec.channels();
    DeviceMemory x = memory.allocate(pixels * spec.channels() * size);
    DeviceMemory w = memory.allocate(spec.filters() * taps * size);
    DeviceMemory y = memory.allocate(outputs * spec.filters() * size);
    DeviceMemory workspace = memory.allocate(CudaConvolution.MOST_WORKSPACE);
    try {
      // What is in fresh memory might be denormal numbers, which take longer.
      x.fill((byte) 0, stream);
      w.fill((byte) 0, stream);
      return CudaConvolution.fastest(
          convolution,
          x.address(),
          w.address(),
          y.address(),
          workspace.address(),
          choices,
          this::exclusively);
    } finally {
      for (DeviceMemory m : List.of(x, w, y, workspace)) {
        memory.free(m.address());
      }
    }
  }

  @Override
  public synchronized GpuRecording record(Runnable body) {
    requireNotRecording("another recording");
    enter();
    stream.beginCapture();
    recording = true;
    try {
      body.run();
    } catch (RuntimeException | Error e) {
      abandonCapture(e);
      throw e;
    } finally {
      recording = false;
    }
    return new Recorded(stream.endCapture());
  }

  /** Until a capture is ended, nothing else can be queued. */
  private void abandonCapture(Throwable reason) {
    try {
      stream.endCapture().close();
    } catch (CudaException e) {
      reason.addSuppressed(e);
    }
  }

  private final class Recorded implements GpuRecording {
    private final CudaGraph graph;

    Recorded(CudaGraph graph) {
      this.graph = graph;
    }

    @Override
    public void run() {
      exclusively(() -> graph.launch(stream));
    }

    @Override
    public void close() {
      // The driver lets a graph that still runs go when it is done.
      exclusively(graph::close);
    }
  }

  @Override
  public synchronized void synchronize() {
    requireNotRecording("waiting");
    enter();
    stream.synchronize();
  }

  @Override
  public synchronized void close() {
    enter();
    stream.synchronize();
    products.values().forEach(p -> p.ifPresent(LtMatmul::close));
    modules.close();
    copies.close();
    memory.close();
    if (dnn != null) {
      dnn.close();
    }
    blas.close();
    blasWorkspace.close();
    stream.close();
    context.close();
  }
}
