package io.github.f2d4j.engine.graph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Places blocks that live for a known stretch of steps in one arena, so that blocks alive at the
 * same time do not overlap. Greedy by size: the largest block first, each at the lowest offset that
 * is free all its life (Pisarchyk and Lee, "Efficient memory management for deep neural net
 * inference", 2020, section 5.2).
 */
public final class MemoryPlan {
  private static final long ALIGNMENT = 64;

  private final long[] offsets;
  private final long bytes;
  private final long lowerBound;

  private MemoryPlan(long[] offsets, long bytes, long lowerBound) {
    this.offsets = offsets;
    this.bytes = bytes;
    this.lowerBound = lowerBound;
  }

  /**
   * A piece of memory.
   *
   * @param bytes its size
   * @param from the first step at which it is in use
   * @param to the last step at which it is in use
   */
  public record Block(long bytes, int from, int to) {
    boolean meets(Block other) {
      return from <= other.to && other.from <= to;
    }
  }

  private record Placed(Block block, long offset) {}

  /** Places {@code blocks}. */
  public static MemoryPlan of(List<Block> blocks) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      order.add(i);
    }
    order.sort(Comparator.comparingLong((Integer i) -> blocks.get(i).bytes()).reversed());
    long[] offsets = new long[blocks.size()];
    long total = 0;
    // Kept in ascending order of offset.
    List<Placed> placed = new ArrayList<>();
    for (int i : order) {
      Block b = blocks.get(i);
      long offset = 0;
      for (Placed p : placed) {
        if (!p.block.meets(b)) {
          continue;
        }
        if (p.offset - offset >= b.bytes()) {
          break;
        }
        offset = Math.max(offset, align(p.offset + p.block.bytes()));
      }
      offsets[i] = offset;
      total = Math.max(total, align(offset + b.bytes()));
      Placed mine = new Placed(b, offset);
      int at = 0;
      while (at < placed.size() && placed.get(at).offset <= offset) {
        at++;
      }
      placed.add(at, mine);
    }
    return new MemoryPlan(offsets, total, lowerBound(blocks));
  }

  private static long lowerBound(List<Block> blocks) {
    int end = blocks.stream().mapToInt(Block::to).max().orElse(-1);
    long[] change = new long[end + 2];
    for (Block b : blocks) {
      change[b.from()] += b.bytes();
      change[b.to() + 1] -= b.bytes();
    }
    long live = 0;
    long most = 0;
    for (long c : change) {
      live += c;
      most = Math.max(most, live);
    }
    return most;
  }

  private static long align(long n) {
    return (n + ALIGNMENT - 1) & -ALIGNMENT;
  }

  /** Where block {@code index} starts. */
  public long offset(int index) {
    return offsets[index];
  }

  /** The size of the arena. */
  public long bytes() {
    return bytes;
  }

  /** The largest sum of blocks alive at one step: no placement needs less. */
  public long lowerBound() {
    return lowerBound;
  }
}
