package io.github.f2d4j.engine.op;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;

/**
 * Operators that only move elements. They keep the element type and, but for {@link Pad} (floats
 * only) and {@link Gather}, accept every one.
 */
public sealed interface MovementOp extends Op {

  /** The same elements in the same order under another shape; costs nothing. */
  record Reshape(Shape to) implements MovementOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 1);
      if (inputs.get(0).shape().elements() != to.elements()) {
        throw Expect.error(this, inputs, to.elements() + " elements");
      }
      return new TensorType(inputs.get(0).dtype(), to);
    }
  }

  /** Reorders axes: axis i of the result is axis {@code order[i]} of the input. */
  record Permute(List<Integer> order) implements MovementOp {
    public Permute {
      order = List.copyOf(order);
      for (int i = 0; i < order.size(); i++) {
        if (!order.contains(i)) {
          throw new IllegalArgumentException("Permute order " + order + " is no permutation");
        }
      }
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 1);
      Expect.rank(this, inputs, 0, order.size());
      Shape s = inputs.get(0).shape();
      int[] d = order.stream().mapToInt(s::dim).toArray();
      return new TensorType(inputs.get(0).dtype(), Shape.of(d));
    }
  }

  /** Repeats axes of extent 1 to broadcast the input to {@code to}. */
  record Expand(Shape to) implements MovementOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 1);
      Broadcast.strides(inputs.get(0).shape(), to);
      return new TensorType(inputs.get(0).dtype(), to);
    }
  }

  /** Elements {@code start, start+step, … < end} along each axis; step ≥ 1. */
  record Slice(List<Integer> starts, List<Integer> ends, List<Integer> steps)
      implements MovementOp {
    public Slice {
      starts = List.copyOf(starts);
      ends = List.copyOf(ends);
      steps = List.copyOf(steps);
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 1);
      Shape s = inputs.get(0).shape();
      Expect.rank(this, inputs, 0, starts.size());
      int[] d = new int[s.rank()];
      for (int i = 0; i < d.length; i++) {
        int start = starts.get(i);
        int end = ends.get(i);
        int step = steps.get(i);
        if (start < 0 || start > end || end > s.dim(i) || step < 1) {
          throw Expect.error(this, inputs, "0 <= start <= end <= extent and step >= 1 everywhere");
        }
        d[i] = Math.ceilDiv(end - start, step);
      }
      return new TensorType(inputs.get(0).dtype(), Shape.of(d));
    }
  }

  /** Surrounds an F32 tensor with {@code before[i]} and {@code after[i]} elements of a value. */
  record Pad(List<Integer> before, List<Integer> after, float value) implements MovementOp {
    public Pad {
      before = List.copyOf(before);
      after = List.copyOf(after);
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 1);
      Expect.f32(this, inputs, 0);
      Expect.rank(this, inputs, 0, before.size());
      Expect.rank(this, inputs, 0, after.size());
      int[] d = inputs.get(0).shape().dims();
      for (int i = 0; i < d.length; i++) {
        if (before.get(i) < 0 || after.get(i) < 0) {
          throw Expect.error(this, inputs, "non-negative padding");
        }
        d[i] += before.get(i) + after.get(i);
      }
      return TensorType.f32(Shape.of(d));
    }
  }

  /** Joins one or more tensors, equal but for {@code axis} (non-negative), along it. */
  record Concat(int axis) implements MovementOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      if (inputs.isEmpty() || axis < 0 || axis >= inputs.get(0).shape().rank()) {
        throw Expect.error(this, inputs, "one or more inputs that have axis " + axis);
      }
      TensorType first = inputs.get(0);
      int sum = 0;
      for (TensorType t : inputs) {
        if (t.dtype() != first.dtype()
            || t.shape().rank() != first.shape().rank()
            || !t.shape().with(axis, 0).equals(first.shape().with(axis, 0))) {
          throw Expect.error(this, inputs, "equal types and extents but for axis " + axis);
        }
        sum = Math.addExact(sum, t.shape().dim(axis));
      }
      return new TensorType(first.dtype(), first.shape().with(axis, sum));
    }
  }

  /**
   * Looks up rows: table [V,C] (a weight type), ids I64 or I32 [...] → F32 [...,C]. An id outside
   * [0,V) fails when run, naming the id, its position and V.
   */
  record Gather() implements MovementOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 2);
      Expect.weight(this, inputs, 0);
      Expect.rank(this, inputs, 0, 2);
      TensorType ids = inputs.get(1);
      if (ids.dtype() != DType.I64 && ids.dtype() != DType.I32) {
        throw Expect.error(this, inputs, "I64 or I32 ids at input 1");
      }
      int[] d = java.util.Arrays.copyOf(ids.shape().dims(), ids.shape().rank() + 1);
      d[d.length - 1] = inputs.get(0).shape().dim(1);
      return TensorType.f32(Shape.of(d));
    }
  }

  /**
   * Nearest-neighbour resizing of F32 [N,H,W,C] → [N,height,width,C] with PyTorch's rule: source
   * index = min(⌊dst·(in/out)⌋, in−1), the ratio in float32.
   */
  record UpsampleNearest(int height, int width) implements MovementOp {
    public UpsampleNearest {
      Expect.positive("UpsampleNearest", "height", height);
      Expect.positive("UpsampleNearest", "width", width);
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 1);
      Expect.f32(this, inputs, 0);
      Expect.rank(this, inputs, 0, 4);
      Shape s = inputs.get(0).shape();
      if (s.dim(1) < 1 || s.dim(2) < 1) {
        throw Expect.error(this, inputs, "a non-empty image");
      }
      return TensorType.f32(Shape.of(s.dim(0), height, width, s.dim(3)));
    }
  }
}
