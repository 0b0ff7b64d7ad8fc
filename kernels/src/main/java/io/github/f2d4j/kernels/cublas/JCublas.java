package io.github.f2d4j.kernels.cublas;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.f2d4j.kernels.cuda.JCudaNatives;
import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.library.LoadedLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import jcuda.Pointer;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.runtime.cudaStream_t;
import org.jspecify.annotations.Nullable;

/**
 * cuBLAS of CUDA 12 through JCublas. Its {@code cublasGemmEx} takes a data type where cuBLAS since
 * version 11 takes a compute type; {@code cublasGemmEx_new} is the function of that name.
 */
final class JCublas implements CudaBlas {
  /** The Maven coordinates of JCublas. */
  static final String ARTIFACT = "org.jcuda:jcublas:12.6.0";

  /** The one version of cuBLAS that its native library is linked with. */
  static final int MAJOR = 12;

  /** Method of {@code JCublas2}, and the symbol that its native code calls. */
  static final Map<String, String> SYMBOL_BY_METHOD =
      Map.of(
          "cublasCreate", "cublasCreate_v2",
          "cublasDestroy", "cublasDestroy_v2",
          "cublasSetStream", "cublasSetStream_v2",
          "cublasSetWorkspace", "cublasSetWorkspace_v2",
          "cublasSetMathMode", "cublasSetMathMode",
          "cublasGemmEx_new", "cublasGemmEx",
          "cublasGemmStridedBatchedEx_new", "cublasGemmStridedBatchedEx");

  private final LoadedLibrary library;
  private final CublasStatus status;
  private final int version;
  private final Handle handle = new Handle();
  private final Arena arena = Arena.ofShared();
  private final MemorySegment factors = arena.allocate(JAVA_FLOAT, 2);
  private final Pointer alpha = new Address(factors.address());
  private final Pointer beta = new Address(factors.address() + Float.BYTES);
  private boolean open = true;

  /** The library's handle, with its address. */
  private static final class Handle extends cublasHandle {
    MemorySegment address() {
      return MemorySegment.ofAddress(getNativePointer());
    }
  }

  /** Memory by its address, of the host or of the device. */
  private static final class Address extends Pointer {
    Address(long address) {
      super(address);
    }
  }

  /** A stream by its address, for which JCuda has only a constructor of its own. */
  private static cudaStream_t stream(long address) {
    try {
      Constructor<cudaStream_t> constructor = cudaStream_t.class.getDeclaredConstructor(long.class);
      constructor.setAccessible(true);
      return constructor.newInstance(address);
    } catch (ReflectiveOperationException e) {
      throw CudaException.notPossible(
          "JCublas", "cublasSetStream_v2", "cudaStream_t has no address", "use " + ARTIFACT, e);
    }
  }

  /** cuBLAS from {@code library}, for which there are no {@link #obstacles}. */
  JCublas(LoadedLibrary library) {
    this.library = library;
    this.status = new CublasStatus(library, library.toString());
    status.check("cublasCreate_v2", JCublas2.cublasCreate(handle));
    this.version = FfmCublas.version(library, handle.address(), status);
  }

  /** Why JCublas cannot be used with {@code library}; empty if it can. */
  static List<String> obstacles(LoadedLibrary library) {
    List<String> reasons = new ArrayList<>();
    if (library.major() != MAJOR) {
      reasons.add(
          "JCublas needs libcublas.so."
              + MAJOR
              + ", but "
              + library.file()
              + " is of CUDA "
              + library.major());
      return reasons;
    }
    List<String> missing =
        new TreeMap<>(SYMBOL_BY_METHOD).values().stream().filter(s -> !library.has(s)).toList();
    if (!missing.isEmpty()) {
      reasons.add(library + " lacks " + String.join(", ", missing));
      return reasons;
    }
    @Nullable String failure = JCudaNatives.failure("jcuda.jcublas.JCublas2", ARTIFACT);
    if (failure != null) {
      reasons.add(failure);
    }
    return reasons;
  }

  @Override
  public String describe() {
    return library + " " + version + " by JCublas, without cuBLASLt";
  }

  @Override
  public int version() {
    return version;
  }

  @Override
  public void setStream(long stream) {
    int result = JCublas2.cublasSetStream(handle, stream(stream));
    status.check("cublasSetStream_v2", result);
  }

  @Override
  public void setWorkspace(long address, long bytes) {
    int result = JCublas2.cublasSetWorkspace(handle, new Address(address), bytes);
    status.check("cublasSetWorkspace_v2", result);
  }

  @Override
  public void setMathMode(MathMode mode) {
    status.check("cublasSetMathMode", JCublas2.cublasSetMathMode(handle, mode.code()));
  }

  private void setFactors(Gemm g) {
    factors.setAtIndex(JAVA_FLOAT, 0, g.alpha());
    factors.setAtIndex(JAVA_FLOAT, 1, g.beta());
  }

  @Override
  public void gemm(Gemm g, long a, long b, long c) {
    setFactors(g);
    int result =
        JCublas2.cublasGemmEx_new(
            handle,
            Gemm.operation(g.transposeA()),
            Gemm.operation(g.transposeB()),
            g.m(),
            g.n(),
            g.k(),
            alpha,
            new Address(a),
            g.typeA().code(),
            g.lda(),
            new Address(b),
            g.typeB().code(),
            g.ldb(),
            beta,
            new Address(c),
            g.typeC().code(),
            g.ldc(),
            g.compute().code(),
            FfmCublas.GEMM_DEFAULT);
    status.check("cublasGemmEx", result);
  }

  @Override
  public void gemmStridedBatched(
      Gemm g, long a, long strideA, long b, long strideB, long c, long strideC, int batch) {
    setFactors(g);
    int result =
        JCublas2.cublasGemmStridedBatchedEx_new(
            handle,
            Gemm.operation(g.transposeA()),
            Gemm.operation(g.transposeB()),
            g.m(),
            g.n(),
            g.k(),
            alpha,
            new Address(a),
            g.typeA().code(),
            g.lda(),
            strideA,
            new Address(b),
            g.typeB().code(),
            g.ldb(),
            strideB,
            beta,
            new Address(c),
            g.typeC().code(),
            g.ldc(),
            strideC,
            batch,
            g.compute().code(),
            FfmCublas.GEMM_DEFAULT);
    status.check("cublasGemmStridedBatchedEx", result);
  }

  @Override
  public Optional<CublasLt> fused() {
    return Optional.empty();
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      try (arena) {
        status.check("cublasDestroy_v2", JCublas2.cublasDestroy(handle));
      }
    }
  }
}
