package io.github.f2d4j.benchmarks.compare;

import io.github.f2d4j.benchmarks.peak.PeakLoop;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The two roofs of the machine, measured in bursts between the contenders' turns, for its speed
 * swings: multiply-adds in registers, and bytes copied from memory to memory.
 */
final class Limits {
  /** Far larger than any cache that a few cores share. */
  private static final long COPIED = 128L << 20;

  private static final int PIECES = 64;

  private final WorkPool pool = WorkPool.shared();
  private final PeakLoop peak = new PeakLoop();
  private final MemorySegment from = Arena.ofAuto().allocate(COPIED, 64).fill((byte) 1);
  private final MemorySegment to = Arena.ofAuto().allocate(COPIED, 64).fill((byte) 2);

  /** Billions of float32 additions and multiplications a second, on all threads. */
  double gflops(long nanos) {
    return peak.gflops(nanos);
  }

  /** Bytes read and written a second by copying on all threads, as STREAM's Copy counts them. */
  double bandwidth(long nanos) {
    long piece = COPIED / PIECES;
    long bytes = 0;
    long start = System.nanoTime();
    long spent;
    do {
      pool.parallel(PIECES, i -> MemorySegment.copy(from, i * piece, to, i * piece, piece));
      bytes += 2 * COPIED;
      spent = System.nanoTime() - start;
    } while (spent < nanos);
    return bytes / (spent / 1e9);
  }
}
