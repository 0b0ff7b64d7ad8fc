package io.github.f2d4j.engine.reference;

import io.github.f2d4j.engine.op.MovementOp;
import io.github.f2d4j.engine.op.MovementOp.Concat;
import io.github.f2d4j.engine.op.MovementOp.Expand;
import io.github.f2d4j.engine.op.MovementOp.Gather;
import io.github.f2d4j.engine.op.MovementOp.Pad;
import io.github.f2d4j.engine.op.MovementOp.Permute;
import io.github.f2d4j.engine.op.MovementOp.Reshape;
import io.github.f2d4j.engine.op.MovementOp.Slice;
import io.github.f2d4j.engine.op.MovementOp.UpsampleNearest;
import io.github.f2d4j.engine.types.Shape;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Movements by definition: where each element of the result comes from. */
final class Movement {
  private Movement() {}

  static Values compute(MovementOp op, List<Values> in, Shape shape) {
    Values x = in.getFirst();
    return switch (op) {
      case Reshape r -> new Values(shape, x.data().clone());
      case Expand e -> fill(shape, x::broadcast);
      case Permute p ->
          fill(
              shape,
              to -> {
                int[] from = new int[to.length];
                for (int i = 0; i < to.length; i++) {
                  from[p.order().get(i)] = to[i];
                }
                return x.at(from);
              });
      case Slice s ->
          fill(
              shape,
              to -> {
                int[] from = new int[to.length];
                for (int i = 0; i < to.length; i++) {
                  from[i] = s.starts().get(i) + s.steps().get(i) * to[i];
                }
                return x.at(from);
              });
      case Pad p ->
          fill(
              shape,
              to -> {
                int[] from = new int[to.length];
                for (int i = 0; i < to.length; i++) {
                  from[i] = to[i] - p.before().get(i);
                  if (from[i] < 0 || from[i] >= x.shape().dim(i)) {
                    return p.value();
                  }
                }
                return x.at(from);
              });
      case Concat c ->
          fill(
              shape,
              to -> {
                int[] from = to.clone();
                for (Values part : in) {
                  if (from[c.axis()] < part.shape().dim(c.axis())) {
                    return part.at(from);
                  }
                  from[c.axis()] -= part.shape().dim(c.axis());
                }
                throw new AssertionError("beyond the last part");
              });
      case Gather g -> gather(x, in.get(1), shape);
      case UpsampleNearest u ->
          fill(
              shape,
              to ->
                  x.at(
                      to[0],
                      nearest(to[1], x.shape().dim(1), u.height()),
                      nearest(to[2], x.shape().dim(2), u.width()),
                      to[3]));
    };
  }

  private static int nearest(int to, int in, int out) {
    float scale = (float) in / out;
    return Math.min((int) Math.floor(to * scale), in - 1);
  }

  private static Values gather(Values table, Values ids, Shape shape) {
    int rows = table.shape().dim(0);
    int width = table.shape().dim(1);
    Values y = Values.zeros(shape);
    for (int i = 0; i < ids.data().length; i++) {
      int id = (int) ids.data()[i];
      if (id < 0 || id >= rows) {
        throw new IndexOutOfBoundsException(
            "id " + id + " at position " + i + " is outside the table of " + rows + " rows");
      }
      System.arraycopy(table.data(), id * width, y.data(), i * width, width);
    }
    return y;
  }

  private static Values fill(Shape shape, ToDoubleFunction<int[]> source) {
    Values y = Values.zeros(shape);
    for (int i = 0; i < y.data().length; i++) {
      y.data()[i] = source.applyAsDouble(y.position(i));
    }
    return y;
  }
}
