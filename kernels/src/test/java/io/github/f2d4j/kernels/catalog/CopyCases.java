package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.catalog.ElementType.BF16;
import static io.github.f2d4j.kernels.catalog.ElementType.F16;
import static io.github.f2d4j.kernels.catalog.ElementType.F32;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.f2d4j.engine.op.Broadcast;
import io.github.f2d4j.engine.op.MovementOp;
import io.github.f2d4j.engine.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Every arrangement that the engine knows, constants and looked-up rows, byte by byte. */
final class CopyCases {
  private CopyCases() {}

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (int bytes : new int[] {1, 2, 4, 8}) {
      cases.add(permute(bytes, Shape.of(2, 3, 5), 2, 0, 1));
      cases.add(permute(bytes, Shape.of(5, 3, 16), 1, 0, 2)); // runs of whole units
      cases.add(permute(bytes, Shape.of(2, 3, 2, 3, 2, 3), 5, 1, 3, 0, 4, 2)); // nothing to join
      cases.add(slice(bytes, Shape.of(3, 8), List.of(1, 2), List.of(3, 7), List.of(1, 2)));
    }
    cases.add(permute(2, Shape.of(2, 3, 2, 3, 2, 8), 4, 1, 3, 0, 2, 5)); // runs of 16 bytes
    cases.add(permute(4, Shape.of(1, 6, 1), 2, 1, 0));
    cases.add(permute(2, Shape.of(10, 40), 1, 0));
    cases.add(slice(2, Shape.of(4, 24), List.of(0, 8), List.of(4, 16), List.of(2, 1)));
    cases.add(slice(4, Shape.of(4, 6), List.of(1, 3), List.of(4, 6), List.of(1, 1)));
    cases.add(expand(4, Shape.of(2, 1, 3), Shape.of(2, 4, 3)));
    cases.add(expand(2, Shape.of(1), Shape.of(3, 5)));
    cases.add(concat(2, 1, Shape.of(2, 3, 4), Shape.of(2, 1, 4), Shape.of(2, 2, 4)));
    cases.add(concat(4, 2, Shape.of(2, 3, 4), Shape.of(2, 3, 5)));
    cases.add(concat(2, 0, Shape.of(8), Shape.of(16)));
    for (ElementType type : List.of(F16, F32)) {
      cases.add(pad(type, Shape.of(2, 3, 3), List.of(0, 1, 0), List.of(0, 1, 2), -0.5f));
      cases.add(gather(type, false));
      cases.add(gather(type, true));
    }
    cases.add(pad(BF16, Shape.of(300), List.of(3), List.of(5), 1.5f));
    return cases;
  }

  private static byte[] contents(int bytes) {
    byte[] contents = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      contents[i] = (byte) (i * 37 + i / 256);
    }
    return contents;
  }

  /** Checks that element i of the result is element source(i) of the contents. */
  private static void compare(
      int bytes, byte[] contents, byte[] actual, int count, IntUnaryOperator source) {
    assertEquals(count * bytes, actual.length, "bytes");
    for (int i = 0; i < count; i++) {
      int from = source.applyAsInt(i) * bytes;
      assertEquals(
          Arrays.toString(Arrays.copyOfRange(contents, from, from + bytes)),
          Arrays.toString(Arrays.copyOfRange(actual, i * bytes, (i + 1) * bytes)),
          "element " + i);
    }
  }

  private static KernelCase copy(
      String name, StridedCopy copy, Shape from, Shape to, IntUnaryOperator source) {
    return new KernelCase(
        name + " " + copy,
        device -> {
          byte[] contents = contents((int) from.elements() * copy.bytes());
          int count = (int) to.elements();
          CaseDevice.Memory y = device.allocateBytes((long) count * copy.bytes());
          device.launch(copy.launches(device.upload(contents).address(), y.address()));
          compare(copy.bytes(), contents, y.bytes(), count, source);
        });
  }

  static KernelCase permute(int bytes, Shape shape, Integer... order) {
    MovementOp.Permute op = new MovementOp.Permute(List.of(order));
    int[] extents = op.order().stream().mapToInt(shape::dim).toArray();
    long[] dense = shape.strides();
    long[] strides = op.order().stream().mapToLong(axis -> dense[axis]).toArray();
    Shape to = Shape.of(extents);
    return copy(
        op + " of " + shape,
        StridedCopy.permute(bytes, shape, op),
        shape,
        to,
        i -> PointwiseCases.place(to, strides, i));
  }

  static KernelCase expand(int bytes, Shape from, Shape to) {
    MovementOp.Expand op = new MovementOp.Expand(to);
    long[] strides = Broadcast.strides(from, to);
    return copy(
        op + " of " + from,
        StridedCopy.expand(bytes, from, op),
        from,
        to,
        i -> PointwiseCases.place(to, strides, i));
  }

  /** A slice of a matrix. */
  static KernelCase slice(
      int bytes, Shape shape, List<Integer> starts, List<Integer> ends, List<Integer> steps) {
    MovementOp.Slice op = new MovementOp.Slice(starts, ends, steps);
    int rows = Math.ceilDiv(ends.get(0) - starts.get(0), steps.get(0));
    int columns = Math.ceilDiv(ends.get(1) - starts.get(1), steps.get(1));
    return copy(
        op + " of " + shape,
        StridedCopy.slice(bytes, shape, op),
        shape,
        Shape.of(rows, columns),
        i ->
            (starts.get(0) + i / columns * steps.get(0)) * shape.dim(1)
                + starts.get(1)
                + i % columns * steps.get(1));
  }

  static KernelCase concat(int bytes, int axis, Shape... shapes) {
    MovementOp.Concat op = new MovementOp.Concat(axis);
    List<Shape> list = List.of(shapes);
    int sum = list.stream().mapToInt(s -> s.dim(axis)).sum();
    Shape to = list.getFirst().with(axis, sum);
    List<StridedCopy> copies = StridedCopy.concat(bytes, list, op);
    return new KernelCase(
        op + " of " + list + " " + copies,
        device -> {
          CaseDevice.Memory y = device.allocateBytes(to.elements() * bytes);
          byte[] expected = new byte[(int) to.elements() * bytes];
          int inner = (int) to.strides()[axis];
          int before = 0;
          for (int k = 0; k < list.size(); k++) {
            byte[] contents = contents((int) list.get(k).elements() * bytes);
            contents[0] = (byte) k;
            device.launch(copies.get(k).launches(device.upload(contents).address(), y.address()));
            int run = list.get(k).dim(axis) * inner * bytes;
            for (int row = 0; row < contents.length / run; row++) {
              int at = (row * sum + before) * inner * bytes;
              System.arraycopy(contents, row * run, expected, at, run);
            }
            before += list.get(k).dim(axis);
          }
          assertEquals(Arrays.toString(expected), Arrays.toString(y.bytes()));
        });
  }

  static KernelCase pad(
      ElementType type, Shape shape, List<Integer> before, List<Integer> after, float value) {
    MovementOp.Pad op = new MovementOp.Pad(before, after, value);
    int[] extents = shape.dims();
    for (int i = 0; i < extents.length; i++) {
      extents[i] += before.get(i) + after.get(i);
    }
    Shape to = Shape.of(extents);
    return new KernelCase(
        type + " " + op + " of " + shape,
        device -> {
          float[] x = Numbers.normal((int) shape.elements(), 1, 0, 1);
          int count = (int) to.elements();
          CaseDevice.Memory deviceX = device.upload(type, x);
          CaseDevice.Memory y = device.allocate(type, count);
          List<KernelLaunch> launches = new ArrayList<>();
          launches.addAll(new Movement.Fill(type, count, value).launches(y.address()));
          launches.addAll(
              StridedCopy.pad(type.bytes(), shape, op).launches(deviceX.address(), y.address()));
          device.launch(launches);
          Numbers.compare(type, 0, y.read(type), count, i -> padded(shape, to, op, x, i));
        });
  }

  private static double padded(Shape from, Shape to, MovementOp.Pad op, float[] x, int i) {
    long[] strides = from.strides();
    int at = 0;
    int rest = i;
    for (int axis = to.rank() - 1; axis >= 0; axis--) {
      int k = rest % to.dim(axis) - op.before().get(axis);
      if (k < 0 || k >= from.dim(axis)) {
        return op.value();
      }
      at += (int) (k * strides[axis]);
      rest /= to.dim(axis);
    }
    return x[at];
  }

  static KernelCase gather(ElementType type, boolean wide) {
    long[] ids = {3, 0, 6, 3, -1, 7, 2};
    Movement.Gather op = new Movement.Gather(type, ids.length, 7, 40, wide);
    return new KernelCase(
        op.toString(),
        device -> {
          float[] table = Numbers.normal(7 * 40, 2, 0, 1);
          CaseDevice.Memory deviceIds =
              wide
                  ? device.upload(ids)
                  : device.upload(Arrays.stream(ids).mapToInt(id -> (int) id).toArray());
          CaseDevice.Memory y = device.allocate(type, ids.length * 40);
          device.launch(
              op.launches(device.upload(type, table).address(), deviceIds.address(), y.address()));
          Numbers.compare(
              type,
              0,
              y.read(type),
              ids.length * 40,
              i -> {
                long id = ids[i / 40];
                return id < 0 || id >= 7 ? Double.NaN : table[(int) id * 40 + i % 40];
              });
        });
  }
}
