package io.github.f2d4j.benchmarks;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.IntToDoubleFunction;
import java.util.random.RandomGenerator;

/** Operands with random values, and the check that comes before any time is measured. */
final class Operands {
  private static final int SAMPLES = 1000;

  private final RandomGenerator random = RandomGenerator.of("L64X128MixRandom");

  /** Uniform values in [-1, 1). */
  float[] values(int... dims) {
    float[] values = new float[Math.toIntExact(Shape.of(dims).elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat(-1, 1);
    }
    return values;
  }

  /** A model parameter, which backends may prepack. */
  static Tensor parameter(float[] values, int... dims) {
    TensorType type = TensorType.f32(Shape.of(dims));
    MemorySegment memory = Arena.ofAuto().allocate(type.bytes(), 64);
    MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, values.length);
    return Tensor.parameter(type, memory);
  }

  /**
   * Compares random elements of a result with double-precision sums.
   *
   * @param terms the number of products in each sum
   * @throws IllegalStateException if one is off, so that no wrong result is ever timed
   */
  void check(float[] result, int terms, IntToDoubleFunction expected) {
    // Rounding errors of sums of products below 1 grow like the root of their number.
    double tolerance = 1e-6 * Math.sqrt(terms) * 4;
    for (int s = 0; s < SAMPLES; s++) {
      int i = random.nextInt(result.length);
      double wanted = expected.applyAsDouble(i);
      if (!(Math.abs(result[i] - wanted) <= tolerance)) {
        throw new IllegalStateException(
            "wrong result, not timed: element %d is %s, expected %s ± %s"
                .formatted(i, result[i], wanted, tolerance));
      }
    }
  }
}
