package io.github.f2d4j.weights.safetensors;

import static io.github.f2d4j.weights.io.QuotedText.quote;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A named tensor at rest: dense, row-major, little-endian.
 *
 * <p>The data of a mapped file starts wherever the file says, so read it with the unaligned layouts
 * of {@link ValueLayout}.
 *
 * @param name the key in the checkpoint
 * @param type element type and shape
 * @param data exactly {@code type.bytes()} bytes
 */
public record TensorEntry(String name, TensorType type, MemorySegment data) {
  static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfDouble F64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfShort I16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /**
   * Checks that data and type agree.
   *
   * @throws IllegalArgumentException if {@code data} does not have {@code type.bytes()} bytes
   */
  public TensorEntry {
    if (data.byteSize() != type.bytes()) {
      throw new IllegalArgumentException(
          "tensor "
              + quote(name)
              + " of type "
              + type
              + " needs "
              + type.bytes()
              + " bytes but was given "
              + data.byteSize());
    }
  }

  /** A float32 tensor with a copy of {@code values}. */
  public static TensorEntry of(String name, Shape shape, float... values) {
    MemorySegment data = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, 4)]);
    MemorySegment.copy(values, 0, data, F32, 0, values.length);
    return new TensorEntry(name, TensorType.f32(shape), data);
  }

  /** The element type. */
  public DType dtype() {
    return type.dtype();
  }

  /** The shape. */
  public Shape shape() {
    return type.shape();
  }

  /**
   * A copy as floats; F16 and BF16 are widened exactly.
   *
   * @throws IllegalStateException if the type is not F32, F16 or BF16, or the tensor has more
   *     elements than an array can hold
   */
  public float[] toFloats() {
    long elements = shape().elements();
    if (!dtype().isComputable() || elements > Integer.MAX_VALUE - 8) {
      throw new IllegalStateException(
          "tensor "
              + quote(name)
              + " of type "
              + type
              + " cannot be read as an array of floats; expected F32, F16 or BF16 with fewer than"
              + " 2^31 elements");
    }
    float[] values = new float[(int) elements];
    if (dtype() == DType.F32) {
      MemorySegment.copy(data, F32, 0, values, 0, values.length);
    } else if (dtype() == DType.F16) {
      for (int i = 0; i < values.length; i++) {
        values[i] = Float.float16ToFloat(data.get(I16, 2L * i));
      }
    } else {
      for (int i = 0; i < values.length; i++) {
        values[i] = Float.intBitsToFloat(data.get(I16, 2L * i) << 16);
      }
    }
    return values;
  }

  /** Name and type, for example {@code conv_in.weight F32[320,4,3,3]}. */
  @Override
  public String toString() {
    return name + " " + type;
  }
}
