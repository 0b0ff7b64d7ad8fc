package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.catalog.Geometry.positive;

import java.util.List;

/**
 * Kernels of {@code movement.cu} and {@code movement_any.cu}: they copy elements, so all 16-bit
 * types share one. Any other arrangement is a {@link StridedCopy}.
 */
public sealed interface Movement {

  /**
   * Nearest upsampling: x [batch,h,w,channels] → [batch,height,width,channels], with the engine's
   * and PyTorch's rounding.
   */
  record Upsample(ElementType type, int batch, int h, int w, int channels, int height, int width)
      implements Movement {
    /** Checks the sizes. */
    public Upsample {
      positive("Upsample", "batch", batch);
      positive("Upsample", "h", h);
      positive("Upsample", "w", w);
      positive("Upsample", "channels", channels);
      positive("Upsample", "height", height);
      positive("Upsample", "width", width);
    }

    /** The launch. */
    public List<KernelLaunch> launches(long x, long y) {
      return List.of(
          KernelLaunch.of(
              "movement",
              "upsample_" + suffix(type),
              grid(type, (long) batch * height * width * channels, channels),
              Dim3.of(Geometry.BLOCK),
              0,
              x,
              y,
              batch,
              h,
              w,
              channels,
              height,
              width));
    }
  }

  /** Concatenation of rows: a [rows,m], b [rows,n] → [rows,m + n]. */
  record Concat(ElementType type, int rows, int m, int n) implements Movement {
    /** Checks the sizes. */
    public Concat {
      positive("Concat", "rows", rows);
      positive("Concat", "m", m);
      positive("Concat", "n", n);
    }

    /** The launch. */
    public List<KernelLaunch> launches(long a, long b, long y) {
      return List.of(
          KernelLaunch.of(
              "movement",
              "concat_" + suffix(type),
              grid(type, (long) rows * (m + n), m | n),
              Dim3.of(Geometry.BLOCK),
              0,
              a,
              b,
              y,
              rows,
              m,
              n));
    }
  }

  /**
   * The windows of a convolution as rows of a matrix: x [batch,h,w,channels] →
   * [batch·height·width,kernelH·kernelW·channels]. The first window's corner lies at (-top, -left).
   *
   * @param height rows of the convolution's result
   * @param width columns of the convolution's result
   */
  record Im2col(
      ElementType type,
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
      implements Movement {
    /** Checks the sizes. */
    public Im2col {
      positive("Im2col", "batch", batch);
      positive("Im2col", "h", h);
      positive("Im2col", "w", w);
      positive("Im2col", "channels", channels);
      positive("Im2col", "height", height);
      positive("Im2col", "width", width);
      positive("Im2col", "kernelH", kernelH);
      positive("Im2col", "kernelW", kernelW);
      positive("Im2col", "strideH", strideH);
      positive("Im2col", "strideW", strideW);
    }

    /** Elements of the result. */
    public long elements() {
      return (long) batch * height * width * kernelH * kernelW * channels;
    }

    /** The launch. */
    public List<KernelLaunch> launches(long x, long y) {
      return List.of(
          KernelLaunch.of(
              "movement",
              "im2col_" + suffix(type),
              grid(type, elements(), channels),
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
              left));
    }
  }

  /** Writes a value to every element. */
  record Fill(ElementType type, int elements, float value) implements Movement {
    /** Checks the size. */
    public Fill {
      positive("Fill", "elements", elements);
      Geometry.indexable("Fill", elements);
    }

    /** The launch. */
    public List<KernelLaunch> launches(long y) {
      return List.of(
          KernelLaunch.of(
              "movement_any",
              "fill_" + suffix(type),
              Geometry.looping(elements),
              Dim3.of(Geometry.BLOCK),
              0,
              y,
              elements,
              type.bits(value)));
    }
  }

  /**
   * Looks up rows: table [rows,columns], ids [count] → [count,columns]. An id outside [0,rows)
   * gives a row of NaN; whoever knows the ids checks them before.
   *
   * @param wide whether ids are 64-bit numbers, not 32-bit ones
   */
  record Gather(ElementType type, int count, int rows, int columns, boolean wide)
      implements Movement {
    /** Checks the sizes. */
    public Gather {
      positive("Gather", "count", count);
      positive("Gather", "rows", rows);
      positive("Gather", "columns", columns);
      Geometry.indexable("Gather", (long) count * columns);
    }

    /** The launch. */
    public List<KernelLaunch> launches(long table, long ids, long y) {
      return List.of(
          KernelLaunch.of(
              "movement_any",
              "gather_" + suffix(type),
              Geometry.looping((long) count * columns),
              Dim3.of(Geometry.BLOCK),
              0,
              table,
              ids,
              y,
              count,
              rows,
              columns,
              wide));
    }
  }

  private static String suffix(ElementType type) {
    return type.bytes() == 2 ? "b16" : "b32";
  }

  private static Dim3 grid(ElementType type, long elements, int run) {
    return Geometry.looping(run % type.vector() == 0 ? elements / type.vector() : elements);
  }
}
