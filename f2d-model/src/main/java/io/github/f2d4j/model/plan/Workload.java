package io.github.f2d4j.model.plan;

import io.github.f2d4j.engine.graph.Analysis.StepCost;
import io.github.f2d4j.engine.op.AttendOp.Attention;
import io.github.f2d4j.engine.op.ConvolveOp.Conv2d;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.op.MatMulOp.MatMul;
import io.github.f2d4j.engine.types.Shape;
import java.util.List;

/**
 * An operator as far as its speed is concerned: those of one kind run at rates that depend on a few
 * extents.
 *
 * @param work operations in sums of products, or bytes for kinds that only pass over memory
 * @param extents what the rate depends on, each at least 1
 */
record Workload(Kind kind, double work, List<Double> extents) {
  /** Kinds of operators that are compared with each other. */
  enum Kind {
    /** Matrix products, and 1×1 convolutions: rows, sum length, columns. */
    PRODUCT,
    /** 3×3 convolutions of stride 1: pixels, input channels, output channels. */
    CONVOLVE_3X3,
    /** All other convolutions: pixels, sum length, output channels. */
    CONVOLVE,
    /** Attention: queries of all heads, keys, width of a head. */
    ATTEND,
    /** Normalisation: bytes. */
    NORMALIZE,
    /** Elementwise operators: bytes. */
    ELEMENTWISE,
    /** Movement and reduction: bytes. */
    MOVE
  }

  static Workload of(StepCost step) {
    Shape y = step.step().type().shape();
    Shape a = step.inputs().isEmpty() ? y : step.inputs().getFirst().type().shape();
    double products = step.cost().products();
    return switch (step.step().op()) {
      case MatMul m -> {
        double k = a.dim(m.transposeA() ? -2 : -1);
        yield product(Kind.PRODUCT, products, y.elements() / Math.max(1.0, y.dim(-1)), k);
      }
      case Conv2d c -> {
        Shape w = step.inputs().get(1).type().shape();
        double pixels = (double) y.dim(0) * y.dim(1) * y.dim(2);
        double taps = (double) w.dim(2) * w.dim(3);
        if (taps == 1) {
          yield product(Kind.PRODUCT, products, pixels, w.dim(1));
        }
        boolean square = w.dim(2) == 3 && w.dim(3) == 3 && c.window().equals(Window.of(1, 1));
        yield square
            ? new Workload(Kind.CONVOLVE_3X3, products, extents(pixels, w.dim(1), w.dim(0)))
            : product(Kind.CONVOLVE, products, pixels, taps * w.dim(1));
      }
      case Attention t -> {
        double queries = (double) y.dim(0) * y.dim(1) * t.heads();
        double keys = step.inputs().get(1).type().shape().dim(1);
        yield new Workload(
            Kind.ATTEND, products, extents(queries, keys, y.dim(2) / (double) t.heads()));
      }
      default -> {
        double bytes = Math.max(1, step.cost().bytes());
        Kind kind =
            switch (step.cost().family()) {
              case NORMALIZE -> Kind.NORMALIZE;
              case ELEMENTWISE -> Kind.ELEMENTWISE;
              case MOVEMENT, REDUCE, MATMUL, CONVOLVE, ATTEND -> Kind.MOVE;
            };
        yield new Workload(kind, bytes, extents(bytes));
      }
    };
  }

  /** {@code products} = 2·rows·k·columns tells the columns, of a gate's both halves too. */
  private static Workload product(Kind kind, double products, double rows, double k) {
    double columns = products / (2 * Math.max(1, rows) * Math.max(1, k));
    return new Workload(kind, products, extents(rows, k, columns));
  }

  private static List<Double> extents(double... values) {
    return java.util.Arrays.stream(values).map(v -> Math.max(1, v)).boxed().toList();
  }

  /** How far apart the extents of two workloads of one kind are: the square, in octaves. */
  double distance(Workload other) {
    double sum = 0;
    for (int i = 0; i < extents.size(); i++) {
      double octaves = Math.log(extents.get(i) / other.extents.get(i)) / Math.log(2);
      sum += octaves * octaves;
    }
    return sum;
  }
}
