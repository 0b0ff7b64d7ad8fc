package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.catalog.ElementType.F16;
import static io.github.f2d4j.kernels.catalog.ElementType.F32;

import java.util.ArrayList;
import java.util.List;

/** Upsampling, concatenation and im2col, element by element. */
final class MovementCases {
  private MovementCases() {}

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (ElementType type : List.of(F16, F32)) {
      cases.add(upsample(new Movement.Upsample(type, 2, 3, 5, 8, 6, 10)));
      cases.add(upsample(new Movement.Upsample(type, 1, 3, 4, 3, 7, 5)));
      cases.add(upsample(new Movement.Upsample(type, 1, 2, 2, 1, 82, 94))); // ratios that round
      cases.add(concat(new Movement.Concat(type, 9, 8, 24)));
      cases.add(concat(new Movement.Concat(type, 70, 3, 8)));
      cases.add(im2col(new Movement.Im2col(type, 2, 5, 4, 8, 5, 4, 3, 3, 1, 1, 1, 1)));
      cases.add(im2col(new Movement.Im2col(type, 1, 6, 7, 3, 3, 3, 3, 3, 2, 2, 0, 0)));
      cases.add(im2col(new Movement.Im2col(type, 1, 3, 9, 4, 2, 4, 2, 5, 1, 3, 0, 2)));
    }
    return cases;
  }

  static KernelCase upsample(Movement.Upsample op) {
    return new KernelCase(
        op.toString(),
        device -> {
          float[] x = Numbers.normal(op.batch() * op.h() * op.w() * op.channels(), 1, 0, 1);
          CaseDevice.Memory deviceX = device.upload(op.type(), x);
          int count = op.batch() * op.height() * op.width() * op.channels();
          CaseDevice.Memory y = device.allocate(op.type(), count);
          device.launch(op.launches(deviceX.address(), y.address()));
          Numbers.compare(
              op.type(),
              0,
              y.read(op.type()),
              count,
              i -> {
                int c = i % op.channels();
                int column = i / op.channels() % op.width();
                int row = i / op.channels() / op.width() % op.height();
                int n = i / op.channels() / op.width() / op.height();
                int fromRow = source(row, op.h(), op.height());
                int fromColumn = source(column, op.w(), op.width());
                return x[((n * op.h() + fromRow) * op.w() + fromColumn) * op.channels() + c];
              });
        });
  }

  /** The engine's rule: the ratio is a float32. */
  private static int source(int at, int from, int to) {
    return Math.min((int) Math.floor(at * ((float) from / to)), from - 1);
  }

  static KernelCase concat(Movement.Concat op) {
    return new KernelCase(
        op.toString(),
        device -> {
          float[] a = Numbers.normal(op.rows() * op.m(), 2, 0, 1);
          float[] b = Numbers.normal(op.rows() * op.n(), 3, 0, 1);
          CaseDevice.Memory deviceA = device.upload(op.type(), a);
          CaseDevice.Memory deviceB = device.upload(op.type(), b);
          int row = op.m() + op.n();
          CaseDevice.Memory y = device.allocate(op.type(), op.rows() * row);
          device.launch(op.launches(deviceA.address(), deviceB.address(), y.address()));
          Numbers.compare(
              op.type(),
              0,
              y.read(op.type()),
              op.rows() * row,
              i -> {
                int c = i % row;
                return c < op.m() ? a[i / row * op.m() + c] : b[i / row * op.n() + c - op.m()];
              });
        });
  }

  static KernelCase im2col(Movement.Im2col op) {
    return new KernelCase(
        op.toString(),
        device -> {
          float[] x = Numbers.normal(op.batch() * op.h() * op.w() * op.channels(), 4, 0, 1);
          CaseDevice.Memory deviceX = device.upload(op.type(), x);
          int count = (int) op.elements();
          CaseDevice.Memory y = device.allocate(op.type(), count);
          device.launch(op.launches(deviceX.address(), y.address()));
          Numbers.compare(op.type(), 0, y.read(op.type()), count, i -> window(op, x, i));
        });
  }

  /** Element i of the matrix of windows. */
  private static double window(Movement.Im2col op, float[] x, int i) {
    int c = i % op.channels();
    int kx = i / op.channels() % op.kernelW();
    int ky = i / op.channels() / op.kernelW() % op.kernelH();
    int pixel = i / op.channels() / op.kernelW() / op.kernelH();
    int row = pixel / op.width() % op.height() * op.strideH() + ky - op.top();
    int column = pixel % op.width() * op.strideW() + kx - op.left();
    int n = pixel / op.width() / op.height();
    boolean inside = row >= 0 && row < op.h() && column >= 0 && column < op.w();
    return inside ? x[((n * op.h() + row) * op.w() + column) * op.channels() + c] : 0;
  }
}
