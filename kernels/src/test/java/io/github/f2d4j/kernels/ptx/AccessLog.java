package io.github.f2d4j.kernels.ptx;

import static io.github.f2d4j.kernels.ptx.KernelFault.Kind.PENDING_COPY;
import static io.github.f2d4j.kernels.ptx.KernelFault.Kind.RACE;
import static io.github.f2d4j.kernels.ptx.KernelFault.Kind.UNINITIALISED;

import java.util.Arrays;

/**
 * Who last read and wrote every two bytes of a memory, and when.
 *
 * <p>Time is counted in epochs: each barrier of each block begins a new one, and they never repeat.
 * Two accesses are ordered if they are of the same warp, of the same block in different epochs, or
 * of different launches. Everything else is a race if one of them writes: between warps because no
 * barrier lies between, between blocks because nothing ever does.
 */
final class AccessLog {
  /** Smallest unit that any kernel touches alone. */
  private static final int GRAIN = 2;

  private static final byte EMPTY = 0;
  private static final byte WRITTEN = 1;
  private static final byte PENDING = 2;

  /** Readers besides a single warp. */
  private static final byte SEVERAL_WARPS = -1;

  private static final byte OTHER_BLOCKS = -2;

  /** Where a block stands in time. */
  static final class Clock {
    final int launch;
    final int block;
    int now;

    Clock(int launch, int block) {
      this.launch = launch;
      this.block = block;
      this.now = block;
    }
  }

  private final String memory;
  private final byte[] state;
  private final int[] writeEpoch;
  private final int[] readEpoch;
  private final byte[] writer;
  private final byte[] reader;

  AccessLog(String memory, int bytes) {
    int grains = (bytes + GRAIN - 1) / GRAIN;
    this.memory = memory;
    state = new byte[grains];
    writeEpoch = new int[grains];
    readEpoch = new int[grains];
    writer = new byte[grains];
    reader = new byte[grains];
  }

  /** The host wrote everything. */
  void fill() {
    Arrays.fill(state, WRITTEN);
  }

  /** The host wrote a range. */
  void fill(int from, int bytes) {
    Arrays.fill(state, from / GRAIN, (from + bytes + GRAIN - 1) / GRAIN, WRITTEN);
  }

  /** The host reads a range. */
  void requireWritten(int from, int bytes) {
    for (int i = from / GRAIN; i < (from + bytes + GRAIN - 1) / GRAIN; i++) {
      if (state[i] != WRITTEN) {
        throw fault(UNINITIALISED, i, "is read by the host but was never written");
      }
    }
  }

  void read(Clock clock, int warp, int from, int bytes) {
    for (int i = from / GRAIN; i < (from + bytes + GRAIN - 1) / GRAIN; i++) {
      if (state[i] == WRITTEN && readEpoch[i] == clock.now && reader[i] == warp) {
        continue; // a second time
      }
      if (state[i] == EMPTY) {
        throw fault(UNINITIALISED, i, "is read but was never written");
      }
      if (state[i] == PENDING) {
        throw fault(PENDING_COPY, i, "is read before its asynchronous copy was waited for");
      }
      orderedAfterWrite(clock, warp, i, "read");
      noteReader(clock, warp, i);
    }
  }

  /** As read, through the cache that never sees a write of its own launch. */
  void readConstant(Clock clock, int warp, int from, int bytes) {
    for (int i = from / GRAIN; i < (from + bytes + GRAIN - 1) / GRAIN; i++) {
      if (writeEpoch[i] >= clock.launch) {
        throw fault(RACE, i, "is read as constant but was written in this launch");
      }
    }
    read(clock, warp, from, bytes);
  }

  void write(Clock clock, int warp, int from, int bytes) {
    mark(clock, warp, from, bytes, WRITTEN);
  }

  /** An asynchronous copy has begun. */
  void beginCopy(Clock clock, int warp, int from, int bytes) {
    mark(clock, warp, from, bytes, PENDING);
  }

  private void mark(Clock clock, int warp, int from, int bytes, byte next) {
    for (int i = from / GRAIN; i < (from + bytes + GRAIN - 1) / GRAIN; i++) {
      orderedAfterWrite(clock, warp, i, "written");
      if (readEpoch[i] >= clock.launch) {
        if (reader[i] == OTHER_BLOCKS || readEpoch[i] < clock.block) {
          throw fault(RACE, i, "is written, and read by another block of this launch");
        }
        if (readEpoch[i] == clock.now && reader[i] != warp) {
          throw fault(
              RACE, i, "is written by warp " + warp + " and read by another, no barrier between");
        }
      }
      writeEpoch[i] = clock.now;
      writer[i] = (byte) warp;
      state[i] = next;
    }
  }

  private void orderedAfterWrite(Clock clock, int warp, int i, String what) {
    int epoch = writeEpoch[i];
    if (epoch < clock.launch) {
      return;
    }
    if (epoch < clock.block) {
      throw fault(RACE, i, "is " + what + ", and written by another block of this launch");
    }
    if (epoch == clock.now && writer[i] != warp) {
      throw fault(
          RACE,
          i,
          "is written by warp "
              + writer[i]
              + " and "
              + what
              + " by warp "
              + warp
              + ", no barrier between");
    }
  }

  private void noteReader(Clock clock, int warp, int i) {
    int epoch = readEpoch[i];
    if (epoch >= clock.launch && (epoch < clock.block || reader[i] == OTHER_BLOCKS)) {
      reader[i] = OTHER_BLOCKS;
    } else if (epoch == clock.now && reader[i] != warp) {
      reader[i] = SEVERAL_WARPS;
    } else {
      reader[i] = (byte) warp;
    }
    readEpoch[i] = clock.now;
  }

  private KernelFault fault(KernelFault.Kind kind, int grain, String what) {
    return new KernelFault(kind, "byte " + grain * GRAIN + " of " + memory + " " + what);
  }
}
