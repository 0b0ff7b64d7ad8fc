package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.math.FloatMath;
import io.github.f2d4j.engine.cpu.tile.Tile;
import io.github.f2d4j.engine.op.Activation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** {@link GemmEpilogue} in plain loops. */
final class GemmEpilogueScalar implements GemmEpilogue {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  @Override
  public void bias(float[] sums, int at, int rows, float[] bias, int biasAt) {
    int width = Tile.BEST.columns();
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < width; j++) {
        sums[at + r * width + j] += bias[biasAt + j];
      }
    }
  }

  @Override
  public void activate(Activation activation, float[] sums, int at, int count) {
    int end = at + count;
    switch (activation) {
      case NONE -> {}
      case RELU -> {
        for (int i = at; i < end; i++) {
          sums[i] = Math.max(sums[i], 0f);
        }
      }
      case SILU -> {
        for (int i = at; i < end; i++) {
          sums[i] = FloatMath.silu(sums[i]);
        }
      }
      case GELU -> {
        for (int i = at; i < end; i++) {
          sums[i] = FloatMath.gelu(sums[i]);
        }
      }
      case QUICK_GELU -> {
        for (int i = at; i < end; i++) {
          sums[i] = FloatMath.quickGelu(sums[i]);
        }
      }
      case GEGLU -> throw new IllegalArgumentException("GEGLU joins two panels: use gate");
    }
  }

  @Override
  public void gate(float[] sums, int h, int gate, int count) {
    for (int i = 0; i < count; i++) {
      sums[h + i] *= FloatMath.gelu(sums[gate + i]);
    }
  }

  @Override
  public void store(
      float[] sums,
      int at,
      int rows,
      int columns,
      MemorySegment out,
      long offset,
      long stride,
      @Nullable MemorySegment residual) {
    int width = Tile.BEST.columns();
    for (int r = 0; r < rows; r++) {
      long to = offset + r * stride;
      int from = at + r * width;
      if (residual == null) {
        for (int j = 0; j < columns; j++) {
          out.set(FLOAT, to + 4L * j, sums[from + j]);
        }
      } else {
        for (int j = 0; j < columns; j++) {
          out.set(FLOAT, to + 4L * j, sums[from + j] + residual.get(FLOAT, to + 4L * j));
        }
      }
    }
  }
}
