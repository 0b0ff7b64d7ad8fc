package io.github.f2d4j.kernels.cublas;

import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.library.LoadedLibrary;
import io.github.f2d4j.kernels.library.NativeText;
import io.github.f2d4j.kernels.library.Rethrown;
import io.github.f2d4j.kernels.library.SignatureTable;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Turns the status codes of cuBLAS, in the library's own words, into errors. */
final class CublasStatus {
  static final SignatureTable SIGNATURES =
      new SignatureTable(
          "cuBLAS status",
          """
          P cublasGetStatusName(I status)
          P cublasGetStatusString(I status)
          """);

  private static final MethodHandle NAME = SIGNATURES.handle("cublasGetStatusName");
  private static final MethodHandle TEXT = SIGNATURES.handle("cublasGetStatusString");

  private final String library;
  private final MemorySegment name;
  private final MemorySegment text;

  /** The words of {@code cublas}; cuBLASLt shares them. */
  CublasStatus(LoadedLibrary cublas, String library) {
    this.library = library;
    this.name = cublas.address("cublasGetStatusName");
    this.text = cublas.address("cublasGetStatusString");
  }

  /** Does nothing if {@code status} is success, and throws what it means if not. */
  void check(String call, int status) {
    if (status != 0) {
      throw CudaException.failedCall(
          library, call, status, word(NAME, name, status), word(TEXT, text, status));
    }
  }

  private static String word(MethodHandle handle, MemorySegment address, int status) {
    try {
      return NativeText.of((MemorySegment) handle.invokeExact(address, status));
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }
}
