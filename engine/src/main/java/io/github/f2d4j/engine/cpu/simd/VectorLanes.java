package io.github.f2d4j.engine.cpu.simd;

import java.nio.ByteOrder;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The species of the width that {@link Lanes} chose. {@code static final}: C2 turns vector
 * operations into instructions only where the species is a constant to it, so kernels read these
 * fields directly (or copy them to their own {@code static final}) and never pass a species as an
 * argument.
 *
 * <p>May be touched only where {@link Lanes#VECTOR} is true.
 */
@SuppressWarnings("exports") // The incubator module is nobody's transitive dependency.
public final class VectorLanes {
  /** Byte order of every tensor in memory; the Vector API asks for it at each access. */
  public static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

  /** float32 vectors of {@link Lanes#FLOATS} elements. */
  public static final VectorSpecies<Float> F32 = VectorSpecies.of(float.class, shape());

  /** int32 vectors with as many elements as {@link #F32}. */
  public static final VectorSpecies<Integer> I32 = VectorSpecies.of(int.class, shape());

  private VectorLanes() {}

  /** A class of its own: {@link Lanes} asks before it knows the width this class needs. */
  static final class Preferred {
    private Preferred() {}

    /** Width in bits that the JVM prefers on this processor. */
    static int bits() {
      return VectorShape.preferredShape().vectorBitSize();
    }
  }

  private static VectorShape shape() {
    return VectorShape.forBitSize(Lanes.BITS);
  }
}
