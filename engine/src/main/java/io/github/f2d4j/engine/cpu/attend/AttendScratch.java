package io.github.f2d4j.engine.cpu.attend;

import io.github.f2d4j.engine.cpu.multiply.BlockOperands;
import io.github.f2d4j.engine.cpu.multiply.Multiplier;
import io.github.f2d4j.engine.cpu.multiply.Room;
import io.github.f2d4j.engine.cpu.tile.Tile;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * What one task of attention needs beside its operands. On the heap for speed, see {@link Tile}.
 * Borrowed for a task and given back, so there are never more of them than tasks ran at the same
 * time.
 */
final class AttendScratch {
  private static final ConcurrentLinkedDeque<AttendScratch> FREE_TILE =
      new ConcurrentLinkedDeque<>();
  private static final ConcurrentLinkedDeque<AttendScratch> FREE_AMX =
      new ConcurrentLinkedDeque<>();

  private final Multiplier multiplier;

  /**
   * Of the product k·qᵀ: strips of keys, part by part, panels of scaled queries, each part of a
   * panel by itself, and the scores of one panel, [keys, COLUMNS].
   */
  final BlockOperands scoring;

  /**
   * Of the product vᵀ·p: strips of columns of the values, the powers of one panel, and the sums of
   * all panels, each [d rounded up to a strip's rows, COLUMNS].
   */
  final BlockOperands summing;

  /** A head's channels at one query or key, [d]. */
  float[] row = new float[0];

  /** A tile of values, [keys, d]. */
  float[] values = new float[0];

  /** The {@link SoftmaxState} of each panel. */
  float[] state = new float[0];

  private AttendScratch(Multiplier multiplier) {
    this.multiplier = multiplier;
    scoring = multiplier.operands();
    summing = multiplier.operands();
  }

  private static ConcurrentLinkedDeque<AttendScratch> free(Multiplier multiplier) {
    return switch (multiplier) {
      case TILE -> FREE_TILE;
      case AMX -> FREE_AMX;
    };
  }

  /**
   * Scratch for {@code panels} panels of queries and {@code tileKeys} keys.
   *
   * @param part channels of each of a head's {@code parts}, the last may have fewer
   */
  static AttendScratch take(
      Multiplier multiplier, int d, int part, int parts, int tileKeys, int panels) {
    AttendScratch free = free(multiplier).pollFirst();
    AttendScratch s = free != null ? free : new AttendScratch(multiplier);
    int height = multiplier.traits().rows();
    int down = Math.ceilDiv(tileKeys, height);
    int strips = Math.ceilDiv(d, height);
    s.scoring.reserve(down * parts, panels * parts, part, down);
    s.summing.reserve(strips, 1, tileKeys, panels * strips);
    s.row = Room.atLeast(d, s.row);
    s.values = Room.atLeast(tileKeys * d, s.values);
    s.state = Room.atLeast(panels * SoftmaxState.LENGTH, s.state);
    return s;
  }

  void give() {
    free(multiplier).addFirst(this);
  }
}
