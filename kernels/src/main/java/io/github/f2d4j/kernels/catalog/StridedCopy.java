package io.github.f2d4j.kernels.catalog;

import io.github.f2d4j.engine.op.Broadcast;
import io.github.f2d4j.engine.op.MovementOp;
import io.github.f2d4j.engine.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies elements from one arrangement to another: permuting, repeating, slicing, padding, joining.
 * Nothing must be copied where there are no elements.
 *
 * @param bytes of an element: 1, 2, 4 or 8
 * @param axes strides in the source and in the target
 * @param from the first element that is read
 * @param to the first element that is written
 */
public record StridedCopy(int bytes, StridedAxes axes, long from, long to) {
  private static final int[] UNITS = {16, 8, 4, 2, 1};

  /** Checks the element's size. */
  public StridedCopy {
    if (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8) {
      throw new IllegalArgumentException(
          "StridedCopy: elements have 1, 2, 4 or 8 bytes, not " + bytes);
    }
  }

  private static StridedCopy of(
      int bytes, int[] extents, long[] source, long from, long[] target, long to) {
    return new StridedCopy(bytes, StridedAxes.join(extents, source, target), from, to);
  }

  /** x of {@code shape} → its axes reordered. */
  public static StridedCopy permute(int bytes, Shape shape, MovementOp.Permute op) {
    long[] dense = shape.strides();
    int[] extents = op.order().stream().mapToInt(shape::dim).toArray();
    long[] source = op.order().stream().mapToLong(axis -> dense[axis]).toArray();
    return of(bytes, extents, source, 0, Shape.of(extents).strides(), 0);
  }

  /** x of {@code shape} → repeated along axes of extent 1. */
  public static StridedCopy expand(int bytes, Shape shape, MovementOp.Expand op) {
    Shape to = op.to();
    return of(bytes, to.dims(), Broadcast.strides(shape, to), 0, to.strides(), 0);
  }

  /** x of {@code shape} → the elements that the slice keeps, at least one. */
  public static StridedCopy slice(int bytes, Shape shape, MovementOp.Slice op) {
    long[] source = shape.strides();
    int[] extents = new int[source.length];
    long from = 0;
    for (int i = 0; i < extents.length; i++) {
      from += op.starts().get(i) * source[i];
      source[i] *= op.steps().get(i);
      extents[i] = Math.ceilDiv(op.ends().get(i) - op.starts().get(i), op.steps().get(i));
    }
    return of(bytes, extents, source, from, Shape.of(extents).strides(), 0);
  }

  /**
   * x of {@code shape} → the middle of the padded result; the border is a {@link Movement.Fill}.
   */
  public static StridedCopy pad(int bytes, Shape shape, MovementOp.Pad op) {
    int[] extents = shape.dims();
    int[] padded = shape.dims();
    for (int i = 0; i < padded.length; i++) {
      padded[i] += op.before().get(i) + op.after().get(i);
    }
    long[] target = Shape.of(padded).strides();
    long to = 0;
    for (int i = 0; i < padded.length; i++) {
      to += op.before().get(i) * target[i];
    }
    return of(bytes, extents, shape.strides(), 0, target, to);
  }

  /** One copy for each of the tensors that are joined; none of them is empty. */
  public static List<StridedCopy> concat(int bytes, List<Shape> shapes, MovementOp.Concat op) {
    int sum = shapes.stream().mapToInt(s -> s.dim(op.axis())).sum();
    long[] target = shapes.getFirst().with(op.axis(), sum).strides();
    List<StridedCopy> copies = new ArrayList<>();
    int before = 0;
    for (Shape s : shapes) {
      long to = before * target[op.axis()];
      copies.add(of(bytes, s.dims(), s.strides(), 0, target, to));
      before += s.dim(op.axis());
    }
    return copies;
  }

  /** The launch, from x to y: in the widest units that strides and addresses allow. */
  public List<KernelLaunch> launches(long x, long y) {
    long source = x + from * bytes;
    long target = y + to * bytes;
    int unit = bytes;
    for (int wider : UNITS) {
      if (wider > bytes && (source | target) % wider == 0 && axes.dividesInto(wider / bytes)) {
        unit = wider;
        break;
      }
    }
    StridedAxes walk = axes.dividedInto(unit / bytes);
    int count = walk.count();
    List<Argument> arguments = new ArrayList<>();
    arguments.add(new Argument.Address(source));
    arguments.add(new Argument.Address(target));
    arguments.add(new Argument.Int32(count));
    arguments.addAll(walk.arguments());
    return List.of(
        new KernelLaunch(
            "movement_any",
            "copy_b" + unit * 8,
            Geometry.looping(count),
            Dim3.of(Geometry.BLOCK),
            0,
            arguments));
  }
}
