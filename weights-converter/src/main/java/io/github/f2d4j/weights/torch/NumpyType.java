package io.github.f2d4j.weights.torch;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** A {@code numpy.dtype}, such as {@code f8}; its byte order comes after it, by opcode BUILD. */
final class NumpyType {
  private final String code;
  private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

  NumpyType(String code) {
    this.code = code;
  }

  void bigEndian() {
    order = ByteOrder.BIG_ENDIAN;
  }

  /** One value of this type, or null if the type or the number of bytes is another. */
  @Nullable Object scalar(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order);
    if (code.length() != 2 || bytes.length != code.charAt(1) - '0') {
      return null;
    }
    return switch (code) {
      case "f8" -> buffer.getDouble();
      case "f4" -> (double) buffer.getFloat();
      case "f2" -> (double) Float.float16ToFloat(buffer.getShort());
      case "i8" -> buffer.getLong();
      case "i4" -> (long) buffer.getInt();
      case "i2" -> (long) buffer.getShort();
      case "i1" -> (long) buffer.get();
      case "u8" -> unsigned(buffer.getLong());
      case "u4" -> buffer.getInt() & 0xffffffffL;
      case "u2" -> buffer.getShort() & 0xffffL;
      case "u1" -> buffer.get() & 0xffL;
      case "b1" -> buffer.get() != 0;
      default -> null;
    };
  }

  private static Object unsigned(long value) {
    return value >= 0 ? (Object) value : new BigInteger(Long.toUnsignedString(value));
  }

  @Override
  public String toString() {
    return "numpy." + code;
  }
}
