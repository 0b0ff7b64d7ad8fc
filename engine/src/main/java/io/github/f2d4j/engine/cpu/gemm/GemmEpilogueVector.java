package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.math.FloatMath;
import io.github.f2d4j.engine.cpu.math.VectorLoops;
import io.github.f2d4j.engine.cpu.math.VectorMath;
import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import io.github.f2d4j.engine.op.Activation;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * {@link GemmEpilogue} on vectors. A panel is two or four vectors wide, so full panels need no
 * tail. One small method per loop: each compiles by itself, whatever mixture of epilogues a program
 * runs.
 */
final class GemmEpilogueVector implements GemmEpilogue {
  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final int LANES = F.length();
  private static final int WIDTH = Panels.width();

  private final GemmEpilogueScalar partial = new GemmEpilogueScalar();

  @Override
  public void bias(float[] sums, int at, int rows, float[] bias, int biasAt) {
    for (int c = 0; c < WIDTH; c += LANES) {
      FloatVector b = FloatVector.fromArray(F, bias, biasAt + c);
      for (int i = at + c; i < at + rows * WIDTH; i += WIDTH) {
        FloatVector.fromArray(F, sums, i).add(b).intoArray(sums, i);
      }
    }
  }

  @Override
  public void activate(Activation activation, float[] sums, int at, int count) {
    switch (activation) {
      case NONE -> {}
      case RELU -> relu(sums, at, count);
      case SILU -> VectorLoops.swish(sums, at, count, 1f);
      case GELU -> VectorLoops.gelu(sums, at, count);
      case QUICK_GELU -> VectorLoops.swish(sums, at, count, FloatMath.QUICK);
      case GEGLU -> throw new IllegalArgumentException("GEGLU joins two panels: use gate");
    }
  }

  private static void relu(float[] sums, int at, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector.fromArray(F, sums, at + i).max(0f).intoArray(sums, at + i);
    }
  }

  @Override
  public void gate(float[] sums, int h, int gate, int count) {
    VectorLoops.gelu(sums, gate, count);
    for (int i = 0; i < count; i += LANES) {
      FloatVector.fromArray(F, sums, h + i)
          .mul(FloatVector.fromArray(F, sums, gate + i))
          .intoArray(sums, h + i);
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
    if (columns < WIDTH) {
      partial.store(sums, at, rows, columns, out, offset, stride, residual);
    } else if (residual == null) {
      store(sums, at, rows, out, offset, stride);
    } else {
      storeSum(sums, at, rows, out, offset, stride, residual);
    }
  }

  private static void store(
      float[] sums, int at, int rows, MemorySegment out, long offset, long stride) {
    for (int r = 0; r < rows; r++) {
      int i = at + r * WIDTH;
      long to = offset + r * stride;
      for (int c = 0; c < WIDTH; c += LANES) {
        VectorMath.store(out, to + 4L * c, FloatVector.fromArray(F, sums, i + c));
      }
    }
  }

  private static void storeSum(
      float[] sums,
      int at,
      int rows,
      MemorySegment out,
      long offset,
      long stride,
      MemorySegment residual) {
    for (int r = 0; r < rows; r++) {
      int i = at + r * WIDTH;
      long to = offset + r * stride;
      for (int c = 0; c < WIDTH; c += LANES) {
        FloatVector y =
            FloatVector.fromArray(F, sums, i + c).add(VectorMath.load(residual, to + 4L * c));
        VectorMath.store(out, to + 4L * c, y);
      }
    }
  }
}
