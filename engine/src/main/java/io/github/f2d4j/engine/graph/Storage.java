package io.github.f2d4j.engine.graph;

import io.github.f2d4j.engine.graph.Graph.Step;
import io.github.f2d4j.engine.graph.MemoryPlan.Block;
import io.github.f2d4j.engine.op.MovementOp;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Decides where each value of a graph lives: in an argument's memory, in fresh memory that outlives
 * the run, or in a block of the working memory. Reshapes and contiguous slices live inside the
 * value they are taken from.
 */
final class Storage {
  /** Where a value, or the value it is a part of, lives. */
  sealed interface Home {}

  /** In the memory of an argument. */
  record Argument(int index) implements Home {}

  /** In memory allocated for a result. */
  record Fresh(int index) implements Home {}

  /** In a block of the working memory. */
  record Planned(int block) implements Home {}

  /** A home and the offset in bytes from its start. */
  record Place(Home home, long offset) {}

  private final List<Place> places;
  private final boolean[] alias;
  private final List<Block> blocks;
  private final List<Long> fresh;

  private Storage(List<Place> places, boolean[] alias, List<Block> blocks, List<Long> fresh) {
    this.places = places;
    this.alias = alias;
    this.blocks = blocks;
    this.fresh = fresh;
  }

  static Storage of(Graph graph) {
    int n = graph.arguments().size() + graph.steps().size();
    int first = graph.arguments().size();
    int[] root = new int[n];
    long[] offset = new long[n];
    boolean[] alias = new boolean[n];
    int[] lastUse = new int[n];
    for (int v = 0; v < n; v++) {
      root[v] = v;
      lastUse[v] = v - first;
      if (v < first) {
        continue;
      }
      Step step = graph.step(v);
      OptionalLong part = partOf(step, graph);
      if (part.isPresent()) {
        int source = step.inputs().getFirst();
        alias[v] = true;
        root[v] = root[source];
        offset[v] = offset[source] + part.getAsLong();
      }
      for (int input : step.inputs()) {
        lastUse[root[input]] = v - first;
      }
      lastUse[root[v]] = Math.max(lastUse[root[v]], v - first);
    }
    boolean[] outlives = new boolean[n];
    for (int r : graph.results()) {
      outlives[root[r]] = true;
    }
    List<Block> blocks = new ArrayList<>();
    List<Long> fresh = new ArrayList<>();
    Map<Integer, Home> homes = new HashMap<>();
    List<Place> places = new ArrayList<>();
    for (int v = 0; v < n; v++) {
      if (!alias[v]) {
        long bytes = graph.type(v).bytes();
        Home home;
        if (v < first) {
          home = new Argument(v);
        } else if (outlives[v]) {
          home = new Fresh(fresh.size());
          fresh.add(bytes);
        } else {
          home = new Planned(blocks.size());
          blocks.add(new Block(bytes, v - first, lastUse[v]));
        }
        homes.put(v, home);
      }
      Home home = homes.get(root[v]);
      if (home == null) {
        throw new AssertionError("a part is placed after the whole");
      }
      places.add(new Place(home, offset[v]));
    }
    return new Storage(places, alias, blocks, fresh);
  }

  /** The offset in bytes at which the step's result lies in its first input, if it does. */
  private static OptionalLong partOf(Step step, Graph graph) {
    return switch (step.op()) {
      case MovementOp.Reshape r -> OptionalLong.of(0);
      case MovementOp.Slice s -> contiguous(s, graph.type(step.inputs().getFirst()));
      default -> OptionalLong.empty();
    };
  }

  private static OptionalLong contiguous(MovementOp.Slice slice, TensorType from) {
    Shape shape = from.shape();
    long[] strides = shape.strides();
    long offset = 0;
    boolean partial = false;
    for (int i = shape.rank() - 1; i >= 0; i--) {
      int length = slice.ends().get(i) - slice.starts().get(i);
      boolean whole = length == shape.dim(i);
      if ((slice.steps().get(i) != 1 && length > 1) || (partial && length != 1)) {
        return OptionalLong.empty();
      }
      partial |= !whole;
      offset += slice.starts().get(i) * strides[i];
    }
    return OptionalLong.of(offset * from.dtype().bytes());
  }

  Place place(int value) {
    return places.get(value);
  }

  /** Whether a value lives inside another, so that nothing needs to be computed. */
  boolean isAlias(int value) {
    return alias[value];
  }

  List<Block> blocks() {
    return blocks;
  }

  int freshCount() {
    return fresh.size();
  }

  long freshBytes(int index) {
    return fresh.get(index);
  }

  @Override
  public String toString() {
    return "Storage" + places + Arrays.toString(alias);
  }
}
