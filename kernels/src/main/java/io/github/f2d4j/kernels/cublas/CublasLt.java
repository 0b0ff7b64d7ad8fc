package io.github.f2d4j.kernels.cublas;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.f2d4j.kernels.library.LoadedLibrary;
import io.github.f2d4j.kernels.library.Rethrown;
import io.github.f2d4j.kernels.library.SignatureTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * cuBLASLt of CUDA 12 and 13: products with bias, GELU and residual in one call. Source: cuBLAS
 * library manual, chapter cuBLASLt.
 */
public final class CublasLt implements AutoCloseable {
  /** The signatures of all functions that are called. */
  public static final SignatureTable SIGNATURES =
      new SignatureTable(
          "cuBLASLt",
          """
          I cublasLtCreate(P lightHandle)
          I cublasLtDestroy(P lightHandle)
          J cublasLtGetVersion()
          I cublasLtMatmulDescCreate(P matmulDesc, I computeType, I scaleType)
          I cublasLtMatmulDescDestroy(P matmulDesc)
          I cublasLtMatmulDescSetAttribute(P matmulDesc, I attr, P buf, J sizeInBytes)
          I cublasLtMatrixLayoutCreate(P matLayout, I type, J rows, J cols, J ld)
          I cublasLtMatrixLayoutDestroy(P matLayout)
          I cublasLtMatmulPreferenceCreate(P pref)
          I cublasLtMatmulPreferenceDestroy(P pref)
          I cublasLtMatmulPreferenceSetAttribute(P pref, I attr, P buf, J sizeInBytes)
          I cublasLtMatmulAlgoGetHeuristic(P lightHandle, P operationDesc,
              P Adesc, P Bdesc, P Cdesc, P Ddesc, P preference, I requestedAlgoCount,
              P heuristicResultsArray, P returnAlgoCount)
          I cublasLtMatmul(P lightHandle, P computeDesc, P alpha, P A, P Adesc, P B, P Bdesc,
              P beta, P C, P Cdesc, P D, P Ddesc, P algo, P workspace, J workspaceSizeInBytes,
              P stream)
          """);

  private static final MethodHandle CREATE = SIGNATURES.handle("cublasLtCreate");
  private static final MethodHandle DESTROY = SIGNATURES.handle("cublasLtDestroy");
  private static final MethodHandle VERSION = SIGNATURES.handle("cublasLtGetVersion");

  private final LoadedLibrary library;
  private final CublasStatus status;
  private final MemorySegment handle;
  private boolean open = true;

  /**
   * cuBLASLt from {@code library}.
   *
   * @param cublas the cuBLAS of the same version, whose status texts serve both
   */
  public CublasLt(LoadedLibrary library, LoadedLibrary cublas) {
    this.library = library;
    this.status = new CublasStatus(cublas, library.toString());
    SIGNATURES.signatures().forEach(s -> library.address(s.name()));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      MemorySegment create = library.address("cublasLtCreate");
      check("cublasLtCreate", (int) CREATE.invokeExact(create, out));
      this.handle = out.get(ADDRESS, 0);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /** The library's version, for example 120403 for 12.4.3. */
  public static long version(LoadedLibrary library) {
    try {
      return (long) VERSION.invokeExact(library.address("cublasLtGetVersion"));
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /**
   * Makes a product ready to be run many times.
   *
   * @param bias the address of the bias on the device; 0 where the epilogue has none
   * @param maxWorkspace bytes of workspace that will be there
   */
  public LtMatmul prepare(Gemm gemm, Epilogue epilogue, long bias, long maxWorkspace) {
    if (epilogue.hasBias() != (bias != 0)) {
      throw new IllegalArgumentException(
          "epilogue "
              + epilogue
              + " with a bias at "
              + bias
              + "; give one if and only if it adds one");
    }
    return new LtMatmul(this, gemm, epilogue, bias, maxWorkspace);
  }

  LoadedLibrary library() {
    return library;
  }

  MemorySegment handle() {
    return handle;
  }

  void check(String call, int result) {
    status.check(call, result);
  }

  /** Lets a descriptor go by the function {@code call}. */
  void destroy(String call, MethodHandle function, MemorySegment descriptor) {
    try {
      check(call, (int) function.invokeExact(library.address(call), descriptor));
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /** Sets an attribute of a descriptor to a number of 4 or 8 bytes. */
  void set(
      String call, MethodHandle function, MemorySegment descriptor, int attribute, Number value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(JAVA_LONG);
      buffer.set(JAVA_LONG, 0, value.longValue());
      long bytes = value instanceof Long ? Long.BYTES : Integer.BYTES;
      MemorySegment address = library.address(call);
      check(call, (int) function.invokeExact(address, descriptor, attribute, buffer, bytes));
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      destroy("cublasLtDestroy", DESTROY, handle);
    }
  }
}
