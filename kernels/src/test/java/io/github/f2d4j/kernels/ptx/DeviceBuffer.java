package io.github.f2d4j.kernels.ptx;

import io.github.f2d4j.kernels.catalog.ElementType;

/** A piece of global memory. Distinct buffers are 4 GB apart, so no index error finds another. */
public final class DeviceBuffer {
  private final long address;
  private final Memory memory;

  DeviceBuffer(int number, int bytes) {
    this.address = (long) number << 32;
    this.memory = new Memory("buffer " + number, bytes);
  }

  static long offset(long address) {
    return address & 0xffff_ffffL;
  }

  /** What a kernel gets. */
  public long address() {
    return address;
  }

  Memory memory() {
    return memory;
  }

  /** Writes from the host. */
  public void write(byte[] contents) {
    System.arraycopy(contents, 0, memory.bytes, 0, contents.length);
    memory.log.fill();
  }

  /** A copy for the host. */
  public byte[] bytes() {
    return memory.bytes.clone();
  }

  /** Writes from the host, rounding to the type, and gives back what was written. */
  public float[] write(ElementType type, float[] values) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      if (type == ElementType.F32) {
        memory.put(i * 4, 4, Float.floatToRawIntBits(values[i]));
        rounded[i] = values[i];
      } else {
        PtxType half = type == ElementType.F16 ? PtxType.F16 : PtxType.BF16;
        long bits = Conversions.narrow(half, values[i]);
        memory.put(i * 2, 2, bits);
        rounded[i] = Conversions.widen(half, (int) bits);
      }
    }
    memory.log.fill();
    return rounded;
  }

  /** Reads to the host, all that fits. */
  public float[] read(ElementType type) {
    float[] values = new float[memory.bytes.length / type.bytes()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type) {
            case F32 -> Float.intBitsToFloat((int) memory.get(i * 4, 4));
            case F16 -> Conversions.widen(PtxType.F16, (int) memory.get(i * 2, 2));
            case BF16 -> Conversions.widen(PtxType.BF16, (int) memory.get(i * 2, 2));
          };
    }
    return values;
  }
}
