package io.github.f2d4j.kernels.device;

import io.github.f2d4j.kernels.catalog.ElementType;
import io.github.f2d4j.kernels.ptx.PtxDevice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers in a simulated GPU's memory, as a library reads and writes them. */
final class DeviceNumbers {
  private final PtxDevice device;
  private final ElementType type;

  DeviceNumbers(PtxDevice device, ElementType type) {
    this.device = device;
    this.type = type;
  }

  int bytes() {
    return type.bytes();
  }

  float[] read(long address, int count) {
    ByteBuffer bytes = ByteBuffer.wrap(device.read(address, count * type.bytes()));
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (type) {
            case F32 -> bytes.getFloat();
            case F16 -> Float.float16ToFloat(bytes.getShort());
            case BF16 -> Float.intBitsToFloat(bytes.getShort() << 16);
          };
    }
    return values;
  }

  /** Rounds to nearest even. */
  void write(long address, double[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * type.bytes());
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      switch (type) {
        case F32 -> bytes.putFloat((float) value);
        case F16 -> bytes.putShort(Float.floatToFloat16((float) value));
        case BF16 -> {
          int bits = Float.floatToRawIntBits((float) value);
          int rounded = Double.isNaN(value) ? 0x7fc0 : (bits + 0x7fff + (bits >>> 16 & 1)) >>> 16;
          bytes.putShort((short) rounded);
        }
      }
    }
    device.write(address, bytes.array());
  }
}
