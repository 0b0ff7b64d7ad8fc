package io.github.f2d4j.engine.graph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Places blocks that live for a known stretch of steps in one arena, so that blocks alive at the
 * same time do not overlap. Greedy: one block after the other, each at the lowest offset that is
 * free all its life. The largest goes first (Pisarchyk and Lee, "Efficient memory management for
 * deep neural net inference", 2020, section 5.2); where that leaves gaps other orders are tried,
 * and the best counts.
 */
public final class MemoryPlan {
  private static final long ALIGNMENT = 64;

  private static final Comparator<Block> BY_SIZE =
      Comparator.comparingLong(Block::bytes).reversed();
  private static final Comparator<Block> BY_LIFE =
      Comparator.comparingInt((Block b) -> b.from() - b.to());

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
    long[] live = live(blocks);
    int peak = 0;
    for (int step = 0; step < live.length; step++) {
      peak = live[step] > live[peak] ? step : peak;
    }
    long least = live.length == 0 ? 0 : live[peak];
    MemoryPlan best = place(blocks, BY_SIZE, least);
    for (Comparator<Block> order : otherOrders(peak)) {
      if (best.bytes <= align(least)) {
        break; // Nothing is left to gain.
      }
      MemoryPlan plan = place(blocks, order, least);
      best = plan.bytes < best.bytes ? plan : best;
    }
    return best;
  }

  /** Orders that are sometimes better than the first. */
  private static List<Comparator<Block>> otherOrders(int peak) {
    return List.of(
        // First those that are alive when most memory is in use.
        Comparator.comparing((Block b) -> b.from > peak || b.to < peak).thenComparing(BY_SIZE),
        Comparator.comparing((Block b) -> b.from > peak || b.to < peak)
            .thenComparing(BY_LIFE)
            .thenComparing(BY_SIZE),
        BY_LIFE.thenComparing(BY_SIZE),
        Comparator.comparingInt(Block::from).thenComparing(BY_SIZE));
  }

  /** Places blocks in {@code order}, each at the lowest offset that is free all its life. */
  private static MemoryPlan place(List<Block> blocks, Comparator<Block> by, long least) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      order.add(i);
    }
    order.sort(Comparator.comparing(blocks::get, by));
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
    return new MemoryPlan(offsets, total, least);
  }

  /** Bytes alive at each step. */
  private static long[] live(List<Block> blocks) {
    int end = blocks.stream().mapToInt(Block::to).max().orElse(-1);
    long[] live = new long[end + 2];
    for (Block b : blocks) {
      live[b.from()] += b.bytes();
      live[b.to() + 1] -= b.bytes();
    }
    for (int step = 1; step < live.length; step++) {
      live[step] += live[step - 1];
    }
    return live;
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
