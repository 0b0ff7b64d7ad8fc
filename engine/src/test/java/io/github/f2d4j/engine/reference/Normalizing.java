package io.github.f2d4j.engine.reference;

import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.ElementwiseOp.UnaryKind;
import io.github.f2d4j.engine.op.NormalizeOp;
import io.github.f2d4j.engine.op.NormalizeOp.BatchNorm;
import io.github.f2d4j.engine.op.NormalizeOp.GroupNorm;
import io.github.f2d4j.engine.op.NormalizeOp.L2Normalize;
import io.github.f2d4j.engine.op.NormalizeOp.LayerNorm;
import io.github.f2d4j.engine.op.NormalizeOp.Softmax;
import java.util.List;

/** Normalisations by definition. */
final class Normalizing {
  private Normalizing() {}

  static Values compute(NormalizeOp op, List<Values> in) {
    Values x = in.getFirst();
    int channels = x.shape().dim(-1);
    Values y = new Values(x.shape(), x.data().clone());
    return switch (op) {
      case GroupNorm g -> groupNorm(g, in);
      case LayerNorm l -> {
        for (int row = 0; row < y.data().length; row += channels) {
          standardize(y.data(), row, channels, l.eps());
        }
        yield affine(y, in);
      }
      case BatchNorm b -> {
        for (int i = 0; i < y.data().length; i++) {
          double mean = in.get(3).data()[i % channels];
          double variance = in.get(4).data()[i % channels];
          y.data()[i] = (y.data()[i] - mean) / Math.sqrt(variance + b.eps());
        }
        yield affine(y, in);
      }
      case Softmax s -> {
        for (int row = 0; row < y.data().length; row += channels) {
          softmax(y.data(), row, channels, s.log());
        }
        yield y;
      }
      case L2Normalize l -> {
        for (int row = 0; row < y.data().length; row += channels) {
          double sum = 0;
          for (int i = row; i < row + channels; i++) {
            sum += y.data()[i] * y.data()[i];
          }
          double norm = Math.max(Math.sqrt(sum), l.eps());
          for (int i = row; i < row + channels; i++) {
            y.data()[i] /= norm;
          }
        }
        yield y;
      }
    };
  }

  private static Values groupNorm(GroupNorm op, List<Values> in) {
    Values x = in.getFirst();
    int channels = x.shape().dim(-1);
    int n = x.shape().dim(0);
    int inner = n == 0 ? 0 : x.data().length / n;
    int perGroup = channels / op.groups();
    Values y = Values.zeros(x.shape());
    for (int b = 0; b < n; b++) {
      for (int g = 0; g < op.groups(); g++) {
        double[] group = new double[inner / op.groups()];
        for (int i = 0; i < group.length; i++) {
          int at = b * inner + i / perGroup * channels + g * perGroup + i % perGroup;
          group[i] = x.data()[at];
        }
        standardize(group, 0, group.length, op.eps());
        for (int i = 0; i < group.length; i++) {
          int at = b * inner + i / perGroup * channels + g * perGroup + i % perGroup;
          y.data()[at] = group[i];
        }
      }
    }
    affine(y, in);
    if (op.activation() == Activation.SILU) {
      for (int i = 0; i < y.data().length; i++) {
        y.data()[i] = Elementwise.unary(UnaryKind.SILU, y.data()[i]);
      }
    }
    return y;
  }

  private static void standardize(double[] a, int from, int length, double eps) {
    double mean = 0;
    for (int i = from; i < from + length; i++) {
      mean += a[i] / length;
    }
    double variance = 0;
    for (int i = from; i < from + length; i++) {
      variance += (a[i] - mean) * (a[i] - mean) / length;
    }
    for (int i = from; i < from + length; i++) {
      a[i] = (a[i] - mean) / Math.sqrt(variance + eps);
    }
  }

  private static Values affine(Values y, List<Values> in) {
    int channels = y.shape().dim(-1);
    for (int i = 0; i < y.data().length; i++) {
      y.data()[i] = y.data()[i] * in.get(1).data()[i % channels] + in.get(2).data()[i % channels];
    }
    return y;
  }

  static void softmax(double[] a, int from, int length, boolean log) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + length; i++) {
      max = Math.max(max, a[i]);
    }
    double sum = 0;
    for (int i = from; i < from + length; i++) {
      sum += Math.exp(a[i] - max);
    }
    for (int i = from; i < from + length; i++) {
      a[i] = log ? a[i] - max - Math.log(sum) : Math.exp(a[i] - max) / sum;
    }
  }
}
