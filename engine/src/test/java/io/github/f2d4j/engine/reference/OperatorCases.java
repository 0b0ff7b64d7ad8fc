package io.github.f2d4j.engine.reference;

import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.AttendOp.Attention;
import io.github.f2d4j.engine.op.ConvolveOp.Conv2d;
import io.github.f2d4j.engine.op.ConvolveOp.Pool2d;
import io.github.f2d4j.engine.op.ConvolveOp.PoolKind;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.op.Epilogue;
import io.github.f2d4j.engine.op.MatMulOp.MatMul;
import io.github.f2d4j.engine.op.MovementOp.Concat;
import io.github.f2d4j.engine.op.MovementOp.Expand;
import io.github.f2d4j.engine.op.MovementOp.Gather;
import io.github.f2d4j.engine.op.MovementOp.Pad;
import io.github.f2d4j.engine.op.MovementOp.Permute;
import io.github.f2d4j.engine.op.MovementOp.Reshape;
import io.github.f2d4j.engine.op.MovementOp.Slice;
import io.github.f2d4j.engine.op.MovementOp.UpsampleNearest;
import io.github.f2d4j.engine.op.NormalizeOp.BatchNorm;
import io.github.f2d4j.engine.op.NormalizeOp.GroupNorm;
import io.github.f2d4j.engine.op.NormalizeOp.L2Normalize;
import io.github.f2d4j.engine.op.NormalizeOp.LayerNorm;
import io.github.f2d4j.engine.op.NormalizeOp.Softmax;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.op.ReduceOp.Reduce;
import io.github.f2d4j.engine.op.ReduceOp.ReduceKind;
import io.github.f2d4j.engine.reference.OperatorCase.Fill;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Cases for every operator at ugly sizes: empty, 1, odd, next to multiples of the lane width and of
 * the blocks that kernels work in. Every backend is compared with {@link ReferenceBackend} over
 * this one list.
 */
public final class OperatorCases {
  /** Lengths around lane widths and blocks. */
  static final int[] LENGTHS = {0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 255, 257, 1023, 1025, 2051};

  private static final double CLOSE = 2e-6;

  private OperatorCases() {}

  /** All cases. */
  public static List<OperatorCase> all() {
    List<OperatorCase> cases = new ArrayList<>(ElementwiseCases.all());
    cases.addAll(reduce());
    cases.addAll(normalize());
    cases.addAll(attend());
    cases.addAll(movement());
    cases.addAll(multiply());
    cases.addAll(convolve());
    return cases;
  }

  static TensorType f32(int... dims) {
    return TensorType.f32(Shape.of(dims));
  }

  static TensorType type(DType dtype, int... dims) {
    return new TensorType(dtype, Shape.of(dims));
  }

  /** A case whose operands are all drawn in one way. */
  static OperatorCase drawn(Op op, double tolerance, Fill fill, TensorType... inputs) {
    return new OperatorCase(
        op, List.of(inputs), Collections.nCopies(inputs.length, fill), tolerance);
  }

  private static OperatorCase drawn(Op op, double tolerance, TensorType... inputs) {
    return drawn(op, tolerance, Fill.NORMAL, inputs);
  }

  private static List<OperatorCase> reduce() {
    List<OperatorCase> cases = new ArrayList<>();
    for (ReduceKind kind : ReduceKind.values()) {
      for (int n : LENGTHS) {
        cases.add(drawn(new Reduce(kind, List.of(0), false), CLOSE * 40, f32(n)));
        cases.add(drawn(new Reduce(kind, List.of(1), true), CLOSE * 40, f32(2, n)));
        cases.add(drawn(new Reduce(kind, List.of(1), false), CLOSE * 40, f32(2, n, 3)));
        cases.add(drawn(new Reduce(kind, List.of(0), false), CLOSE, f32(3, n)));
      }
      for (List<Integer> axes :
          List.of(List.of(1, 2), List.of(0, 2), List.of(0, 3), List.of(1), List.<Integer>of())) {
        cases.add(drawn(new Reduce(kind, axes, true), CLOSE * 20, f32(2, 5, 7, 19)));
      }
      cases.add(drawn(new Reduce(kind, List.of(0, 1, 2), false), CLOSE, f32(1, 1, 1)));
      cases.add(drawn(new Reduce(kind, List.of(1), false), CLOSE * 200, f32(1, 20000)));
      cases.add(drawn(new Reduce(kind, List.of(0), false), CLOSE * 200, f32(9000, 5)));
      cases.add(drawn(new Reduce(kind, List.of(1), false), CLOSE, f32(1, 9, 2500)));
      cases.add(drawn(new Reduce(kind, List.of(1), false), CLOSE, Fill.EXTREME, f32(50, 2)));
    }
    return cases;
  }

