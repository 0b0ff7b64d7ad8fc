package io.github.f2d4j.engine.nn;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.types.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Looks for NaN and infinities at the speed of memory. */
final class FiniteScan {
  private static final int F32_EXPONENT = 0x7f80_0000;
  private static final int F16_EXPONENT = 0x7c00;
  private static final int BF16_EXPONENT = 0x7f80;

  /** Elements looked at together: they stay in the first-level cache. */
  private static final int BLOCK = 1 << 12;

  /** Bytes of a piece of a tensor; all take a thread about the same time. */
  private static final long PIECE = 1 << 24;

  private FiniteScan() {}

  /** Part of a tensor, which keeps its memory. */
  private record Piece(String key, DType dtype, Buffer buffer, long from, long bytes) {
    boolean isFinite() {
      try {
        return FiniteScan.isFinite(dtype, buffer.toHost().asSlice(from, bytes));
      } finally {
        Reference.reachabilityFence(buffer);
      }
    }
  }

  /** The keys of the F32, F16 and BF16 tensors that hold NaN or infinities, in the map's order. */
  static List<String> keysNotFinite(Map<String, Tensor> tensors) {
    List<Piece> pieces = new ArrayList<>();
    tensors.forEach(
        (key, tensor) -> {
          Buffer buffer = tensor.buffer();
          for (long from = 0; from < buffer.bytes(); from += PIECE) {
            long bytes = Math.min(PIECE, buffer.bytes() - from);
            pieces.add(new Piece(key, tensor.dtype(), buffer, from, bytes));
          }
        });
    return pieces.parallelStream()
        .filter(piece -> !piece.isFinite())
        .map(Piece::key)
        .distinct()
        .toList();
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
