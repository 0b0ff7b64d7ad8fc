package io.github.f2d4j.engine.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.graph.MemoryPlan.Block;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
  @Test
  void blocksThatNeverMeetShareMemory() {
    MemoryPlan plan = MemoryPlan.of(List.of(new Block(128, 0, 1), new Block(128, 2, 3)));
    assertEquals(128, plan.bytes());
    assertEquals(128, plan.lowerBound());
  }

  @Test
  void aBlockFillsTheGapBetweenTwoOthers() {
    List<Block> blocks =
        List.of(
            new Block(256, 0, 9), new Block(192, 0, 1), new Block(128, 0, 9), new Block(128, 2, 9));
    MemoryPlan plan = MemoryPlan.of(blocks);
    assertEquals(576, plan.bytes());
    assertEquals(plan.lowerBound(), plan.bytes());
  }

  /** The largest first would take 64 bytes more. */
  @Test
  void anotherOrderIsTakenWhereTheLargestFirstLeavesAGap() {
    List<List<Block>> cases =
        List.of(
            List.of(
                new Block(64, 1, 2),
                new Block(128, 2, 4),
                new Block(256, 1, 1),
                new Block(256, 3, 3)),
            List.of(
                new Block(192, 1, 1),
                new Block(256, 3, 4),
                new Block(128, 2, 2),
                new Block(128, 1, 3),
                new Block(128, 1, 1)));
    for (List<Block> blocks : cases) {
      MemoryPlan plan = MemoryPlan.of(blocks);
      assertEquals(plan.lowerBound(), plan.bytes(), blocks.toString());
    }
  }

  @Test
  void noBlocksNeedNoMemory() {
    assertEquals(0, MemoryPlan.of(List.of()).bytes());
  }

  @Property
  void livingBlocksNeverOverlap(
      @ForAll @Size(max = 40) List<@IntRange(max = 5000) Integer> sizes, @ForAll int seed) {
    java.util.Random random = new java.util.Random(seed);
    List<Block> blocks = new ArrayList<>();
    for (int size : sizes) {
      int from = random.nextInt(20);
      blocks.add(new Block(size, from, from + random.nextInt(6)));
    }
    MemoryPlan plan = MemoryPlan.of(blocks);
    assertTrue(plan.bytes() >= plan.lowerBound());
    for (int i = 0; i < blocks.size(); i++) {
      long start = plan.offset(i);
      long end = start + blocks.get(i).bytes();
      assertEquals(0, start % 64);
      assertTrue(end <= plan.bytes());
      for (int j = 0; j < i; j++) {
        boolean apart = end <= plan.offset(j) || plan.offset(j) + blocks.get(j).bytes() <= start;
        assertTrue(
            apart || !blocks.get(i).meets(blocks.get(j)) || blocks.get(j).bytes() == 0,
            blocks + " " + i + " " + j);
      }
    }
  }
}