  private static List<OperatorCase> normalize() {
    List<OperatorCase> cases = new ArrayList<>();
    for (Activation activation : List.of(Activation.NONE, Activation.SILU)) {
      for (int[] d :
          new int[][] {
            {1, 1, 4, 2},
            {2, 9, 4, 1},
            {1, 35, 24, 8},
            {2, 300, 6, 3},
            {1, 1000, 64, 32},
            {3, 4, 32, 32},
            {1, 5, 2560, 32},
            {0, 4, 8, 2},
            {1, 0, 8, 2}
          }) {
        for (Fill fill : List.of(Fill.NORMAL, Fill.NEARLY_CONSTANT)) {
          List<TensorType> types = List.of(f32(d[0], d[1], d[2]), f32(d[2]), f32(d[2]));
          cases.add(
              new OperatorCase(
                  new GroupNorm(d[3], 1e-5f, activation),
                  types,
                  List.of(fill, Fill.NORMAL, Fill.NORMAL),
                  fill == Fill.NORMAL ? CLOSE * 4 : 2e-5));
        }
      }
    }
    for (int n : LENGTHS) {
      List<TensorType> row = List.of(f32(3, n), f32(n), type(DType.F16, n));
      cases.add(
          new OperatorCase(
              new LayerNorm(1e-5f),
              row,
              List.of(Fill.NORMAL, Fill.NORMAL, Fill.NORMAL),
              CLOSE * 4));
      cases.add(
          new OperatorCase(
              new LayerNorm(1e-6f),
              row,
              List.of(Fill.NEARLY_CONSTANT, Fill.NORMAL, Fill.NORMAL),
              2e-5));
      cases.add(
          new OperatorCase(
              new BatchNorm(1e-5f),
              List.of(f32(5, n), f32(n), type(DType.BF16, n), f32(n), f32(n)),
              List.of(Fill.NORMAL, Fill.NORMAL, Fill.NORMAL, Fill.NORMAL, Fill.POSITIVE),
              CLOSE * 4));
      cases.add(drawn(new Softmax(false), CLOSE, f32(3, n)));
      cases.add(drawn(new Softmax(true), CLOSE, f32(2, n)));
      cases.add(drawn(new L2Normalize(1e-12f), CLOSE, f32(2, 2, n)));
    }
    return cases;
  }

  private static List<OperatorCase> attend() {
    List<OperatorCase> cases = new ArrayList<>();
    int[][] sizes = {
      {1, 1, 1, 1, 1},
      {1, 5, 3, 2, 12},
      {2, 17, 50, 3, 7},
      {1, 97, 49, 1, 40},
      {1, 48, 48, 2, 64},
      {1, 200, 77, 1, 33},
      {1, 20, 130, 1, 160},
      {1, 9, 11, 1, 512},
      {0, 4, 4, 1, 8},
      {1, 0, 4, 1, 8},
      {2, 5, 7, 2, 9, 3},
      {1, 3, 2, 1, 8, 2}
    };
    for (int[] s : sizes) {
      for (boolean causal : new boolean[] {false, true}) {
        int c = s[3] * s[4];
        cases.add(
            drawn(
                new Attention(s[3], (float) (1 / Math.sqrt(s[4])), causal),
                CLOSE * 4,
                f32(s.length > 5 ? s[0] * s[5] : s[0], s[1], c),
                f32(s[0], s[2], c),
                f32(s[0], s[2], c)));
      }
    }
    // Scores of hundreds and of millions, whose softmax must follow the maximum.
    for (float scale : new float[] {50, 1e6f}) {
      for (boolean causal : new boolean[] {false, true}) {
        cases.add(
            drawn(
                new Attention(2, scale, causal),
                1e-3,
                f32(2, 45, 32),
                f32(2, 200, 32),
                f32(2, 200, 32)));
      }
    }
    return cases;
  }

