package io.github.f2d4j.benchmarks;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Operands with random values, and the check that comes before any time is measured. */
final class Operands {
  private static final int SAMPLES = 1000;

  private static final String GENERATOR = "L64X128MixRandom";

  private final RandomGenerator random;

  /** Other values in every run. */
  Operands() {
    random = RandomGenerator.of(GENERATOR);
  }

  /** The same values in every run: for tests, whose outcome must not be a matter of chance. */
  Operands(long seed) {
    random = RandomGeneratorFactory.of(GENERATOR).create(seed);
  }

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

  /** How one element of a result comes about. */
  @FunctionalInterface
  interface Element {
    /** Adds the products of element {@code index} in the operator's order, then finishes. */
    void into(int index, CheckedSum sum);
  }

  /**
   * Compares random elements of a result with double-precision sums.
   *
   * @throws IllegalStateException if one is off by more than float32 rounding explains, so that no
   *     wrong result is ever timed
   */
  void check(float[] result, Element element) {
    CheckedSum sum = new CheckedSum();
    for (int s = 0; s < SAMPLES; s++) {
      int i = random.nextInt(result.length);
      sum.reset();
      element.into(i, sum);
      sum.check(i, result[i]);
    }
  }
}
