package io.github.f2d4j.engine.graph;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.graph.Graph.Step;
import io.github.f2d4j.engine.graph.MemoryPlan.Block;
import io.github.f2d4j.engine.op.MovementOp;
import io.github.f2d4j.engine.types.DType;
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
 * value they are taken from, and so do slices of columns where all who read them can do so.
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
  private final List<Operand> operands;
  private final List<Block> blocks;
  private final List<Long> fresh;

  private Storage(
      List<Place> places,
      boolean[] alias,
      List<Operand> operands,
      List<Block> blocks,
      List<Long> fresh) {
    this.places = places;
    this.alias = alias;
    this.operands = operands;
    this.blocks = blocks;
    this.fresh = fresh;
  }

  /** Decides for {@code graph} on {@code backend}. */
  static Storage of(Graph graph, Backend backend) {
    int n = graph.arguments().size() + graph.steps().size();
    int first = graph.arguments().size();
    int[] root = new int[n];
    long[] offset = new long[n]; // in elements
    boolean[] alias = new boolean[n];
    int[] lastUse = new int[n];
    boolean[] columns = readAsColumns(graph, backend);
    for (int v = 0; v < n; v++) {
      root[v] = v;
      lastUse[v] = v - first;
      if (v < first) {
        continue;
      }
      Step step = graph.step(v);
      OptionalLong part = partOf(step, graph, columns[v]);
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
    List<Operand> operands = new ArrayList<>(graph.arguments());
    for (int v = first; v < n; v++) {
      Step step = graph.step(v);
      DType held = step.type().dtype();
      if (alias[v]) {
        held = operands.get(step.inputs().getFirst()).type().dtype();
      } else if (!outlives[v]) {
        List<Operand> inputs = step.inputs().stream().map(operands::get).toList();
        held = backend.holds(step.op(), inputs, step.type());
      }
      operands.add(operand(step, held, graph, columns[v]));
    }
    List<Block> blocks = new ArrayList<>();
    List<Long> fresh = new ArrayList<>();
    Map<Integer, Home> homes = new HashMap<>();
    List<Place> places = new ArrayList<>();
    for (int v = 0; v < n; v++) {
      TensorType type = operands.get(v).type();
      if (!alias[v]) {
        long bytes = type.bytes();
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
      places.add(new Place(home, offset[v] * type.dtype().bytes()));
    }
    return new Storage(places, alias, operands, blocks, fresh);
  }

  /** Which values are slices of columns that are read by nobody but kernels that can read such. */
  private static boolean[] readAsColumns(Graph graph, Backend backend) {
    int first = graph.arguments().size();
    boolean[] columns = new boolean[first + graph.steps().size()];
    for (int v = first; v < columns.length; v++) {
      Step step = graph.step(v);
      columns[v] =
          step.op() instanceof MovementOp.Slice s
              && isColumns(s, graph.type(step.inputs().getFirst()).shape());
    }
    graph.results().forEach(r -> columns[r] = false);
    for (Step reader : graph.steps()) {
      for (int i = 0; i < reader.inputs().size(); i++) {
        int v = reader.inputs().get(i);
        columns[v] = columns[v] && backend.readsColumns(reader.op(), i);
      }
    }
    return columns;
  }

  private static boolean isColumns(MovementOp.Slice slice, Shape from) {
    int last = from.rank() - 1;
    for (int i = 0; i < last; i++) {
      if (slice.steps().get(i) != 1 || slice.ends().get(i) - slice.starts().get(i) != from.dim(i)) {
        return false;
      }
    }
    return last >= 0 && slice.steps().get(last) == 1 && from.elements() > 0;
  }

  private static Operand operand(Step step, DType held, Graph graph, boolean columns) {
    TensorType type = new TensorType(held, step.type().shape());
    return columns
        ? new Operand(type, false, graph.type(step.inputs().getFirst()).shape().dim(-1))
        : new Operand(type, false);
  }

  /** The element at which the step's result begins in its first input, if it lies there. */
  private static OptionalLong partOf(Step step, Graph graph, boolean columns) {
    return switch (step.op()) {
      case MovementOp.Reshape r -> OptionalLong.of(0);
      case MovementOp.Slice s when columns -> OptionalLong.of(s.starts().getLast());
      case MovementOp.Slice s -> contiguous(s, graph.type(step.inputs().getFirst()).shape());
      default -> OptionalLong.empty();
    };
  }

  private static OptionalLong contiguous(MovementOp.Slice slice, Shape shape) {
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
    return OptionalLong.of(offset);
  }

  Place place(int value) {
    return places.get(value);
  }

  /** What a backend may know of a value when it compiles a step that reads it. */
  Operand operand(int value) {
    return operands.get(value);
  }

  /** Bytes from a value's first element to the end of its last. */
  long span(int value) {
    Operand o = operands.get(value);
    long bytes = o.type().bytes();
    int row = o.type().shape().rank() == 0 ? 1 : o.type().shape().dim(-1);
    if (row == o.pitch() || bytes == 0) {
      return bytes;
    }
    long rows = o.type().shape().elements() / row;
    return ((rows - 1) * o.pitch() + row) * o.type().dtype().bytes();
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
