package io.github.f2d4j.engine.op;

import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.Arrays;
import java.util.List;

/** Operators that combine all elements along some axes. */
public sealed interface ReduceOp extends Op {

  /** How elements are combined. Over no element: SUM 0, MEAN NaN, MAX −∞, MIN +∞. */
  enum ReduceKind {
    SUM,
    MEAN,
    MAX,
    MIN
  }

  /**
   * Combines along {@code axes} (non-negative, ascending): x F32 → F32 with those axes removed, or
   * of extent 1 with {@code keepDims}.
   */
  record Reduce(ReduceKind kind, List<Integer> axes, boolean keepDims) implements ReduceOp {
    public Reduce {
      axes = List.copyOf(axes);
      for (int i = 0; i < axes.size(); i++) {
        if (axes.get(i) < 0 || (i > 0 && axes.get(i) <= axes.get(i - 1))) {
          throw new IllegalArgumentException(
              "Reduce axes " + axes + " must be non-negative and ascending");
        }
      }
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 1);
      Expect.f32(this, inputs, 0);
      Shape s = inputs.get(0).shape();
      int[] kept = new int[s.rank()];
      int n = 0;
      for (int i = 0; i < s.rank(); i++) {
        if (!axes.contains(i)) {
          kept[n++] = s.dim(i);
        } else if (keepDims) {
          kept[n++] = 1;
        }
      }
      if (!axes.isEmpty() && axes.getLast() >= s.rank()) {
        throw Expect.error(this, inputs, "axes below the rank " + s.rank());
      }
      return TensorType.f32(Shape.of(Arrays.copyOf(kept, n)));
    }
  }
}
