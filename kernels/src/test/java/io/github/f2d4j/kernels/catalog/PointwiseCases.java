package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.catalog.ElementType.F16;
import static io.github.f2d4j.kernels.catalog.ElementType.F32;

import io.github.f2d4j.engine.op.Broadcast;
import io.github.f2d4j.engine.op.ElementwiseOp;
import io.github.f2d4j.engine.op.ElementwiseOp.Affine;
import io.github.f2d4j.engine.op.ElementwiseOp.Binary;
import io.github.f2d4j.engine.op.ElementwiseOp.BinaryKind;
import io.github.f2d4j.engine.op.ElementwiseOp.Chain;
import io.github.f2d4j.engine.op.ElementwiseOp.ChainStep;
import io.github.f2d4j.engine.op.ElementwiseOp.Clamp;
import io.github.f2d4j.engine.op.ElementwiseOp.LeakyRelu;
import io.github.f2d4j.engine.op.ElementwiseOp.Prelu;
import io.github.f2d4j.engine.op.ElementwiseOp.Unary;
import io.github.f2d4j.engine.op.ElementwiseOp.UnaryKind;
import io.github.f2d4j.engine.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Every elementwise function, with and without broadcasting, and chains of them. */
final class PointwiseCases {
  private static final float NAN = Float.NaN;
  private static final float INFINITY = Float.POSITIVE_INFINITY;

