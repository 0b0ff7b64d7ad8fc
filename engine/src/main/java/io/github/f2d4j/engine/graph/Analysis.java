package io.github.f2d4j.engine.graph;

import io.github.f2d4j.engine.backend.AbsentBuffer;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.JoinedBuffer;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.engine.cost.OpCost;
import io.github.f2d4j.engine.graph.Graph.Step;
import io.github.f2d4j.engine.graph.Node.Leaf;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a computation takes, known from its plan before it runs: work, step by step, and memory.
 *
 * @param steps the operators that run, after fusion, with their work
 * @param workspaceBytes memory borrowed while it runs
 * @param leastWorkspaceBytes the largest sum of values alive at one time: no placement needs less
 * @param resultBytes memory of the results
 * @param kept what stays in memory beside the parameters for as long as these do
 */
public record Analysis(
    List<StepCost> steps,
    long workspaceBytes,
    long leastWorkspaceBytes,
    long resultBytes,
    Set<Kept> kept) {
  /** Copies the collections. */
  public Analysis {
    steps = List.copyOf(steps);
    kept = Set.copyOf(kept);
  }

  /**
   * One operator that runs.
   *
   * @param step the operator, and what it gives
   * @param inputs what it reads
   * @param cost its work
   */
  public record StepCost(Step step, List<Operand> inputs, OpCost cost) {
    /** Copies the list. */
    public StepCost {
      inputs = List.copyOf(inputs);
    }
  }

  /** Memory that computations share: it counts once, however many of them have an equal one. */
  public sealed interface Kept {
    /** Size in bytes. */
    long bytes();
  }

  /**
   * The packed form of a parameter.
   *
   * @param parameterBytes size of the parameter itself, which is read once and then no more
   */
  public record Packed(Buffer parameter, Packing packing, long parameterBytes, long bytes)
      implements Kept {}

  /**
   * A constant in memory of its own: computed from parameters, or a parameter that lies in no
   * mapped file.
   */
  public record Constant(Buffer constant, long bytes) implements Kept {}

  /** The analysis of {@code capture} under its {@code plan}. */
  public static Analysis of(Capture capture, Plan plan) {
    Graph graph = plan.graph();
    List<StepCost> steps = new ArrayList<>();
    for (Step step : plan.steps()) {
      List<Operand> inputs = step.inputs().stream().map(graph::operand).toList();
      OpCost cost = OpCost.of(step.op(), inputs.stream().map(Operand::type).toList(), step.type());
      steps.add(new StepCost(step, inputs, cost));
    }
    Set<Kept> kept = new HashSet<>();
    for (Node argument : capture.arguments()) {
      if (argument instanceof Leaf leaf && leaf.constant()) {
        for (Buffer b :
            leaf.buffer() instanceof JoinedBuffer j ? j.parts() : List.of(leaf.buffer())) {
          if (hasOwnMemory(b)) {
            kept.add(new Constant(b, b.bytes()));
          }
        }
      }
    }
    plan.packings()
        .forEach(
            (argument, packings) -> {
              if (capture.arguments().get(argument) instanceof Leaf leaf) {
                long bytes = leaf.buffer().bytes();
                for (Packing p : packings) {
                  kept.add(new Packed(leaf.buffer(), p, bytes, p.packedBytes(bytes)));
                }
              }
            });
    return new Analysis(
        steps, plan.workspaceBytes(), plan.workspaceLowerBound(), plan.resultBytes(), kept);
  }

  /** Whether a constant lies in memory of its own, and not in a checkpoint's mapped file. */
  private static boolean hasOwnMemory(Buffer buffer) {
    return switch (buffer) {
      case HostBuffer h -> !h.isMapped();
      case AbsentBuffer a -> a.isComputed();
      case Buffer _ -> false;
    };
  }

  /** The sum of all steps' operations in sums of products; see {@link OpCost#products()}. */
  public long products() {
    return steps.stream().mapToLong(s -> s.cost().products()).sum();
  }

  /** Equal steps and how often each occurs, in the order in which they first run. */
  public Map<StepCost, Integer> distinctSteps() {
    Map<StepCost, Integer> counts = new LinkedHashMap<>();
    for (StepCost s : steps) {
      counts.merge(
          new StepCost(new Step(s.step.op(), List.of(), s.step.type()), s.inputs, s.cost),
          1,
          Integer::sum);
    }
    return counts;
  }
}
