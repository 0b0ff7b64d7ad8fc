package io.github.f2d4j.engine.graph;

import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;

/** A value of a lazy computation: held in memory, given later, or an operator over other values. */
public sealed interface Node {
  /** Element type and shape. */
  TensorType type();

  /**
   * A value in memory.
   *
   * @param constant whether it is a model's parameter: backends then pack it once
   */
  record Leaf(TensorType type, Buffer buffer, boolean constant) implements Node {
    /** Checks that the buffer has the type's size. */
    public Leaf {
      if (buffer.bytes() != type.bytes()) {
        throw new IllegalArgumentException(
            "%s takes %,d bytes, but its memory has %,d"
                .formatted(type, type.bytes(), buffer.bytes()));
      }
    }

    @Override
    public boolean equals(Object o) {
      return this == o;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  /** An argument of a compiled function, without a value until it is called. */
  final class Input implements Node {
    private final TensorType type;

    /** An argument of this type. */
    public Input(TensorType type) {
      this.type = type;
    }

    @Override
    public TensorType type() {
      return type;
    }
  }

  /** An operator over other values. Once evaluated it keeps only its value and forgets them. */
  final class Apply implements Node {
    private final TensorType type;
    private volatile State state;

    private sealed interface State {}

    private record Pending(Op op, List<Node> inputs) implements State {}

    private record Done(Leaf value) implements State {}

    /**
     * {@code op} over {@code inputs}.
     *
     * @throws IllegalArgumentException if the operator does not accept them
     */
    public Apply(Op op, List<Node> inputs) {
      this.type = op.infer(inputs.stream().map(Node::type).toList());
      this.state = new Pending(op, List.copyOf(inputs));
    }

    @Override
    public TensorType type() {
      return type;
    }

    /**
     * Remembers the value; the operator and its inputs are let go. The first value stays, so that
     * threads that compute the same share what is packed of it.
     *
     * @return the value that is remembered
     */
    public synchronized Leaf complete(Leaf value) {
      if (state instanceof Done d) {
        return d.value();
      }
      state = new Done(value);
      return value;
    }

    /** Whether it has been computed. */
    public boolean isComplete() {
      return state instanceof Done;
    }

    /**
     * Its value.
     *
     * @throws IllegalStateException if it has not been computed
     */
    public Leaf value() {
      if (state instanceof Done d) {
        return d.value();
      }
      throw new IllegalStateException("a value of type " + type + " has not been computed");
    }

    /** What this node is at the moment. */
    View view() {
      return switch (state) {
        case Done d -> new View.Value(d.value());
        case Pending p -> new View.Operation(p.op(), p.inputs());
      };
    }
  }

  /** A consistent look at a node that another thread may be completing. */
  sealed interface View {
    /** It has a value. */
    record Value(Leaf leaf) implements View {}

    /** It is an argument. */
    record Argument(Input input) implements View {}

    /** It has to be computed. */
    record Operation(Op op, List<Node> inputs) implements View {}

    /** Looks at {@code node}. */
    static View of(Node node) {
      return switch (node) {
        case Leaf l -> new Value(l);
        case Input i -> new Argument(i);
        case Apply a -> a.view();
      };
    }
  }
}
