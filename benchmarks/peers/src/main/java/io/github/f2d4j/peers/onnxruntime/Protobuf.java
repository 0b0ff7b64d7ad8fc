package io.github.f2d4j.peers.onnxruntime;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A message in protocol buffers' wire format, as far as ONNX needs it. */
final class Protobuf {
  private static final int VARINT = 0;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write(((int) rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  private void tag(int field, int wireType) {
    varint(((long) field << 3) | wireType);
  }

  /** An integer or an enumeration's value. */
  Protobuf put(int field, long value) {
    tag(field, VARINT);
    varint(value);
    return this;
  }

  Protobuf put(int field, float value) {
    tag(field, FIXED32);
    byte[] bytes = new byte[Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(value);
    out.writeBytes(bytes);
    return this;
  }

  Protobuf put(int field, byte[] bytes) {
    tag(field, LENGTH);
    varint(bytes.length);
    out.writeBytes(bytes);
    return this;
  }

  Protobuf put(int field, String text) {
    return put(field, text.getBytes(StandardCharsets.UTF_8));
  }

  Protobuf put(int field, Protobuf message) {
    return put(field, message.bytes());
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
