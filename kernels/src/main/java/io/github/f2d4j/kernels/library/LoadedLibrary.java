package io.github.f2d4j.kernels.library;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;

/**
 * A library that is loaded and stays so until the JVM ends.
 *
 * @param kind which library
 * @param major the version in its file's name
 * @param file the file it was loaded from, or its bare name where the system's loader found it
 * @param symbols its functions by name
 */
public record LoadedLibrary(NativeLibrary kind, int major, String file, SymbolLookup symbols) {
  /** Whether it has the function {@code symbol}. A call to one that is missing kills the JVM. */
  public boolean has(String symbol) {
    return symbols.find(symbol).isPresent();
  }

  /**
   * Where the function {@code symbol} starts.
   *
   * @throws CudaException if the library lacks it
   */
  public MemorySegment address(String symbol) {
    return symbols
        .find(symbol)
        .orElseThrow(() -> CudaException.missingFunction(toString(), symbol, kind.remedy()));
  }

  /** For example {@code cuBLAS (/usr/local/cuda/lib64/libcublas.so.13)}. */
  @Override
  public String toString() {
    return kind.title() + " (" + file + ")";
  }
}
