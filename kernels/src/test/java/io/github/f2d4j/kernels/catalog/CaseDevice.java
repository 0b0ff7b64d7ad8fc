package io.github.f2d4j.kernels.catalog;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Where a case runs: the interpreter, or a GPU. */
public interface CaseDevice {
  /** Device memory of one case. */
  interface Memory {
    /** What a kernel gets. */
    long address();

    /** Its contents, after the launches so far. */
    byte[] bytes();

    /** Its contents as numbers, all that fit. */
    default float[] read(ElementType type) {
      ByteBuffer bytes = littleEndian(bytes());
      float[] values = new float[bytes.remaining() / type.bytes()];
      for (int i = 0; i < values.length; i++) {
        values[i] = type.value(type.bytes() == 2 ? bytes.getShort() : bytes.getInt());
      }
      return values;
    }
  }

  /** The kernels that it runs. */
  PtxSet set();

  /** Memory that no kernel may read before one has written it. */
  Memory allocateBytes(long bytes);

  /** Memory with these contents. */
  Memory upload(byte[] contents);

  /** Runs launches, one after the other. */
  void launch(List<KernelLaunch> launches);

  /** Memory for numbers. */
  default Memory allocate(ElementType type, int elements) {
    return allocateBytes((long) elements * type.bytes());
  }

  /** Memory with values that become what the type can hold, in the array too. */
  default Memory upload(ElementType type, float[] values) {
    byte[] contents = new byte[values.length * type.bytes()];
    ByteBuffer bytes = littleEndian(contents);
    for (int i = 0; i < values.length; i++) {
      int bits = type.bits(values[i]);
      values[i] = type.value(bits);
      if (type.bytes() == 2) {
        bytes.putShort((short) bits);
      } else {
        bytes.putInt(bits);
      }
    }
    return upload(contents);
  }

  /** Memory with 32-bit numbers. */
  default Memory upload(int[] values) {
    byte[] contents = new byte[values.length * 4];
    littleEndian(contents).asIntBuffer().put(values);
    return upload(contents);
  }

  /** Memory with 64-bit numbers. */
  default Memory upload(long[] values) {
    byte[] contents = new byte[values.length * 8];
    littleEndian(contents).asLongBuffer().put(values);
    return upload(contents);
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Launches with a single block each: a kernel's loop over the grid then takes several turns. */
  default void launchInOneBlock(List<KernelLaunch> launches) {
    launch(
        launches.stream()
            .map(
                l ->
                    new KernelLaunch(
                        l.module(),
                        l.entry(),
                        Dim3.of(1),
                        l.block(),
                        l.sharedBytes(),
                        l.arguments()))
            .toList());
  }
}
