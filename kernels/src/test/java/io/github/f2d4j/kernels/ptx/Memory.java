package io.github.f2d4j.kernels.ptx;

import static io.github.f2d4j.kernels.ptx.KernelFault.Kind.MISALIGNED;
import static io.github.f2d4j.kernels.ptx.KernelFault.Kind.OUT_OF_BOUNDS;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Bytes, with a log of who touched them. */
final class Memory {
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final String name;
  final byte[] bytes;
  final AccessLog log;

  Memory(String name, int size) {
    this.name = name;
    this.bytes = new byte[size];
    this.log = new AccessLog(name, size);
  }

  /** Checks an access and gives its place. */
  int place(long address, int count) {
    if (address < 0 || address > bytes.length - count) {
      throw new KernelFault(
          OUT_OF_BOUNDS,
          count + " bytes at " + address + " of " + name + ", which has " + bytes.length);
    }
    if (address % count != 0) {
      throw new KernelFault(
          MISALIGNED, count + " bytes at " + address + " of " + name + ", no multiple of " + count);
    }
    return (int) address;
  }

  /** Checks a range that the host touches and gives its place. */
  int range(long address, int count) {
    if (address < 0 || address > bytes.length - count) {
      throw new KernelFault(
          OUT_OF_BOUNDS,
          count + " bytes at " + address + " of " + name + ", which has " + bytes.length);
    }
    return (int) address;
  }

  /** Bits that fill a register; those above the value are zero. */
  long get(int at, int count) {
    return switch (count) {
      case 1 -> bytes[at] & 0xff;
      case 2 -> (short) SHORTS.get(bytes, at) & 0xffff;
      case 4 -> (int) INTS.get(bytes, at) & 0xffffffffL;
      default -> (long) LONGS.get(bytes, at);
    };
  }

  void put(int at, int count, long value) {
    switch (count) {
      case 1 -> bytes[at] = (byte) value;
      case 2 -> SHORTS.set(bytes, at, (short) value);
      case 4 -> INTS.set(bytes, at, (int) value);
      default -> LONGS.set(bytes, at, value);
    }
  }
}