  private PointwiseCases() {}

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (ElementType type : ElementType.values()) {
      for (UnaryKind kind : UnaryKind.values()) {
        cases.add(unary(type, new Unary(kind), Shape.of(3, 5)));
      }
      cases.add(unary(type, new LeakyRelu(0.2f), Shape.of(17)));
      cases.add(unary(type, new Clamp(-0.5f, 1.25f), Shape.of(17)));
      cases.add(unary(type, new Affine(-1.5f, 0.25f), Shape.of(300)));
      for (BinaryKind kind : BinaryKind.values()) {
        cases.add(binary(type, new Binary(kind), Shape.of(2, 7), Shape.of(7)));
      }
      cases.add(binary(type, new Prelu(), Shape.of(2, 3, 4), Shape.of(4)));
      cases.add(chain(type, Shape.of(3, 7)));
      cases.add(longChain(type));
      cases.add(deepChain(type));
    }
    cases.add(binary(F32, new Binary(BinaryKind.SUB), Shape.of(2, 1, 3, 1), Shape.of(4, 1, 5)));
    cases.add(binary(F16, new Binary(BinaryKind.MUL), Shape.of(2, 3, 1, 5), Shape.of(2, 1, 4, 5)));
    cases.add(
        binary(
            F32,
            new Binary(BinaryKind.ADD),
            Shape.of(2, 1, 2, 1, 3, 1),
            Shape.of(1, 2, 1, 3, 1, 2)));
    cases.add(binary(F32, new Binary(BinaryKind.DIV), Shape.of(), Shape.of(9)));
    cases.add(binary(F16, new Binary(BinaryKind.ADD), Shape.of(2, 3, 5), Shape.of(2, 3, 5)));
    cases.addAll(special());
    return cases;
  }

  /** What is no number stays none; what is infinite stays so. */
  private static List<KernelCase> special() {
    float[] a = {NAN, 1, INFINITY, -INFINITY, -0f, NAN};
    float[] b = {1, NAN, 2, 2, INFINITY, NAN};
    List<KernelCase> cases = new ArrayList<>();
    for (UnaryKind kind :
        List.of(UnaryKind.NEG, UnaryKind.ABS, UnaryKind.EXP, UnaryKind.SQRT, UnaryKind.RELU)) {
      cases.add(onValues(new Unary(kind), a, b));
    }
    cases.add(onValues(new Clamp(-1, 1), a, b));
    for (BinaryKind kind : List.of(BinaryKind.MAX, BinaryKind.MIN, BinaryKind.ADD)) {
      cases.add(onValues(new Binary(kind), a, b));
    }
    return cases;
  }

  private static KernelCase onValues(ElementwiseOp op, float[] a, float[] b) {
    Shape shape = Shape.of(a.length);
    Pointwise kernel =
        op instanceof Binary
            ? Pointwise.binary(F32, op, shape, shape)
            : Pointwise.unary(F32, op, shape);
    return new KernelCase(
        kernel + " of special values",
        device -> {
          CaseDevice.Memory y = device.allocate(F32, a.length);
          device.launch(
              kernel.launches(
                  device.upload(F32, a.clone()).address(),
                  device.upload(F32, b.clone()).address(),
                  y.address()));
          Numbers.compare(F32, 8, y.read(F32), a.length, i -> value(op, a[i], b[i]));
        });
  }

  static KernelCase unary(ElementType type, ElementwiseOp op, Shape shape) {
    Pointwise kernel = Pointwise.unary(type, op, shape);
    return new KernelCase(
        op + " " + kernel,
        device -> {
          int count = (int) shape.elements();
          float[] x = inputs(op, count);
          CaseDevice.Memory deviceX = device.upload(type, x);
          CaseDevice.Memory y = device.allocate(type, count);
          device.launch(kernel.launches(deviceX.address(), 0, y.address()));
          Numbers.compare(type, roundings(type), y.read(type), count, i -> value(op, x[i], 0));
        });
  }

  /** Numbers among which the function is defined. */
  private static float[] inputs(ElementwiseOp op, int count) {
    float[] x = Numbers.normal(count, 1, 0.3, 2);
    if (op instanceof Unary(UnaryKind kind)) {
      for (int i = 0; i < count; i++) {
        switch (kind) {
          case LOG, SQRT, RSQRT, RECIPROCAL -> x[i] = Math.abs(x[i]) + 0.1f;
          case SIN, COS -> x[i] *= i % 2 == 0 ? 1 : 300;
          default -> {}
        }
      }
    }
    return x;
  }

  /** sin, erf and pow are series of several steps. */
  private static double roundings(ElementType type) {
    return type == F32 ? 24 : 2;
  }

  static KernelCase binary(ElementType type, ElementwiseOp op, Shape a, Shape b) {
    Pointwise kernel = Pointwise.binary(type, op, a, b);
    return new KernelCase(
        op + " " + a + " " + b + " " + kernel,
        device -> {
          Shape shape = Broadcast.shape(a, b);
          int count = (int) shape.elements();
          float[] x = Numbers.normal((int) a.elements(), 2, 0.5, 2);
          float[] z = Numbers.normal((int) b.elements(), 3, -0.2, 1.5);
          if (op instanceof Binary(BinaryKind kind) && kind == BinaryKind.POW) {
            for (int i = 0; i < x.length; i++) {
              x[i] = Math.abs(x[i]) + 0.1f;
            }
          }
          CaseDevice.Memory deviceX = device.upload(type, x);
          CaseDevice.Memory deviceZ = device.upload(type, z);
          CaseDevice.Memory y = device.allocate(type, count);
          device.launch(kernel.launches(deviceX.address(), deviceZ.address(), y.address()));
          long[] inX = Broadcast.strides(a, shape);
          long[] inZ = Broadcast.strides(b, shape);
          Numbers.compare(
              type,
              roundings(type),
              y.read(type),
              count,
              i -> value(op, x[place(shape, inX, i)], z[place(shape, inZ, i)]));
        });
  }

  /** Where element i of a shape lies in a tensor with these strides. */
  static int place(Shape shape, long[] strides, int i) {
    int at = 0;
    int rest = i;
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      at += (int) (rest % shape.dim(axis) * strides[axis]);
      rest /= shape.dim(axis);
    }
    return at;
  }

  static KernelCase chain(ElementType type, Shape shape) {
    // silu(x·row + 2) - number, of x, a vector along the last axis and a single number
    Chain op =
        new Chain(
            3,
            List.of(
                new ChainStep(new Binary(BinaryKind.MUL), List.of(0, 1)),
                new ChainStep(new Affine(1, 2), List.of(3)),
                new ChainStep(new Unary(UnaryKind.SILU), List.of(4)),
                new ChainStep(new Binary(BinaryKind.SUB), List.of(5, 2))));
    return chain(type, op, List.of(shape, Shape.of(shape.dim(-1)), Shape.of()), shape);
  }

  /** As many inputs and steps as there may be, with every function among them. */
  static KernelCase longChain(ElementType type) {
    List<ChainStep> steps = new ArrayList<>();
    List<ElementwiseOp> functions = new ArrayList<>();
    for (UnaryKind kind : List.of(UnaryKind.TANH, UnaryKind.SIGMOID, UnaryKind.SIN)) {
      functions.add(new Unary(kind));
    }
    functions.add(new LeakyRelu(0.1f));
    functions.add(new Clamp(-2, 2));
    functions.add(new Unary(UnaryKind.GELU));
    for (int i = 0; i < 5; i++) {
      steps.add(new ChainStep(new Binary(BinaryKind.ADD), List.of(i == 0 ? 0 : 5 + i, i + 1)));
    }
    for (int i = 0; i < functions.size(); i++) {
      steps.add(new ChainStep(functions.get(i), List.of(10 + i)));
    }
    steps.add(new ChainStep(new Binary(BinaryKind.MAX), List.of(16, 10)));
    Shape shape = Shape.of(5, 60);
    Shape row = Shape.of(60);
    return chain(
        type, new Chain(6, steps), List.of(shape, row, shape, Shape.of(1), shape, row), shape);
  }

  /** One function of another of another. */
  static KernelCase deepChain(ElementType type) {
    List<ElementwiseOp> functions = new ArrayList<>();
    functions.add(new Unary(UnaryKind.ABS));
    functions.add(new Affine(1, 0.5f));
    for (UnaryKind kind :
        List.of(
            UnaryKind.SQRT,
            UnaryKind.LOG,
            UnaryKind.EXP,
            UnaryKind.RECIPROCAL,
            UnaryKind.SQUARE,
            UnaryKind.RSQRT,
            UnaryKind.ERF,
            UnaryKind.QUICK_GELU,
            UnaryKind.COS)) {
      functions.add(new Unary(kind));
    }
    List<ChainStep> steps = new ArrayList<>();
    for (int i = 0; i < functions.size(); i++) {
      steps.add(new ChainStep(functions.get(i), List.of(i)));
    }
    steps.add(new ChainStep(new Binary(BinaryKind.POW), List.of(functions.size(), 0)));
    Shape shape = Shape.of(19);
    return chain(type, new Chain(1, steps), List.of(shape), shape);
  }

  private static KernelCase chain(ElementType type, Chain op, List<Shape> shapes, Shape shape) {
    PointChain kernel = new PointChain(type, op, shapes, shape);
    return new KernelCase(
        kernel.toString(),
        device -> {
          List<float[]> inputs = new ArrayList<>();
          List<Long> addresses = new ArrayList<>();
          for (int k = 0; k < shapes.size(); k++) {
            inputs.add(Numbers.normal((int) shapes.get(k).elements(), 4 + k, 0.2, 1));
            addresses.add(device.upload(type, inputs.get(k)).address());
          }
          int count = (int) shape.elements();
          CaseDevice.Memory y = device.allocate(type, count);
          long program = device.upload(kernel.program()).address();
          device.launch(kernel.launches(program, addresses, y.address()));
          Numbers.compare(
              type, roundings(type), y.read(type), count, i -> value(op, shapes, inputs, shape, i));
        });
  }

  private static double value(
      Chain op, List<Shape> shapes, List<float[]> inputs, Shape shape, int i) {
    double[] values = new double[op.inputs() + op.steps().size()];
    for (int k = 0; k < op.inputs(); k++) {
      long[] strides = new long[shape.rank()];
      if (shapes.get(k).elements() > 1) {
        strides = Broadcast.strides(shapes.get(k), shape);
      }
      values[k] = inputs.get(k)[place(shape, strides, i)];
    }
    for (int step = 0; step < op.steps().size(); step++) {
      double[] operands =
          op.steps().get(step).operands().stream().mapToDouble(o -> values[o]).toArray();
      values[op.inputs() + step] =
          value(op.steps().get(step).op(), operands[0], operands[operands.length - 1]);
    }
    return Arrays.stream(values).reduce((_, last) -> last).orElseThrow();
  }

  /** The function as the engine documents it. */
  private static double value(ElementwiseOp op, double a, double b) {
    return switch (op) {
      case Unary(UnaryKind kind) -> value(kind, a);
      case Binary(BinaryKind kind) -> value(kind, a, b);
      case LeakyRelu(float slope) -> a >= 0 ? a : slope * a;
      case Clamp(float min, float max) -> Math.min(Math.max(a, min), max);
      case Affine(float scale, float shift) -> a * scale + shift;
      case Prelu() -> a >= 0 ? a : b * a;
      default -> throw new AssertionError(op + " is no function of one or two numbers");
    };
  }

  private static double value(BinaryKind kind, double a, double b) {
    return switch (kind) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case MAX -> Math.max(a, b);
      case MIN -> Math.min(a, b);
      case POW -> Math.pow(a, b);
    };
  }

  private static double value(UnaryKind kind, double a) {
    return switch (kind) {
      case NEG -> -a;
      case ABS -> Math.abs(a);
      case EXP -> Math.exp(a);
      case LOG -> Math.log(a);
      case SQRT -> Math.sqrt(a);
      case RSQRT -> 1 / Math.sqrt(a);
      case RECIPROCAL -> 1 / a;
      case SQUARE -> a * a;
      case TANH -> Math.tanh(a);
      case ERF -> a == 0 ? 0 : 2 * Numbers.gelu(a * Math.sqrt(2)) / (a * Math.sqrt(2)) - 1;
      case SIGMOID -> Numbers.sigmoid(a);
      case SIN -> Math.sin(a);
      case COS -> Math.cos(a);
      case RELU -> Math.max(a, 0);
      case SILU -> a * Numbers.sigmoid(a);
      case GELU -> Numbers.gelu(a);
      case QUICK_GELU -> a * Numbers.sigmoid(1.702 * a);
    };
  }
}
