package io.github.f2d4j.weights.torch;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Spells pickles opcode by opcode, valid and invalid ones. */
final class PickleBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A pickle of protocol 2, as {@code torch.save} writes. */
  static PickleBytes protocol2() {
    return new PickleBytes().op(0x80).op(2);
  }

  /** One byte. */
  PickleBytes op(int code) {
    out.write(code);
    return this;
  }

  /** Opcodes that are letters, for example {@code "}("}. */
  PickleBytes ops(String letters) {
    out.writeBytes(letters.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  PickleBytes raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  PickleBytes u32(long value) {
    return raw(little(4).putInt((int) value).array());
  }

  PickleBytes u64(long value) {
    return raw(little(8).putLong(value).array());
  }

  PickleBytes global(String module, String name) {
    return ops("c" + module + "\n" + name + "\n");
  }

  PickleBytes text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return ops("X").u32(utf8.length).raw(utf8);
  }

  PickleBytes number(long value) {
    byte[] big = BigInteger.valueOf(value).toByteArray();
    op(0x8a).op(big.length);
    for (int i = big.length - 1; i >= 0; i--) {
      op(big[i]);
    }
    return this;
  }

  PickleBytes numbers(long... values) {
    ops("(");
    for (long value : values) {
      number(value);
    }
    return ops("t");
  }

  /** The persistent id of a storage, and the storage it stands for. */
  PickleBytes storage(String type, String key, long elements) {
    return ops("(")
        .text("storage")
        .global("torch", type)
        .text(key)
        .text("cpu")
        .number(elements)
        .ops("tQ");
  }

  /** {@code _rebuild_tensor_v2} of a float storage. */
  PickleBytes tensor(String key, long elements, long offset, long[] size, long[] stride) {
    return tensor("FloatStorage", key, elements, offset, size, stride);
  }

  PickleBytes tensor(
      String type, String key, long elements, long offset, long[] size, long[] stride) {
    return global("torch._utils", "_rebuild_tensor_v2")
        .ops("(")
        .storage(type, key, elements)
        .number(offset)
        .numbers(size)
        .numbers(stride)
        .op(0x89)
        .global("collections", "OrderedDict")
        .ops(")RtR");
  }

  /** With STOP. */
  byte[] stop() {
    return ops(".").bytes();
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  /** What the machine leaves, without an archive around it. */
  static Object run(byte[] pickle) throws TorchFormatException {
    Faults faults = new Faults(Path.of("pickle"));
    PickleBudget budget = new PickleBudget(faults);
    PickleInput in = new PickleInput(faults, MemorySegment.ofArray(pickle), 0);
    return new PickleMachine(faults, in, budget, new Calls(faults, budget)).run();
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
