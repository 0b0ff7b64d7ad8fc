package io.github.f2d4j.engine.cpu.amx;

import io.github.f2d4j.engine.backend.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The unit's tile registers: eight, of 16 rows of 64 bytes. */
final class Tiles {
  /** Rows of a tile, and its columns if they are of 32 bits. */
  static final int SIDE = 16;

  /** Bytes of a row. */
  static final int ROW = 64;

  /** Bytes of a tile. */
  static final int BYTES = SIDE * ROW;

  /** 32-bit elements of a tile. */
  static final int INTS = BYTES / Integer.BYTES;

  private static final int REGISTERS = 8;

  private Tiles() {}

  /**
   * What {@code LDTILECFG} loads: palette 1 with all tiles of full size.
   *
   * @param more bytes for something else behind it
   */
  static MemorySegment config(int more) {
    MemorySegment config = HostBuffer.allocate(ROW + more).segment();
    config.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    for (int tile = 0; tile < REGISTERS; tile++) {
      config.set(ValueLayout.JAVA_SHORT, 16 + 2L * tile, (short) ROW);
      config.set(ValueLayout.JAVA_BYTE, 48 + (long) tile, (byte) SIDE);
    }
    return config;
  }
}
