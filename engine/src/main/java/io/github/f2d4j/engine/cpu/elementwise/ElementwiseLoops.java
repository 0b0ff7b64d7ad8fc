package io.github.f2d4j.engine.cpu.elementwise;

import io.github.f2d4j.engine.cpu.simd.Lanes;
import io.github.f2d4j.engine.op.ElementwiseOp.BinaryKind;
import io.github.f2d4j.engine.op.ElementwiseOp.UnaryKind;
import java.lang.foreign.MemorySegment;

/**
 * Elementwise functions over runs of {@code n} contiguous floats; offsets in bytes. The result may
 * be an operand itself, but must not overlap one otherwise.
 */
public interface ElementwiseLoops {
  /** The form for this JVM's lane width. */
  ElementwiseLoops LOOPS = Lanes.VECTOR ? new VectorElementwise() : new ScalarElementwise();

  /** y = kind(x). */
  void unary(UnaryKind kind, MemorySegment x, long xo, MemorySegment y, long yo, int n);

  /** y = kind(a, b). */
  void binary(
      BinaryKind kind,
      MemorySegment a,
      long ao,
      MemorySegment b,
      long bo,
      MemorySegment y,
      long yo,
      int n);

  /** y = a where a ≥ 0, b·a elsewhere. */
  void prelu(MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment y, long yo, int n);

  /** y = x where x ≥ 0, slope·x elsewhere. */
  void leakyRelu(MemorySegment x, long xo, MemorySegment y, long yo, int n, float slope);

  /** y = min(max(x, min), max). */
  void clamp(MemorySegment x, long xo, MemorySegment y, long yo, int n, float min, float max);

  /** y = x·scale + shift, fused. */
  void affine(MemorySegment x, long xo, MemorySegment y, long yo, int n, float scale, float shift);

  /** y = x·factor. */
  void scale(MemorySegment x, long xo, MemorySegment y, long yo, int n, float factor);
}
