package io.github.f2d4j.engine.graph;

import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;

/**
 * A computation without its data: what a plan is made for and found again by. Values are numbered:
 * first the arguments, then the results of the steps in the order they run.
 *
 * @param arguments types of the values given from outside
 * @param steps the operators in an order in which they can run
 * @param results the values wanted
 */
public record Graph(List<Operand> arguments, List<Step> steps, List<Integer> results) {
  /** Copies the lists. */
  public Graph {
    arguments = List.copyOf(arguments);
    steps = List.copyOf(steps);
    results = List.copyOf(results);
  }

  /** One operator over earlier values. */
  public record Step(Op op, List<Integer> inputs, TensorType type) {
    /** Copies the list. */
    public Step {
      inputs = List.copyOf(inputs);
    }
  }

  /** The type of a value. */
  public TensorType type(int value) {
    return isArgument(value) ? arguments.get(value).type() : step(value).type();
  }

  /** Whether a value is given from outside. */
  public boolean isArgument(int value) {
    return value < arguments.size();
  }

  /** The step that computes a value that is no argument. */
  public Step step(int value) {
    return steps.get(value - arguments.size());
  }

  /** What a backend may know of a value when it compiles a step that reads it. */
  public Operand operand(int value) {
    return isArgument(value) ? arguments.get(value) : new Operand(type(value), false);
  }

  /** How often each value is read by a step or wanted as a result. */
  public int[] uses() {
    int[] uses = new int[arguments.size() + steps.size()];
    steps.forEach(s -> s.inputs().forEach(i -> uses[i]++));
    results.forEach(r -> uses[r]++);
    return uses;
  }
}
