package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.catalog.Geometry.ceilDiv;
import static io.github.f2d4j.kernels.catalog.Geometry.positive;

import io.github.f2d4j.engine.op.ConvolveOp.PoolKind;
import io.github.f2d4j.engine.op.ReduceOp;
import io.github.f2d4j.engine.op.ReduceOp.ReduceKind;
import io.github.f2d4j.engine.types.Shape;
import java.util.ArrayList;
import java.util.List;

/** Kernels of {@code reduce.cu}. */
public sealed interface Reduction {
  /** Warps of a block. */
  int WARPS = Geometry.BLOCK / 32;

  /**
   * Combines the middle axis: x [outer,n,inner] → [outer,inner]. Over no element (n = 0) the sum is
   * 0, the mean NaN, and the extremes are infinite.
   */
  record Reduce(ElementType type, ReduceKind kind, int outer, int n, int inner)
      implements Reduction {
    /** From this length on, a row gets a whole block. */
    private static final int LONG = 2048;

    /** Checks the sizes. */
    public Reduce {
      positive("Reduce", "outer", outer);
      positive("Reduce", "inner", inner);
      if (n < 0) {
        throw new IllegalArgumentException("Reduce: n must not be negative but is " + n);
      }
      Geometry.indexable("Reduce", (long) outer * inner);
      Geometry.indexable("Reduce", n);
    }

    /** The launch. */
    public List<KernelLaunch> launches(long x, long y) {
      if (inner > 1) {
        return List.of(
            KernelLaunch.of(
                "reduce",
                "reduce_columns_" + type.suffix(),
                Geometry.perElement((long) outer * inner),
                Dim3.of(Geometry.BLOCK),
                0,
                x,
                y,
                outer,
                n,
                inner,
                number(kind)));
      }
      int warps = n < LONG ? 1 : WARPS;
      return List.of(
          KernelLaunch.of(
              "reduce",
              "reduce_rows_" + type.suffix(),
              Dim3.of(Math.ceilDiv(outer, WARPS / warps)),
              Dim3.of(Geometry.BLOCK),
              0,
              x,
              y,
              outer,
              n,
              number(kind),
              warps));
    }
  }

  /**
   * The steps that an operator takes, each reading what the one before wrote: runs of neighbouring
   * axes, the last first. Empty where no axis is reduced: then y is a copy of x.
   *
   * @param x a shape without empty axes among those that stay
   */
  static List<Reduce> of(ElementType type, ReduceOp.Reduce op, Shape x) {
    int[] extents = x.dims();
    List<Reduce> steps = new ArrayList<>();
    int inner = 1;
    int axis = extents.length - 1;
    while (axis >= 0) {
      if (!op.axes().contains(axis)) {
        inner = Math.multiplyExact(inner, extents[axis--]);
        continue;
      }
      int n = 1;
      while (axis >= 0 && op.axes().contains(axis)) {
        n = Math.multiplyExact(n, extents[axis--]);
      }
      int outer = 1;
      for (int i = 0; i <= axis; i++) {
        outer = Math.multiplyExact(outer, extents[i]);
      }
      steps.add(new Reduce(type, op.kind(), outer, n, inner));
    }
    return steps;
  }

  private static int number(ReduceKind kind) {
    return switch (kind) {
      case SUM -> 0;
      case MEAN -> 1;
      case MAX -> 2;
      case MIN -> 3;
    };
  }

  /** Softmax over rows, or its logarithm: x [rows,n] → x's shape. */
  record Softmax(ElementType type, int rows, int n, boolean log) implements Reduction {
    /** Checks the sizes. */
    public Softmax {
      positive("Softmax", "rows", rows);
      positive("Softmax", "n", n);
    }

    /** The launch; y may be x. */
    public List<KernelLaunch> launches(long x, long y) {
      return List.of(
          KernelLaunch.of(
              "reduce",
              "softmax_" + type.suffix(),
              Dim3.of(ceilDiv(rows, WARPS)),
              Dim3.of(Geometry.BLOCK),
              0,
              x,
              y,
              rows,
              n,
              log));
    }
  }

  /** x / max(‖x‖₂, eps) over rows: x [rows,n] → x's shape. */
  record L2Normalize(ElementType type, int rows, int n, float eps) implements Reduction {
    /** Checks the sizes. */
    public L2Normalize {
      positive("L2Normalize", "rows", rows);
      positive("L2Normalize", "n", n);
    }

    /** The launch; y may be x. */
    public List<KernelLaunch> launches(long x, long y) {
      return List.of(
          KernelLaunch.of(
              "reduce",
              "l2_normalize_" + type.suffix(),
              Dim3.of(ceilDiv(rows, WARPS)),
              Dim3.of(Geometry.BLOCK),
              0,
              x,
              y,
              rows,
              n,
              eps));
    }
  }

  /**
   * Pooling: x [batch,h,w,channels] → [batch,height,width,channels]. The first window's corner lies
   * at (-top, -left).
   */
  record Pool(
      ElementType type,
      PoolKind kind,
      int batch,
      int h,
      int w,
      int channels,
      int height,
      int width,
      int kernelH,
      int kernelW,
      int strideH,
      int strideW,
      int top,
      int left)
      implements Reduction {
    /** Checks the sizes. */
    public Pool {
      positive("Pool", "batch", batch);
      positive("Pool", "h", h);
      positive("Pool", "w", w);
      positive("Pool", "channels", channels);
      positive("Pool", "height", height);
      positive("Pool", "width", width);
      positive("Pool", "kernelH", kernelH);
      positive("Pool", "kernelW", kernelW);
      positive("Pool", "strideH", strideH);
      positive("Pool", "strideW", strideW);
      Geometry.indexable("Pool", elements(batch, height, width, channels));
    }

    private static long elements(int batch, int height, int width, int channels) {
      return (long) batch * height * width * channels;
    }

    /** The launch. */
    public List<KernelLaunch> launches(long x, long y) {
      return List.of(
          KernelLaunch.of(
              "reduce",
              "pool_" + type.suffix(),
              Geometry.perElement(elements(batch, height, width, channels)),
              Dim3.of(Geometry.BLOCK),
              0,
              x,
              y,
              batch,
              h,
              w,
              channels,
              height,
              width,
              kernelH,
              kernelW,
              strideH,
              strideW,
              top,
              left,
              kind == PoolKind.AVG));
    }
  }
}
