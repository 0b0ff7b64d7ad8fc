package io.github.f2d4j.kernels.cublas;

import static java.lang.foreign.MemorySegment.ofAddress;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.f2d4j.kernels.library.LoadedLibrary;
import io.github.f2d4j.kernels.library.Rethrown;
import io.github.f2d4j.kernels.library.SignatureTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** cuBLAS of CUDA 12 and 13, called by its own functions. Source: cuBLAS library manual. */
final class FfmCublas implements CudaBlas {
  static final SignatureTable SIGNATURES =
      new SignatureTable(
          "cuBLAS",
          """
          I cublasCreate_v2(P handle)
          I cublasDestroy_v2(P handle)
          I cublasGetVersion_v2(P handle, P version)
          I cublasSetStream_v2(P handle, P streamId)
          I cublasSetMathMode(P handle, I mode)
          I cublasSetWorkspace_v2(P handle, P workspace, J workspaceSizeInBytes)
          I cublasGemmEx(P handle, I transa, I transb, I m, I n, I k,
              P alpha, P A, I Atype, I lda, P B, I Btype, I ldb,
              P beta, P C, I Ctype, I ldc, I computeType, I algo)
          I cublasGemmStridedBatchedEx(P handle, I transa, I transb, I m, I n, I k,
              P alpha, P A, I Atype, I lda, J strideA, P B, I Btype, I ldb, J strideB,
              P beta, P C, I Ctype, I ldc, J strideC, I batchCount, I computeType, I algo)
          """);

  private static final MethodHandle CREATE = SIGNATURES.handle("cublasCreate_v2");
  private static final MethodHandle DESTROY = SIGNATURES.handle("cublasDestroy_v2");
  private static final MethodHandle VERSION = SIGNATURES.handle("cublasGetVersion_v2");
  private static final MethodHandle STREAM = SIGNATURES.handle("cublasSetStream_v2");
  private static final MethodHandle MATH_MODE = SIGNATURES.handle("cublasSetMathMode");
  private static final MethodHandle WORKSPACE = SIGNATURES.handle("cublasSetWorkspace_v2");
  private static final MethodHandle GEMM = SIGNATURES.handle("cublasGemmEx");
  private static final MethodHandle BATCHED = SIGNATURES.handle("cublasGemmStridedBatchedEx");

  static final int GEMM_DEFAULT = -1;

  private final LoadedLibrary library;
  private final CublasStatus status;
  private final @Nullable CublasLt lt;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment factors = arena.allocate(JAVA_FLOAT, 2);
  private final MemorySegment alpha = factors.asSlice(0, Float.BYTES);
  private final MemorySegment beta = factors.asSlice(Float.BYTES, Float.BYTES);
  private final MemorySegment gemm;
  private final MemorySegment batched;
  private final MemorySegment handle;
  private final int version;
  private boolean open = true;

  /** cuBLAS from {@code library}, with {@code lt} if there is one. Needs a current context. */
  FfmCublas(LoadedLibrary library, @Nullable CublasLt lt) {
    this.library = library;
    this.lt = lt;
    this.status = new CublasStatus(library, library.toString());
    SIGNATURES.signatures().forEach(s -> library.address(s.name()));
    this.gemm = library.address("cublasGemmEx");
    this.batched = library.address("cublasGemmStridedBatchedEx");
    MemorySegment out = arena.allocate(ADDRESS);
    try {
      check("cublasCreate_v2", (int) CREATE.invokeExact(address("cublasCreate_v2"), out));
      this.handle = out.get(ADDRESS, 0);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
    this.version = version(library, handle, status);
  }

  /** The version of the library that made {@code handle}. */
  static int version(LoadedLibrary library, MemorySegment handle, CublasStatus status) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      MemorySegment get = library.address("cublasGetVersion_v2");
      status.check("cublasGetVersion_v2", (int) VERSION.invokeExact(get, handle, out));
      return out.get(JAVA_INT, 0);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  private MemorySegment address(String symbol) {
    return library.address(symbol);
  }

  private void check(String call, int result) {
    status.check(call, result);
  }

  @Override
  public String describe() {
    return library + " " + version + " by FFM" + (lt == null ? ", without cuBLASLt" : "");
  }

  @Override
  public int version() {
    return version;
  }

  @Override
  public void setStream(long stream) {
    try {
      MemorySegment set = address("cublasSetStream_v2");
      check("cublasSetStream_v2", (int) STREAM.invokeExact(set, handle, ofAddress(stream)));
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  @Override
  public void setWorkspace(long start, long bytes) {
    try {
      MemorySegment set = address("cublasSetWorkspace_v2");
      int result = (int) WORKSPACE.invokeExact(set, handle, ofAddress(start), bytes);
      check("cublasSetWorkspace_v2", result);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  @Override
  public void setMathMode(MathMode mode) {
    try {
      MemorySegment set = address("cublasSetMathMode");
      check("cublasSetMathMode", (int) MATH_MODE.invokeExact(set, handle, mode.code()));
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  @Override
  public void gemm(Gemm g, long a, long b, long c) {
    alpha.set(JAVA_FLOAT, 0, g.alpha());
    beta.set(JAVA_FLOAT, 0, g.beta());
    try {
      int result =
          (int)
              GEMM.invokeExact(
                  gemm,
                  handle,
                  Gemm.operation(g.transposeA()),
                  Gemm.operation(g.transposeB()),
                  g.m(),
                  g.n(),
                  g.k(),
                  alpha,
                  ofAddress(a),
                  g.typeA().code(),
                  g.lda(),
                  ofAddress(b),
                  g.typeB().code(),
                  g.ldb(),
                  beta,
                  ofAddress(c),
                  g.typeC().code(),
                  g.ldc(),
                  g.compute().code(),
                  GEMM_DEFAULT);
      check("cublasGemmEx", result);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  @Override
  public void gemmStridedBatched(
      Gemm g, long a, long strideA, long b, long strideB, long c, long strideC, int batch) {
    alpha.set(JAVA_FLOAT, 0, g.alpha());
    beta.set(JAVA_FLOAT, 0, g.beta());
    try {
      int result =
          (int)
              BATCHED.invokeExact(
                  batched,
                  handle,
                  Gemm.operation(g.transposeA()),
                  Gemm.operation(g.transposeB()),
                  g.m(),
                  g.n(),
                  g.k(),
                  alpha,
                  ofAddress(a),
                  g.typeA().code(),
                  g.lda(),
                  strideA,
                  ofAddress(b),
                  g.typeB().code(),
                  g.ldb(),
                  strideB,
                  beta,
                  ofAddress(c),
                  g.typeC().code(),
                  g.ldc(),
                  strideC,
                  batch,
                  g.compute().code(),
                  GEMM_DEFAULT);
      check("cublasGemmStridedBatchedEx", result);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  @Override
  public Optional<CublasLt> fused() {
    return Optional.ofNullable(lt);
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      try (arena) {
        check("cublasDestroy_v2", (int) DESTROY.invokeExact(address("cublasDestroy_v2"), handle));
      } catch (Throwable e) {
        throw Rethrown.unchecked(e);
      } finally {
        if (lt != null) {
          lt.close();
        }
      }
    }
  }
}
