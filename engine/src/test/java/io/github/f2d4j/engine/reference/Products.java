package io.github.f2d4j.engine.reference;

import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.AttendOp.Attention;
import io.github.f2d4j.engine.op.ConvolveOp.Conv2d;
import io.github.f2d4j.engine.op.ElementwiseOp.UnaryKind;
import io.github.f2d4j.engine.op.Epilogue;
import io.github.f2d4j.engine.op.MatMulOp.MatMul;
import io.github.f2d4j.engine.types.Shape;
import java.util.List;

/** Matrix products, convolutions and attention by definition. */
final class Products {
  private Products() {}

  static Values matMul(MatMul op, List<Values> in, Shape output) {
    Values a = in.get(0);
    Values b = in.get(1);
    int m = a.shape().dim(op.transposeA() ? -1 : -2);
    int k = a.shape().dim(op.transposeA() ? -2 : -1);
    int n = b.shape().dim(op.transposeB() ? -2 : -1);
    int batches = 1;
    for (int i = 0; i < a.shape().rank() - 2; i++) {
      batches *= a.shape().dim(i);
    }
    Values sum = Values.zeros(sumShape(op.epilogue(), output));
    for (int t = 0; t < batches; t++) {
      int bt = b.shape().rank() == 2 ? 0 : t;
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          double s = 0;
          for (int l = 0; l < k; l++) {
            double u = a.data()[t * m * k + (op.transposeA() ? l * m + i : i * k + l)];
            double v = b.data()[bt * k * n + (op.transposeB() ? j * k + l : l * n + j)];
            s += u * v;
          }
          sum.data()[(t * m + i) * n + j] = s;
        }
      }
    }
    return finish(op.epilogue(), sum, in);
  }

  static Values conv2d(Conv2d op, List<Values> in, Shape output) {
    Values x = in.get(0);
    Values w = in.get(1);
    Values sum = Values.zeros(sumShape(op.epilogue(), output));
    int perGroup = w.shape().dim(1);
    int outPerGroup = w.shape().dim(0) / op.groups();
    for (int i = 0; i < sum.data().length; i++) {
      int[] p = sum.position(i);
      int firstChannel = p[3] / outPerGroup * perGroup;
      double s = 0;
      for (int dy = 0; dy < w.shape().dim(2); dy++) {
        for (int dx = 0; dx < w.shape().dim(3); dx++) {
          int h = p[1] * op.window().strideH() - op.window().top() + dy;
          int v = p[2] * op.window().strideW() - op.window().left() + dx;
          if (h < 0 || h >= x.shape().dim(1) || v < 0 || v >= x.shape().dim(2)) {
            continue;
          }
          for (int c = 0; c < perGroup; c++) {
            s += x.at(p[0], h, v, firstChannel + c) * w.at(p[3], c, dy, dx);
          }
        }
      }
      sum.data()[i] = s;
    }
    return finish(op.epilogue(), sum, in);
  }

  private static Shape sumShape(Epilogue e, Shape output) {
    return e.activation() == Activation.GEGLU ? output.with(-1, 2 * output.dim(-1)) : output;
  }

  private static Values finish(Epilogue e, Values sum, List<Values> in) {
    int next = 2;
    if (e.bias()) {
      double[] bias = in.get(next++).data();
      for (int i = 0; i < sum.data().length; i++) {
        sum.data()[i] += bias[i % bias.length];
      }
    }
    Values y =
        switch (e.activation()) {
          case NONE -> sum;
          case RELU -> each(sum, UnaryKind.RELU);
          case SILU -> each(sum, UnaryKind.SILU);
          case GELU -> each(sum, UnaryKind.GELU);
          case QUICK_GELU -> each(sum, UnaryKind.QUICK_GELU);
          case GEGLU -> Elementwise.geglu(sum);
        };
    if (e.residual()) {
      double[] r = in.get(next).data();
      for (int i = 0; i < r.length; i++) {
        y.data()[i] += r[i];
      }
    }
    return y;
  }

  private static Values each(Values x, UnaryKind kind) {
    for (int i = 0; i < x.data().length; i++) {
      x.data()[i] = Elementwise.unary(kind, x.data()[i]);
    }
    return x;
  }

  static Values attention(Attention op, List<Values> in) {
    Values q = in.get(0);
    Values k = in.get(1);
    Values v = in.get(2);
    int d = q.shape().dim(2) / op.heads();
    int keys = k.shape().dim(1);
    Values y = Values.zeros(q.shape());
    int sharing = q.shape().dim(0) / Math.max(1, k.shape().dim(0));
    for (int b = 0; b < q.shape().dim(0); b++) {
      for (int i = 0; i < q.shape().dim(1); i++) {
        for (int head = 0; head < op.heads(); head++) {
          int seen = op.causal() ? Math.min(i + 1, keys) : keys;
          double[] p = new double[seen];
          for (int j = 0; j < seen; j++) {
            for (int c = head * d; c < (head + 1) * d; c++) {
              p[j] += op.scale() * q.at(b, i, c) * k.at(b / sharing, j, c);
            }
          }
          Normalizing.softmax(p, 0, seen, false);
          for (int c = head * d; c < (head + 1) * d; c++) {
            double s = 0;
            for (int j = 0; j < seen; j++) {
              s += p[j] * v.at(b / sharing, j, c);
            }
            y.data()[y.index(b, i, c)] = s;
          }
        }
      }
    }
    return y;
  }
}
