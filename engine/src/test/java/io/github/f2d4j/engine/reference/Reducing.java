package io.github.f2d4j.engine.reference;

import io.github.f2d4j.engine.op.ConvolveOp.Pool2d;
import io.github.f2d4j.engine.op.ConvolveOp.PoolKind;
import io.github.f2d4j.engine.op.ReduceOp.Reduce;
import io.github.f2d4j.engine.op.ReduceOp.ReduceKind;
import io.github.f2d4j.engine.types.Shape;
import java.util.Arrays;

/** Reductions and pooling by definition. */
final class Reducing {
  private Reducing() {}

  static Values compute(Reduce op, Values x, Shape shape) {
    Values y = Values.zeros(shape);
    Arrays.fill(y.data(), start(op.kind()));
    for (int i = 0; i < x.data().length; i++) {
      int[] from = x.position(i);
      int[] to = new int[shape.rank()];
      int n = 0;
      for (int axis = 0; axis < from.length; axis++) {
        boolean reduced = op.axes().contains(axis);
        if (!reduced) {
          to[n++] = from[axis];
        } else if (op.keepDims()) {
          to[n++] = 0;
        }
      }
      int at = y.index(to);
      y.data()[at] = combine(op.kind(), y.data()[at], x.data()[i]);
    }
    if (op.kind() == ReduceKind.MEAN) {
      double count = 1;
      for (int axis : op.axes()) {
        count *= x.shape().dim(axis);
      }
      for (int i = 0; i < y.data().length; i++) {
        y.data()[i] /= count;
      }
    }
    return y;
  }

  private static double start(ReduceKind kind) {
    return switch (kind) {
      case SUM, MEAN -> 0;
      case MAX -> Double.NEGATIVE_INFINITY;
      case MIN -> Double.POSITIVE_INFINITY;
    };
  }

  private static double combine(ReduceKind kind, double a, double b) {
    return switch (kind) {
      case SUM, MEAN -> a + b;
      case MAX -> Math.max(a, b);
      case MIN -> Math.min(a, b);
    };
  }

  static Values pool(Pool2d op, Values x, Shape shape) {
    Values y = Values.zeros(shape);
    for (int i = 0; i < y.data().length; i++) {
      int[] p = y.position(i);
      boolean max = op.kind() == PoolKind.MAX;
      double sum = max ? Double.NEGATIVE_INFINITY : 0;
      for (int dy = 0; dy < op.kernelH(); dy++) {
        for (int dx = 0; dx < op.kernelW(); dx++) {
          int h = p[1] * op.window().strideH() - op.window().top() + dy;
          int w = p[2] * op.window().strideW() - op.window().left() + dx;
          if (h >= 0 && h < x.shape().dim(1) && w >= 0 && w < x.shape().dim(2)) {
            double v = x.at(p[0], h, w, p[3]);
            sum = max ? Math.max(sum, v) : sum + v;
          }
        }
      }
      y.data()[i] = max ? sum : sum / (op.kernelH() * op.kernelW());
    }
    return y;
  }
}
