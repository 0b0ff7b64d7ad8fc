package io.github.f2d4j.kernels.library;

import java.lang.foreign.MemorySegment;

/** Text that native code owns. */
public final class NativeText {
  private static final int LONGEST = 4096;

  private NativeText() {}

  /** The zero-terminated text at {@code address} on one line; empty where there is none. */
  @SuppressWarnings("restricted") // the length is the library's promise
  public static String of(MemorySegment address) {
    if (address.equals(MemorySegment.NULL)) {
      return "";
    }
    MemorySegment text = address.byteSize() > 0 ? address : address.reinterpret(LONGEST);
    return text.getString(0).strip().replaceAll("\\s*\\R\\s*", " | ");
  }
}
