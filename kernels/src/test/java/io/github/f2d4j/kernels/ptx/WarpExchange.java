package io.github.f2d4j.kernels.ptx;

import java.util.Arrays;

/** shfl.sync: lanes read each other's registers. */
final class WarpExchange {
  private WarpExchange() {}

  private enum Mode {
    UP,
    DOWN,
    BFLY,
    IDX;

    static Mode of(Mnemonic name) {
      for (Mode mode : values()) {
        if (mode.name().equalsIgnoreCase(name.part(2))) {
          return mode;
        }
      }
      throw name.unknown();
    }
  }

  /** shfl.sync.mode.b32 d|p, a, b, c, members. */
  static Operation decode(Mnemonic name, Operands o) {
    if (!name.has("sync")) {
      throw name.unknown();
    }
    Mode mode = Mode.of(name);
    int[] results = o.pair(0);
    int a = o.register(1);
    int b = o.register(2);
    int c = o.register(3);
    int members = o.register(4);
    return (warp, lanes) -> {
      long[] r = warp.registers;
      int expected = (int) r[members + Integer.numberOfTrailingZeros(lanes)];
      if ((expected & warp.live) != lanes) {
        throw new KernelFault(
            KernelFault.Kind.DIVERGENCE,
            "the lanes %08x are named but %08x take part".formatted(expected, lanes));
      }
      long[] values = Arrays.copyOfRange(r, a, a + 32);
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        int from = source(mode, lane, (int) r[b + lane], (int) r[c + lane]);
        boolean valid = from >= 0;
        int chosen = valid ? from : lane;
        if ((lanes & (1 << chosen)) == 0) {
          throw new KernelFault(
              KernelFault.Kind.DIVERGENCE, "lane " + lane + " reads the absent lane " + chosen);
        }
        r[results[0] + lane] = values[chosen];
        if (results[1] >= 0) {
          r[results[1] + lane] = valid ? 1 : 0;
        }
      }
    };
  }

  /** The lane to read, or -1 where it lies outside the segment (PTX ISA, shfl.sync). */
  private static int source(Mode mode, int lane, int b, int c) {
    int segment = (c >> 8) & 31;
    int clamp = c & 31;
    int last = (lane & segment) | (clamp & ~segment);
    int first = lane & segment;
    int shift = b & 31;
    int from =
        switch (mode) {
          case UP -> lane - shift;
          case DOWN -> lane + shift;
          case BFLY -> lane ^ shift;
          case IDX -> first | (shift & ~segment);
        };
    boolean inside = mode == Mode.UP ? from >= last : from <= last;
    return inside ? from : -1;
  }
}
