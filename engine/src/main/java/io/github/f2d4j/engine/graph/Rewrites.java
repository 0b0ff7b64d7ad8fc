package io.github.f2d4j.engine.graph;

import io.github.f2d4j.engine.graph.Graph.Step;
import io.github.f2d4j.engine.types.TensorType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a graph cheaper without changing what it computes: operators move into the epilogue of the
 * one that feeds them, and runs of elementwise operators become one pass over the data.
 */
final class Rewrites {
  private static final List<Rewrite> ALL = List.of(new FuseEpilogues(), new FuseElementwise());

  private Rewrites() {}

  /** One kind of change, tried at each step in turn. */
  interface Rewrite {
    /**
     * A step to stand in the place of {@code value}, or null to leave it. The producers that the
     * new step has swallowed are then read by nobody and disappear.
     */
    @Nullable Step at(int value, Workbench bench);
  }

  static Graph apply(Graph graph) {
    for (Rewrite r : ALL) {
      Workbench bench = new Workbench(graph);
      for (int v = graph.arguments().size(); v < bench.size(); v++) {
        Step better = r.at(v, bench);
        if (better != null) {
          bench.replace(v, better);
        }
      }
      graph = bench.finish();
    }
    return graph;
  }

  /** A graph under change. Values keep their numbers until {@link #finish()}. */
  static final class Workbench {
    private final Graph graph;
    private final List<Step> steps;
    private final int[] uses;
    private final boolean[] wanted;

    Workbench(Graph graph) {
      this.graph = graph;
      this.steps = new ArrayList<>(graph.steps());
      this.uses = graph.uses();
      this.wanted = new boolean[uses.length];
      graph.results().forEach(r -> wanted[r] = true);
    }

    int size() {
      return uses.length;
    }

    Step step(int value) {
      return steps.get(value - graph.arguments().size());
    }

    TensorType type(int value) {
      return graph.isArgument(value) ? graph.type(value) : step(value).type();
    }

    /** The step behind {@code value} if exactly one step reads it and nobody else wants it. */
    @Nullable Step soleUse(int value) {
      return graph.isArgument(value) || uses[value] != 1 || wanted[value] ? null : step(value);
    }

    void replace(int value, Step better) {
      better.inputs().forEach(i -> uses[i]++);
      step(value).inputs().forEach(this::release);
      steps.set(value - graph.arguments().size(), better);
    }

    private void release(int value) {
      uses[value]--;
      if (uses[value] == 0 && !graph.isArgument(value)) {
        step(value).inputs().forEach(this::release);
      }
    }

    /** The graph without the steps that nobody reads any more. */
    Graph finish() {
      int first = graph.arguments().size();
      int[] number = new int[size()];
      List<Step> kept = new ArrayList<>();
      for (int v = 0; v < size(); v++) {
        if (v < first) {
          number[v] = v;
        } else if (uses[v] > 0) {
          Step s = step(v);
          number[v] = first + kept.size();
          kept.add(new Step(s.op(), s.inputs().stream().map(i -> number[i]).toList(), s.type()));
        }
      }
      return new Graph(
          graph.arguments(), kept, graph.results().stream().map(r -> number[r]).toList());
    }
  }
}
