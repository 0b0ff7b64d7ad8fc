package io.github.f2d4j.engine.graph;

import io.github.f2d4j.engine.backend.AbsentBuffer;
import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.graph.Graph.Step;
import io.github.f2d4j.engine.graph.Node.Apply;
import io.github.f2d4j.engine.graph.Node.Leaf;
import io.github.f2d4j.engine.graph.Node.View;
import io.github.f2d4j.engine.op.Op;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a {@link Graph} off lazy values. Equal operators over equal inputs become one step, and
 * what depends on constants alone is computed at once and remembered in its node.
 *
 * @param graph the computation
 * @param arguments the node behind each argument of the graph: leaves and inputs
 */
public record Capture(Graph graph, List<Node> arguments) {
  /** Copies the list. */
  public Capture {
    arguments = List.copyOf(arguments);
  }

  /** The computation of {@code roots}; constants are folded on {@code backend}. */
  public static Capture of(List<? extends Node> roots, Backend backend) {
    return new Builder(backend).capture(roots);
  }

  private static final class Builder {
    private final Backend backend;
    private final List<Node> arguments = new ArrayList<>();
    private final List<PendingStep> steps = new ArrayList<>();
    private final Map<Node, Value> values = new HashMap<>();
    private final Map<LeafKey, Value> leaves = new HashMap<>();
    private final Map<StepKey, Value> known = new HashMap<>();

    /** A value before its final number is known: arguments and steps are counted apart. */
    private record Value(boolean argument, int index, boolean constant) {}

    private record PendingStep(Op op, List<Value> inputs, Node node) {}

    private record StepKey(Op op, List<Value> inputs) {}

    /** The same memory under the same type is one argument. */
    private static final class LeafKey {
      final Leaf leaf;

      LeafKey(Leaf leaf) {
        this.leaf = leaf;
      }

      @Override
      public boolean equals(Object o) {
        return o instanceof LeafKey k
            && k.leaf.buffer().equals(leaf.buffer())
            && k.leaf.type().equals(leaf.type());
      }

      @Override
      public int hashCode() {
        return leaf.buffer().hashCode();
      }
    }

    Builder(Backend backend) {
      this.backend = backend;
    }

    Capture capture(List<? extends Node> roots) {
      for (Node root : roots) {
        visit(root);
      }
      List<Operand> operands = new ArrayList<>();
      for (Node a : arguments) {
        operands.add(new Operand(a.type(), a instanceof Leaf l && l.constant()));
      }
      List<Step> numbered = new ArrayList<>();
      for (PendingStep s : steps) {
        numbered.add(new Step(s.op, s.inputs.stream().map(this::number).toList(), s.node.type()));
      }
      List<Integer> results = new ArrayList<>();
      for (Node root : roots) {
        results.add(number(valueOf(root)));
      }
      return new Capture(new Graph(operands, numbered, results), arguments);
    }

    private int number(Value v) {
      return v.argument ? v.index : arguments.size() + v.index;
    }

    private Value valueOf(Node node) {
      Value v = values.get(node);
      if (v == null) {
        throw new AssertionError("visited before it is read");
      }
      return v;
    }

    /** Depth first with a stack of its own: a long chain of operators must not overflow Java's. */
    private void visit(Node root) {
      Deque<Node> stack = new ArrayDeque<>();
      stack.push(root);
      while (!stack.isEmpty()) {
        Node node = stack.peek();
        if (values.containsKey(node)) {
          stack.pop();
          continue;
        }
        switch (View.of(node)) {
          case View.Value(Leaf leaf) -> {
            values.put(node, leaf(leaf));
            stack.pop();
          }
          case View.Argument(Node.Input input) -> {
            values.put(node, new Value(true, arguments.size(), false));
            arguments.add(input);
            stack.pop();
          }
          case View.Operation(Op op, List<Node> inputs) -> {
            boolean ready = true;
            for (int i = inputs.size() - 1; i >= 0; i--) {
              if (!values.containsKey(inputs.get(i))) {
                stack.push(inputs.get(i));
                ready = false;
              }
            }
            if (ready) {
              values.put(node, operation((Apply) node, op, inputs));
              stack.pop();
            }
          }
        }
      }
    }

    private Value leaf(Leaf leaf) {
      return leaves.computeIfAbsent(
          new LeafKey(leaf),
          k -> {
            arguments.add(leaf);
            return new Value(true, arguments.size() - 1, leaf.constant());
          });
    }

    private Value operation(Apply node, Op op, List<Node> inputs) {
      List<Value> operands = inputs.stream().map(this::valueOf).toList();
      if (!operands.isEmpty() && operands.stream().allMatch(Value::constant)) {
        return leaf(fold(node, op, operands));
      }
      return known.computeIfAbsent(
          new StepKey(op, operands),
          k -> {
            steps.add(new PendingStep(op, operands, node));
            return new Value(false, steps.size() - 1, false);
          });
    }

    private Leaf fold(Apply node, Op op, List<Value> operands) {
      List<Operand> types = new ArrayList<>();
      List<Buffer> buffers = new ArrayList<>();
      List<Integer> numbers = new ArrayList<>();
      for (Value v : operands) {
        Leaf leaf = (Leaf) arguments.get(v.index);
        // Folding reads a constant once, so packing it would only cost.
        types.add(new Operand(leaf.type(), false));
        buffers.add(leaf.buffer());
        numbers.add(numbers.size());
      }
      if (buffers.stream().anyMatch(b -> b instanceof AbsentBuffer)) {
        Leaf unknown =
            new Leaf(
                node.type(), new AbsentBuffer(node.type().bytes(), /* computed= */ true), true);
        return node.complete(unknown);
      }
      Step step = new Step(op, numbers, node.type());
      Plan plan = Plan.compile(new Graph(types, List.of(step), List.of(types.size())), backend);
      // What is computed from a model's weights is freed with them.
      Buffer weights = buffers.getFirst();
      List<Buffer> results = plan.run(buffers, bytes -> backend.allocateBeside(weights, bytes));
      return node.complete(new Leaf(node.type(), results.getFirst(), true));
    }
  }
}
