package io.github.f2d4j.engine.nn;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.types.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/** Looks for NaN and infinities at the speed of memory. */
final class FiniteScan {
  private static final int F32_EXPONENT = 0x7f80_0000;
  private static final int F16_EXPONENT = 0x7c00;
  private static final int BF16_EXPONENT = 0x7f80;
  private static final int BLOCK = 1 << 16;

  private FiniteScan() {}

  /** Whether every element of an F32, F16 or BF16 tensor is finite. */
  static boolean isFinite(Tensor tensor) {
    Buffer buffer = tensor.buffer();
    try {
      return isFinite(tensor.dtype(), buffer.toHost());
    } finally {
      Reference.reachabilityFence(buffer);
    }
  }

  private static boolean isFinite(DType dtype, MemorySegment m) {
    return switch (dtype) {
      case F32 -> ints(m);
      case F16 -> shorts(m, F16_EXPONENT);
      case BF16 -> shorts(m, BF16_EXPONENT);
      case F64, F8_E4M3, F8_E5M2, I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> true;
    };
  }

  // An all-ones exponent means NaN or infinity. The inner loops have no exit, so that they become
  // vector code.

  private static boolean ints(MemorySegment m) {
    long n = m.byteSize() / Float.BYTES;
    int[] block = new int[BLOCK];
    for (long start = 0; start < n; start += BLOCK) {
      int length = (int) Math.min(BLOCK, n - start);
      MemorySegment.copy(m, ValueLayout.JAVA_INT_UNALIGNED, start * Float.BYTES, block, 0, length);
      int most = 0;
      for (int i = 0; i < length; i++) {
        most = Math.max(most, block[i] & F32_EXPONENT);
      }
      if (most == F32_EXPONENT) {
        return false;
      }
    }
    return true;
  }

  private static boolean shorts(MemorySegment m, int exponent) {
    long n = m.byteSize() / Short.BYTES;
    short[] block = new short[BLOCK];
    for (long start = 0; start < n; start += BLOCK) {
      int length = (int) Math.min(BLOCK, n - start);
      MemorySegment.copy(
          m, ValueLayout.JAVA_SHORT_UNALIGNED, start * Short.BYTES, block, 0, length);
      int most = 0;
      for (int i = 0; i < length; i++) {
        most = Math.max(most, block[i] & exponent);
      }
      if (most == exponent) {
        return false;
      }
    }
    return true;
  }
}
