package io.github.f2d4j.engine.reference;

import io.github.f2d4j.engine.op.ElementwiseOp;
import io.github.f2d4j.engine.op.ElementwiseOp.Affine;
import io.github.f2d4j.engine.op.ElementwiseOp.Binary;
import io.github.f2d4j.engine.op.ElementwiseOp.BinaryKind;
import io.github.f2d4j.engine.op.ElementwiseOp.Cast;
import io.github.f2d4j.engine.op.ElementwiseOp.Chain;
import io.github.f2d4j.engine.op.ElementwiseOp.ChainStep;
import io.github.f2d4j.engine.op.ElementwiseOp.Clamp;
import io.github.f2d4j.engine.op.ElementwiseOp.Geglu;
import io.github.f2d4j.engine.op.ElementwiseOp.LeakyRelu;
import io.github.f2d4j.engine.op.ElementwiseOp.Prelu;
import io.github.f2d4j.engine.op.ElementwiseOp.Unary;
import io.github.f2d4j.engine.op.ElementwiseOp.UnaryKind;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.special.Erf;

/** Elementwise operators by definition. */
final class Elementwise {
  private Elementwise() {}

  static Values compute(ElementwiseOp op, List<Values> in, TensorType output) {
    Values x = in.getFirst();
    return switch (op) {
      case Unary u -> map(x, v -> unary(u.kind(), v));
      case LeakyRelu l -> map(x, v -> v >= 0 ? v : l.slope() * v);
      case Clamp c -> map(x, v -> Math.min(Math.max(v, c.min()), c.max()));
      case Affine a -> map(x, v -> v * a.scale() + a.shift());
      case Cast c -> c.to().isFloating() ? x : map(x, v -> v < 0 ? Math.ceil(v) : Math.floor(v));
      case Binary b -> binary(b.kind(), x, in.get(1), output.shape());
      case Prelu p -> {
        Values y = Values.zeros(x.shape());
        for (int i = 0; i < y.data().length; i++) {
          double v = x.data()[i];
          y.data()[i] = v >= 0 ? v : v * in.get(1).data()[i % x.shape().dim(-1)];
        }
        yield y;
      }
      case Geglu g -> geglu(x);
      case Chain c -> chain(c, in, output);
    };
  }

  static double unary(UnaryKind kind, double x) {
    return switch (kind) {
      case NEG -> -x;
      case ABS -> Math.abs(x);
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case SQRT -> Math.sqrt(x);
      case RSQRT -> 1 / Math.sqrt(x);
      case RECIPROCAL -> 1 / x;
      case SQUARE -> x * x;
      case TANH -> Math.tanh(x);
      case ERF -> Double.isNaN(x) ? x : Erf.erf(x);
      case SIGMOID -> sigmoid(x);
      case SIN -> Math.sin(x);
      case COS -> Math.cos(x);
      case RELU -> Math.max(x, 0);
      case SILU -> gate(x, sigmoid(x));
      case GELU -> gelu(x);
      case QUICK_GELU -> gate(x, sigmoid(1.702 * x));
    };
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  static double gelu(double x) {
    return Double.isNaN(x) ? x : gate(x, 0.5 * Erf.erfc(-x / Math.sqrt(2)));
  }

  /** x·g, where −∞·0 is the limit 0. */
  private static double gate(double x, double g) {
    return g == 0 ? 0 : x * g;
  }

  private static Values map(Values x, DoubleUnaryOperator f) {
    Values y = Values.zeros(x.shape());
    for (int i = 0; i < y.data().length; i++) {
      y.data()[i] = f.applyAsDouble(x.data()[i]);
    }
    return y;
  }

  private static Values binary(BinaryKind kind, Values a, Values b, Shape shape) {
    Values y = Values.zeros(shape);
    for (int i = 0; i < y.data().length; i++) {
      int[] p = y.position(i);
      double u = a.broadcast(p);
      double v = b.broadcast(p);
      y.data()[i] =
          switch (kind) {
            case ADD -> u + v;
            case SUB -> u - v;
            case MUL -> u * v;
            case DIV -> u / v;
            case MAX -> Math.max(u, v);
            case MIN -> Math.min(u, v);
            case POW -> Math.pow(u, v);
          };
    }
    return y;
  }

  static Values geglu(Values x) {
    int n = x.shape().dim(-1) / 2;
    Values y = Values.zeros(x.shape().with(-1, n));
    for (int i = 0; i < y.data().length; i++) {
      int row = i / n * 2 * n;
      y.data()[i] = x.data()[row + i % n] * gelu(x.data()[row + n + i % n]);
    }
    return y;
  }

  private static Values chain(Chain chain, List<Values> in, TensorType output) {
    List<Values> known = new ArrayList<>(in);
    for (ChainStep step : chain.steps()) {
      List<Values> operands = step.operands().stream().map(known::get).toList();
      List<TensorType> types = operands.stream().map(v -> TensorType.f32(v.shape())).toList();
      known.add(compute(step.op(), operands, step.op().infer(types)));
    }
    Values last = known.getLast();
    if (!last.shape().equals(output.shape())) {
      throw new IllegalArgumentException("a chain gave " + last.shape() + ", not " + output);
    }
    return last;
  }
}
