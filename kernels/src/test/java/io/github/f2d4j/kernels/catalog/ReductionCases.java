package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.catalog.ElementType.F16;
import static io.github.f2d4j.kernels.catalog.ElementType.F32;

import io.github.f2d4j.engine.op.ConvolveOp.PoolKind;
import io.github.f2d4j.engine.op.ReduceOp;
import io.github.f2d4j.engine.op.ReduceOp.ReduceKind;
import io.github.f2d4j.engine.types.Shape;
import java.util.ArrayList;
import java.util.List;

/** Reductions over any axes, softmax, L2 norm and pooling, against plain loops. */
final class ReductionCases {
  private ReductionCases() {}

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (ElementType type : ElementType.values()) {
      for (ReduceKind kind : ReduceKind.values()) {
        cases.add(reduce(type, kind, Shape.of(11, 45), List.of(1)));
        cases.add(reduce(type, kind, Shape.of(2, 5, 3), List.of(1)));
      }
      cases.add(reduce(type, ReduceKind.MEAN, Shape.of(2, 2100), List.of(1))); // a block each
      for (boolean log : new boolean[] {false, true}) {
        cases.add(softmax(new Reduction.Softmax(type, 9, 70, log)));
        cases.add(softmax(new Reduction.Softmax(type, 1, 1, log)));
      }
      cases.add(l2Normalize(new Reduction.L2Normalize(type, 9, 45, 1e-12f), 1));
      cases.add(l2Normalize(new Reduction.L2Normalize(type, 2, 3, 0.5f), 0.01));
      for (PoolKind kind : PoolKind.values()) {
        cases.add(pool(new Reduction.Pool(type, kind, 2, 5, 7, 3, 3, 4, 3, 3, 2, 2, 1, 1)));
        cases.add(pool(new Reduction.Pool(type, kind, 1, 4, 6, 8, 2, 2, 2, 3, 2, 3, 0, 0)));
      }
    }
    cases.add(reduce(F32, ReduceKind.SUM, Shape.of(2, 3, 4, 5), List.of(0, 2, 3)));
    cases.add(reduce(F32, ReduceKind.MAX, Shape.of(2, 3, 4, 5), List.of(0, 1, 2, 3)));
    cases.add(reduce(F16, ReduceKind.MEAN, Shape.of(3, 4, 300), List.of(0, 1)));
    cases.add(empty());
    return cases;
  }

  static KernelCase reduce(ElementType type, ReduceKind kind, Shape shape, List<Integer> axes) {
    ReduceOp.Reduce op = new ReduceOp.Reduce(kind, axes, true);
    return new KernelCase(
        type + " " + op + " of " + shape,
        device -> {
          int count = (int) shape.elements();
          float[] x = Numbers.normal(count, 1, 0.4, 1);
          x[count / 2] = kind == ReduceKind.MAX ? 9 : x[count / 2];
          CaseDevice.Memory from = device.upload(type, x);
          List<KernelLaunch> launches = new ArrayList<>();
          for (Reduction.Reduce step : Reduction.of(type, op, shape)) {
            CaseDevice.Memory to = device.allocate(type, step.outer() * step.inner());
            launches.addAll(step.launches(from.address(), to.address()));
            from = to;
          }
          device.launch(launches);
          double[] expected = reduce(kind, shape, axes, x);
          Numbers.compare(
              type, type == F32 ? 40 : 3, from.read(type), expected.length, i -> expected[i]);
        });
  }

  private static double[] reduce(ReduceKind kind, Shape shape, List<Integer> axes, float[] x) {
    Shape kept = shape;
    for (int axis : axes) {
      kept = kept.with(axis, 1);
    }
    long[] strides = kept.strides();
    axes.forEach(axis -> strides[axis] = 0);
    double[] y = new double[(int) kept.elements()];
    boolean[] begun = new boolean[y.length];
    for (int i = 0; i < x.length; i++) {
      int at = PointwiseCases.place(shape, strides, i);
      y[at] =
          !begun[at]
              ? x[i]
              : switch (kind) {
                case SUM, MEAN -> y[at] + x[i];
                case MAX -> Math.max(y[at], x[i]);
                case MIN -> Math.min(y[at], x[i]);
              };
      begun[at] = true;
    }
    if (kind == ReduceKind.MEAN) {
      for (int i = 0; i < y.length; i++) {
        y[i] /= (double) x.length / y.length;
      }
    }
    return y;
  }

  /** Over nothing, along both kinds of axis. */
  private static KernelCase empty() {
    return new KernelCase(
        "Reduce of nothing",
        device -> {
          for (ReduceKind kind : ReduceKind.values()) {
            double expected =
                switch (kind) {
                  case SUM -> 0;
                  case MEAN -> Double.NaN;
                  case MAX -> Double.NEGATIVE_INFINITY;
                  case MIN -> Double.POSITIVE_INFINITY;
                };
            for (int inner : new int[] {1, 2}) {
              CaseDevice.Memory y = device.allocate(F32, 3 * inner);
              device.launch(
                  new Reduction.Reduce(F32, kind, 3, 0, inner).launches(y.address(), y.address()));
              Numbers.compare(F32, 0, y.read(F32), 3 * inner, _ -> expected);
            }
          }
        });
  }

  static KernelCase softmax(Reduction.Softmax op) {
    return new KernelCase(
        op.toString(),
        device -> {
          int n = op.n();
          float[] x = Numbers.normal(op.rows() * n, 2, 50, 3);
          CaseDevice.Memory y = device.allocate(op.type(), x.length);
          device.launch(op.launches(device.upload(op.type(), x).address(), y.address()));
          double[] expected = new double[x.length];
          for (int row = 0; row < op.rows(); row++) {
            double sum = 0;
            for (int i = 0; i < n; i++) {
              sum += Math.exp(x[row * n + i] - 50);
            }
            for (int i = row * n; i < (row + 1) * n; i++) {
              expected[i] = Math.exp(x[i] - 50) / sum;
              expected[i] = op.log() ? Math.log(expected[i]) : expected[i];
            }
          }
          Numbers.compare(
              op.type(), op.type() == F32 ? 100 : 2, y.read(op.type()), x.length, i -> expected[i]);
        });
  }

  static KernelCase l2Normalize(Reduction.L2Normalize op, double deviation) {
    return new KernelCase(
        op.toString(),
        device -> {
          int n = op.n();
          float[] x = Numbers.normal(op.rows() * n, 3, deviation / 2, deviation);
          CaseDevice.Memory y = device.allocate(op.type(), x.length);
          device.launch(op.launches(device.upload(op.type(), x).address(), y.address()));
          Numbers.compare(
              op.type(),
              op.type() == F32 ? 8 : 2,
              y.read(op.type()),
              x.length,
              i -> {
                double squares = 0;
                for (int k = i / n * n; k < i / n * n + n; k++) {
                  squares += (double) x[k] * x[k];
                }
                return x[i] / Math.max(Math.sqrt(squares), op.eps());
              });
        });
  }

  static KernelCase pool(Reduction.Pool op) {
    return new KernelCase(
        op.toString(),
        device -> {
          float[] x = Numbers.normal(op.batch() * op.h() * op.w() * op.channels(), 4, -2, 1);
          int count = op.batch() * op.height() * op.width() * op.channels();
          CaseDevice.Memory deviceX = device.upload(op.type(), x);
          CaseDevice.Memory y = device.allocate(op.type(), count);
          device.launch(op.launches(deviceX.address(), y.address()));
          Numbers.compare(
              op.type(), op.type() == F32 ? 8 : 2, y.read(op.type()), count, i -> pool(op, x, i));
        });
  }

  private static double pool(Reduction.Pool op, float[] x, int i) {
    int c = i % op.channels();
    int column = i / op.channels() % op.width();
    int row = i / op.channels() / op.width() % op.height();
    int n = i / op.channels() / op.width() / op.height();
    double sum = 0;
    double largest = Double.NEGATIVE_INFINITY;
    for (int ky = 0; ky < op.kernelH(); ky++) {
      for (int kx = 0; kx < op.kernelW(); kx++) {
        int y = row * op.strideH() - op.top() + ky;
        int z = column * op.strideW() - op.left() + kx;
        if (y >= 0 && y < op.h() && z >= 0 && z < op.w()) {
          float value = x[((n * op.h() + y) * op.w() + z) * op.channels() + c];
          sum += value;
          largest = Math.max(largest, value);
        }
      }
    }
    return op.kind() == PoolKind.MAX ? largest : sum / (op.kernelH() * op.kernelW());
  }
}