  private static List<OperatorCase> movement() {
    List<OperatorCase> cases = new ArrayList<>();
    for (DType dtype : List.of(DType.F32, DType.F16, DType.I64, DType.U8)) {
      Fill fill = dtype.isFloating() ? Fill.NORMAL : Fill.SMALL_INDEX;
      cases.add(drawn(new Reshape(Shape.of(5, 6)), 0, fill, type(dtype, 2, 3, 5)));
      for (List<Integer> order :
          List.of(
              List.of(0, 1, 2, 3), List.of(0, 3, 1, 2), List.of(0, 2, 3, 1), List.of(3, 2, 1, 0))) {
        cases.add(drawn(new Permute(order), 0, fill, type(dtype, 2, 33, 7, 5)));
        cases.add(drawn(new Permute(order), 0, fill, type(dtype, 1, 3, 40, 65)));
        cases.add(drawn(new Permute(order), 0, fill, type(dtype, 2, 0, 3, 1)));
      }
      cases.add(drawn(new Expand(Shape.of(3, 4, 5)), 0, fill, type(dtype, 4, 1)));
      cases.add(drawn(new Expand(Shape.of(2, 3, 70)), 0, fill, type(dtype, 3, 70)));
      cases.add(drawn(new Expand(Shape.of(7)), 0, fill, type(dtype)));
      cases.add(
          drawn(
              new Slice(List.of(1, 0, 2), List.of(3, 9, 40), List.of(1, 4, 1)),
              0,
              fill,
              type(dtype, 3, 9, 41)));
      cases.add(
          drawn(
              new Slice(List.of(2, 1), List.of(2, 6), List.of(1, 2)), 0, fill, type(dtype, 4, 7)));
      cases.add(
          drawn(
              new Concat(1),
              0,
              fill,
              type(dtype, 2, 3, 5),
              type(dtype, 2, 1, 5),
              type(dtype, 2, 0, 5)));
      cases.add(drawn(new Concat(2), 0, fill, type(dtype, 2, 3, 17), type(dtype, 2, 3, 4)));
      cases.add(drawn(new Concat(0), 0, fill, type(dtype, 2)));
    }
    cases.add(drawn(new Pad(List.of(0, 1, 2), List.of(3, 0, 1), 2.5f), 0, f32(2, 3, 19)));
    cases.add(drawn(new Pad(List.of(0, 0), List.of(0, 0), 1f), 0, f32(4, 5)));
    cases.add(drawn(new Pad(List.of(2), List.of(1), -1f), 0, f32(0)));
    for (DType table : List.of(DType.F32, DType.F16, DType.BF16)) {
      for (DType ids : List.of(DType.I64, DType.I32)) {
        cases.add(
            new OperatorCase(
                new Gather(),
                List.of(type(table, 10, 13), type(ids, 2, 7)),
                List.of(Fill.NORMAL, Fill.SMALL_INDEX),
                0));
      }
    }
    cases.add(drawn(new UpsampleNearest(8, 10), 0, f32(2, 4, 5, 3)));
    cases.add(drawn(new UpsampleNearest(7, 3), 0, f32(1, 3, 2, 17)));
    cases.add(drawn(new UpsampleNearest(2, 5), 0, f32(1, 5, 2, 4)));
    return cases;
  }

  private static List<OperatorCase> multiply() {
    List<OperatorCase> cases = new ArrayList<>();
    for (boolean a : new boolean[] {false, true}) {
      for (boolean b : new boolean[] {false, true}) {
        for (int[] s : new int[][] {{1, 1, 1}, {5, 17, 9}, {33, 31, 65}, {13, 0, 4}}) {
          int m = s[0];
          int k = s[1];
          int n = s[2];
          MatMul op = new MatMul(a, b, Epilogue.NONE);
          TensorType left = a ? f32(2, k, m) : f32(2, m, k);
          cases.add(drawn(op, CLOSE * 10, left, b ? f32(2, n, k) : f32(2, k, n)));
          DType weight = a ? DType.BF16 : DType.F16;
          cases.add(drawn(op, CLOSE * 10, left, b ? type(weight, n, k) : type(weight, k, n)));
        }
      }
    }
    for (Activation activation : Activation.values()) {
      int n = activation == Activation.GEGLU ? 19 : 38;
      Epilogue full = new Epilogue(true, activation, true);
      cases.add(
          drawn(
              new MatMul(false, true, full),
              CLOSE * 20,
              f32(21, 40),
              f32(38, 40),
              f32(38),
              f32(21, n)));
    }
    return cases;
  }

  private static List<OperatorCase> convolve() {
    List<OperatorCase> cases = new ArrayList<>();
    int[][] sizes = {{1, 1, 1, 3, 4}, {2, 7, 9, 3, 5}, {1, 16, 16, 16, 33}, {1, 5, 12, 40, 17}};
    Window[] windows = {Window.of(1, 1), Window.of(2, 1), new Window(2, 1, 0, 1, 0, 1)};
    for (int[] s : sizes) {
      for (Window w : windows) {
        Conv2d op = new Conv2d(w, 1, Epilogue.BIAS);
        int h = s[1];
        cases.add(
            drawn(
                op,
                CLOSE * 40,
                f32(s[0], h, s[2], s[3]),
                f32(s[4], s[3], 2, h == 1 ? 1 : 3),
                f32(s[4])));
      }
      cases.add(
          drawn(
              new Conv2d(Window.of(1, 0), 1, Epilogue.BIAS.with(Activation.SILU)),
              CLOSE * 20,
              f32(s[0], s[1], s[2], s[3]),
              type(DType.F16, s[4], s[3], 1, 1),
              f32(s[4])));
    }
    for (PoolKind kind : PoolKind.values()) {
      cases.add(drawn(new Pool2d(kind, 2, 2, Window.of(2, 0)), CLOSE, f32(2, 8, 6, 5)));
      cases.add(drawn(new Pool2d(kind, 3, 3, Window.of(2, 1)), CLOSE, f32(1, 7, 9, 17)));
      cases.add(
          drawn(new Pool2d(kind, 2, 3, new Window(1, 2, 1, 0, 2, 1)), CLOSE, f32(1, 5, 8, 3)));
    }
    return cases;
  }
}
