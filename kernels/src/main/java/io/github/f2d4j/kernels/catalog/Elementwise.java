package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.catalog.Geometry.positive;

import io.github.f2d4j.engine.op.Activation;
import java.util.List;

/** Kernels of {@code elementwise.cu}. */
public sealed interface Elementwise {

  /**
   * The end of a matrix product or convolution: activation(x + bias) + residual, over x
   * [rows,columns] and bias [columns].
   *
   * @param activation all but {@link Activation#GEGLU}, which is {@link Geglu}
   */
  record Epilogue(ElementType type, int rows, int columns, Activation activation)
      implements Elementwise {
    /** Checks the sizes. */
    public Epilogue {
      positive("Epilogue", "rows", rows);
      positive("Epilogue", "columns", columns);
      if (activation == Activation.GEGLU) {
        throw new IllegalArgumentException("Epilogue: GEGLU halves the rows; use Geglu");
      }
    }

    /** The launch. bias and residual are 0 where absent; y may be x or residual. */
    public List<KernelLaunch> launches(long x, long bias, long residual, long y) {
      return List.of(
          KernelLaunch.of(
              "elementwise",
              "epilogue_" + type.suffix(),
              grid(type, rows, columns),
              Dim3.of(Geometry.BLOCK),
              0,
              x,
              bias,
              residual,
              y,
              rows,
              columns,
              number(activation)));
    }
  }

  /** The number that {@code elementwise.cu} knows an activation by. */
  private static int number(Activation activation) {
    return switch (activation) {
      case NONE -> 0;
      case RELU -> 1;
      case SILU -> 2;
      case GELU -> 3;
      case QUICK_GELU -> 4;
      case GEGLU -> throw new IllegalArgumentException("GEGLU is no function of one number");
    };
  }

  /** h·gelu(gate) of the halves of x + bias: x [rows,2·columns] → [rows,columns]. */
  record Geglu(ElementType type, int rows, int columns) implements Elementwise {
    /** Checks the sizes. */
    public Geglu {
      positive("Geglu", "rows", rows);
      positive("Geglu", "columns", columns);
    }

    /** The launch; bias [2·columns] is 0 where absent. */
    public List<KernelLaunch> launches(long x, long bias, long y) {
      return List.of(
          KernelLaunch.of(
              "elementwise",
              "geglu_" + type.suffix(),
              grid(type, rows, columns),
              Dim3.of(Geometry.BLOCK),
              0,
              x,
              bias,
              y,
              rows,
              columns));
    }
  }

  /** Converts the element type, rounding to nearest even. */
  record Cast(ElementType from, ElementType to, int elements) implements Elementwise {
    /** Checks the sizes. */
    public Cast {
      positive("Cast", "elements", elements);
      Geometry.indexable("Cast", elements);
      if (from == to) {
        throw new IllegalArgumentException("Cast: from " + from + " to itself; copy instead");
      }
    }

    /** The launch. */
    public List<KernelLaunch> launches(long x, long y) {
      return List.of(
          KernelLaunch.of(
              "elementwise",
              "cast_" + from.suffix() + "_" + to.suffix(),
              Geometry.looping(elements),
              Dim3.of(Geometry.BLOCK),
              0,
              x,
              y,
              elements));
    }
  }

  /**
   * Sinusoidal timestep embedding: timesteps F32 [rows], frequencies F32 [width/2] → [rows,width].
   *
   * @param flip whether the cosines come first
   */
  record TimestepEmbedding(ElementType type, int rows, int width, boolean flip)
      implements Elementwise {
    /** Checks the sizes. */
    public TimestepEmbedding {
      positive("TimestepEmbedding", "rows", rows);
      if (width < 2) {
        throw new IllegalArgumentException(
            "TimestepEmbedding: width must be at least 2 but is " + width);
      }
      Geometry.indexable("TimestepEmbedding", (long) rows * width);
    }

    /** The launch. */
    public List<KernelLaunch> launches(long timesteps, long frequencies, long y) {
      return List.of(
          KernelLaunch.of(
              "elementwise",
              "timestep_embedding_" + type.suffix(),
              Geometry.perElement((long) rows * width),
              Dim3.of(Geometry.BLOCK),
              0,
              timesteps,
              frequencies,
              y,
              rows,
              width,
              flip));
    }
  }

  private static Dim3 grid(ElementType type, int rows, int columns) {
    int unit = columns % type.vector() == 0 ? type.vector() : 1;
    return Geometry.looping((long) rows * columns / unit);
  }
}
