package io.github.f2d4j.engine.reference;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One operator at given input types, with how far a backend may be off.
 *
 * @param op the operator
 * @param inputs the operands' types
 * @param fills how each operand's elements are drawn
 * @param tolerance the largest absolute error per unit of max(1, |expected|)
 */
public record OperatorCase(Op op, List<TensorType> inputs, List<Fill> fills, double tolerance) {
  public OperatorCase {
    inputs = List.copyOf(inputs);
    fills = List.copyOf(fills);
  }

  /** How an operand's elements are drawn. */
  public enum Fill {
    /** Normally distributed. */
    NORMAL,
    /** Between 0.1 and 2.1: logarithms, roots, variances. */
    POSITIVE,
    /** 1000 plus a thousandth of a normal number: statistics must not cancel. */
    NEARLY_CONSTANT,
    /** Whole numbers from 0 to 9. */
    SMALL_INDEX,
    /** Normal numbers times 30, with infinities, NaN, zeros and denormals mixed in. */
    EXTREME
  }

  /** The result's type. */
  public TensorType output() {
    return op.infer(inputs);
  }

  /** The operands' contents, the same at every call. */
  List<Values> values() {
    List<Values> values = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Random random = new Random(31L * i + inputs.toString().hashCode());
      Shape shape = inputs.get(i).shape();
      Values v = Values.zeros(shape);
      for (int j = 0; j < v.data().length; j++) {
        v.data()[j] = draw(fills.get(i), random);
      }
      values.add(v);
    }
    return values;
  }

  private static double draw(Fill fill, Random random) {
    return switch (fill) {
      case NORMAL -> (float) random.nextGaussian();
      case POSITIVE -> 0.1f + 2 * random.nextFloat();
      case NEARLY_CONSTANT -> 1000 + 1e-3f * (float) random.nextGaussian();
      case SMALL_INDEX -> random.nextInt(10);
      case EXTREME ->
          switch (random.nextInt(12)) {
            case 0 -> Double.POSITIVE_INFINITY;
            case 1 -> Double.NEGATIVE_INFINITY;
            case 2 -> Double.NaN;
            case 3 -> 0.0;
            case 4 -> -0.0;
            case 5 -> 1e-40;
            default -> 30 * (float) random.nextGaussian();
          };
    };
  }

  /**
   * Runs the case.
   *
   * @param constant whether all operands but the first are compiled as constants and packed
   */
  Values run(Backend backend, boolean constant) {
    return run(backend, constant, DType.F32);
  }

  /**
   * What is wrong with the result of {@code backend}, or null if it agrees with the definition.
   *
   * @param constant whether all operands but the first are compiled as constants and packed
   * @param held the type in which float32 values reach the operator and constants are packed; its
   *     result is as {@link Backend#holds} says
   * @param allowed the largest absolute error per unit of max(1, |expected|)
   */
  public @Nullable String mismatch(Backend backend, boolean constant, DType held, double allowed) {
    Values actual = run(backend, constant, held);
    return mismatch(actual, held, result(backend, operands(constant, held), held), allowed);
  }

  private List<Operand> operands(boolean constant, DType held) {
    List<Operand> operands = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      TensorType type = inputs.get(i);
      boolean parameter = constant && i > 0;
      boolean narrow = type.dtype() == DType.F32 && !parameter;
      operands.add(new Operand(narrow ? new TensorType(held, type.shape()) : type, parameter));
    }
    return operands;
  }

  private TensorType result(Backend backend, List<Operand> operands, DType held) {
    TensorType output = output();
    return held == DType.F32
        ? output
        : new TensorType(backend.holds(op, operands, output), output.shape());
  }

  private Values run(Backend backend, boolean constant, DType held) {
    List<Operand> operands = operands(constant, held);
    List<HostBuffer> buffers = new ArrayList<>();
    List<Values> values = values();
    for (int i = 0; i < inputs.size(); i++) {
      TensorType type = operands.get(i).type();
      HostBuffer buffer = HostBuffer.allocate(type.bytes());
      values.get(i).write(type.dtype(), buffer);
      buffers.add(buffer);
    }
    TensorType output = result(backend, operands, held);
    Kernel kernel = backend.compile(op, operands, output);
    List<Buffer> arguments = new ArrayList<>();
    for (int i = 0; i < buffers.size(); i++) {
      @Nullable Packing packing = operands.get(i).constant() ? kernel.packing(i) : null;
      arguments.add(
          backend.resident(packing == null ? buffers.get(i) : buffers.get(i).packed(packing)));
    }
    Buffer result = backend.allocate(output.bytes());
    Buffer scratch = backend.allocate(kernel.scratchBytes());
    spoil(result);
    spoil(scratch);
    try {
      kernel.run(arguments, result, scratch);
      backend.synchronize();
      return Values.read(output, result);
    } finally {
      // Kernels see bare memory; these are what keeps it.
      Reference.reachabilityFence(List.of(kernel, buffers, arguments, scratch));
    }
  }

  /** Kernels get memory as others left it. */
  private static void spoil(Buffer buffer) {
    if (buffer instanceof HostBuffer host) {
      host.segment().fill((byte) 0xFF);
    }
  }

  /** What is wrong with {@code actual}, or null if it agrees with the definition. */
  @Nullable String mismatch(Values actual) {
    return mismatch(actual, DType.F32, output(), tolerance);
  }

  private @Nullable String mismatch(Values actual, DType held, TensorType output, double allowed) {
    List<Values> rounded = new ArrayList<>();
    List<Values> values = values();
    for (int i = 0; i < inputs.size(); i++) {
      rounded.add(round(values.get(i), inputs.get(i)));
      if (held != DType.F32 && inputs.get(i).dtype().isComputable()) {
        rounded.set(i, round(rounded.get(i), new TensorType(held, inputs.get(i).shape())));
      }
    }
    Values exact = ReferenceBackend.compute(op, rounded, output);
    Values expected = output.dtype() == DType.F32 ? exact : round(exact, output);
    for (int i = 0; i < expected.data().length; i++) {
      double e = expected.data()[i];
      double a = actual.data()[i];
      boolean overflows = Double.isInfinite((float) e) && a == (float) e;
      boolean same = Double.isNaN(e) ? Double.isNaN(a) : e == a || overflows;
      if (!same && !(Math.abs(a - e) <= allowed * Math.max(1, Math.abs(e)))) {
        return "element " + i + " is " + a + ", expected " + e;
      }
    }
    return null;
  }

  private static Values round(Values values, TensorType type) {
    HostBuffer buffer = HostBuffer.allocate(type.bytes());
    values.write(type.dtype(), buffer);
    return Values.read(type, buffer);
  }

  @Override
  public String toString() {
    return op + " of " + inputs + " " + fills;
  }
}
