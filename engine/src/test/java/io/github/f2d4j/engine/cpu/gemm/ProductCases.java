package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.cpu.multiply.Multiplier;
import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.ConvolveOp.Conv2d;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.op.Epilogue;
import io.github.f2d4j.engine.op.MatMulOp.MatMul;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.ArrayList;
import java.util.List;

/** Matrix multiplications and convolutions of ugly sizes. */
final class ProductCases {
  /** Largest blocks of any machine; the same cases must run at every lane width. */
  private static final int DEPTH = 384;

  private static final int COLUMNS = 384;

  private ProductCases() {}

  /** An operator with the types of its inputs. */
  record Case(Op op, List<TensorType> inputs) {
    @Override
    public String toString() {
      return op + " of " + inputs;
    }
  }

  static final List<Epilogue> EPILOGUES =
      List.of(
          Epilogue.NONE,
          Epilogue.BIAS,
          Epilogue.NONE.withResidual(),
          Epilogue.BIAS.withResidual(),
          Epilogue.BIAS.with(Activation.RELU),
          Epilogue.BIAS.with(Activation.SILU).withResidual(),
          Epilogue.BIAS.with(Activation.GELU),
          Epilogue.NONE.with(Activation.QUICK_GELU),
          Epilogue.BIAS.with(Activation.GEGLU),
          Epilogue.BIAS.with(Activation.GEGLU).withResidual());

  /** A linear layer's product with an epilogue. */
  static Case linear(int m, int k, int n, Epilogue epilogue) {
    return matMul(List.of(), m, k, n, false, true, true, DType.F32, epilogue);
  }

  /** The same with rows that are one item of a batch. */
  static Case item(int m, int k, int n, Epilogue epilogue) {
    return matMul(List.of(1), m, k, n, false, true, true, DType.F32, epilogue);
  }

  static Case matMul(
      List<Integer> lead,
      int m,
      int k,
      int n,
      boolean transposeA,
      boolean transposeB,
      boolean sharedB,
      DType weight,
      Epilogue epilogue) {
    List<TensorType> inputs = new ArrayList<>();
    inputs.add(TensorType.f32(shape(lead, transposeA ? k : m, transposeA ? m : k)));
    List<Integer> leadB = sharedB ? List.of() : lead;
    inputs.add(new TensorType(weight, shape(leadB, transposeB ? n : k, transposeB ? k : n)));
    int outN = epilogue.activation() == Activation.GEGLU ? n / 2 : n;
    finish(inputs, epilogue, n, shape(lead, m, outN), weight);
    return new Case(new MatMul(transposeA, transposeB, epilogue), inputs);
  }

  private static Shape shape(List<Integer> lead, int rows, int columns) {
    int[] dims = new int[lead.size() + 2];
    for (int i = 0; i < lead.size(); i++) {
      dims[i] = lead.get(i);
    }
    dims[lead.size()] = rows;
    dims[lead.size() + 1] = columns;
    return Shape.of(dims);
  }

  private static void finish(
      List<TensorType> inputs, Epilogue epilogue, int n, Shape out, DType weight) {
    if (epilogue.bias()) {
      inputs.add(new TensorType(weight, Shape.of(n)));
    }
    if (epilogue.residual()) {
      inputs.add(TensorType.f32(out));
    }
  }

  /** A convolution of an [n, h, w, i] image with a [o, i / groups, kh, kw] kernel. */
  static Case conv(
      int n,
      int h,
      int w,
      int i,
      int o,
      int kh,
      int kw,
      Window window,
      int groups,
      DType weight,
      Epilogue epilogue) {
    List<TensorType> inputs = new ArrayList<>();
    inputs.add(TensorType.f32(Shape.of(n, h, w, i)));
    inputs.add(new TensorType(weight, Shape.of(o, i / groups, kh, kw)));
    int outO = epilogue.activation() == Activation.GEGLU ? o / 2 : o;
    Shape out = Shape.of(n, window.outH(h, kh), window.outW(w, kw), outO);
    finish(inputs, epilogue, o, out, weight);
    return new Case(new Conv2d(window, groups, epilogue), inputs);
  }

  /** Matrix multiplications. */
  static List<Case> matMuls() {
    List<Case> cases = new ArrayList<>();
    int[] sizes = {1, 2, 3, 4, 5, 7, 8, 11, 13, 16, 17, 31, 33};
    for (int x = 0; x < sizes.length; x++) {
      int m = sizes[x];
      int k = sizes[(5 * x + 3) % sizes.length];
      int n = sizes[(7 * x + 6) % sizes.length];
      cases.add(linear(m, k, n, Epilogue.NONE));
      cases.add(
          matMul(List.of(2), m, k, n, x % 2 == 0, x % 3 == 0, x % 4 < 2, DType.F32, Epilogue.BIAS));
    }
    // Longer than a stretch of k, higher and wider than a block.
    cases.add(linear(5, DEPTH, 9, Epilogue.NONE));
    cases.add(linear(5, DEPTH + 1, 9, Epilogue.BIAS));
    cases.add(linear(241, 3, 35, Epilogue.NONE));
    cases.add(linear(961, 3, 35, Epilogue.NONE));
    cases.add(linear(5, 193, 9, Epilogue.BIAS));
    cases.add(linear(2, 2, COLUMNS + 1, Epilogue.BIAS));
    cases.add(linear(7, 2 * DEPTH + 5, 66, Epilogue.BIAS.with(Activation.GEGLU)));
    // Several pairs of panels at every width, in several blocks of rows.
    cases.add(linear(500, 7, 300, Epilogue.BIAS.with(Activation.GEGLU).withResidual()));
    for (Epilogue e : EPILOGUES) {
      cases.add(linear(13, 6, 46, e));
      cases.add(matMul(List.of(3, 2), 3, 5, 10, false, false, false, DType.F16, e));
      cases.add(matMul(List.of(2), 6, 4, 34, true, true, true, DType.BF16, e));
    }
    // Items with rows enough for every multiplier.
    int rows = Multiplier.AMX_ROWS;
    for (Epilogue e : EPILOGUES) {
      cases.add(item(rows + 7, 40, 134, e));
      cases.add(matMul(List.of(2), rows, 37, 70, true, false, false, DType.F16, e));
    }
    cases.add(item(rows + 1, 2 * DEPTH + 5, 66, Epilogue.BIAS.withResidual()));
    cases.add(item(961, 3, 35, Epilogue.NONE));
    cases.add(item(rows, 0, 5, Epilogue.BIAS));
    // Nothing to sum up, and nothing to compute.
    cases.add(linear(3, 0, 5, Epilogue.BIAS));
    cases.add(linear(0, 4, 5, Epilogue.BIAS));
    cases.add(linear(3, 4, 0, Epilogue.NONE));
    cases.add(matMul(List.of(0), 3, 4, 5, false, false, false, DType.F32, Epilogue.NONE));
    return cases;
  }

  /** Convolutions. */
  static List<Case> convolutions() {
    List<Case> cases = new ArrayList<>();
    Window same = Window.of(1, 1);
    for (Epilogue e : EPILOGUES) {
      cases.add(conv(2, 5, 4, 3, 10, 3, 3, same, 1, DType.F32, e));
      cases.add(conv(1, 3, 3, 4, 34, 1, 1, Window.of(1, 0), 1, DType.F16, e));
      cases.add(conv(2, 4, 3, 6, 4, 3, 3, same, 2, DType.BF16, e));
      cases.add(conv(1, 2, 2, 4, 4, 1, 1, Window.of(1, 0), 4, DType.F32, e));
    }
    Window uneven = new Window(2, 3, 0, 1, 2, 3);
    cases.add(conv(1, 9, 7, 5, 3, 3, 2, uneven, 1, DType.F32, Epilogue.BIAS));
    cases.add(conv(2, 6, 6, 8, 8, 3, 3, new Window(2, 2, 0, 1, 0, 1), 1, DType.F32, Epilogue.BIAS));
    cases.add(conv(1, 8, 8, 3, 16, 8, 8, Window.of(8, 0), 1, DType.F32, Epilogue.BIAS));
    cases.add(conv(1, 1, 1, 1, 1, 1, 1, Window.of(1, 0), 1, DType.F32, Epilogue.NONE));
    cases.add(conv(1, 4, 5, 2, 3, 1, 1, Window.of(2, 1), 1, DType.F32, Epilogue.NONE));
    cases.add(conv(1, 1, 2, 17, 5, 5, 5, Window.of(1, 2), 1, DType.F32, Epilogue.BIAS));
    // A tap cut in two by the end of a stretch of k.
    cases.add(conv(1, 3, 3, 49, 5, 3, 3, same, 1, DType.F32, Epilogue.BIAS));
    cases.add(conv(1, 11, 11, 4, 3, 3, 3, same, 1, DType.F32, Epilogue.BIAS));
    cases.add(conv(1, 3, 3, 6, 6, 3, 3, same, 6, DType.F32, Epilogue.BIAS));
    cases.add(conv(2, 9, 8, 34, 4, 3, 3, same, 2, DType.BF16, Epilogue.BIAS));
    cases.add(conv(0, 3, 3, 2, 4, 3, 3, same, 1, DType.F32, Epilogue.BIAS));
    return cases;
  }

  /** A 3×3 convolution of stride 1 with a border of 1. */
  static Case conv3x3(int n, int h, int w, int i, int o, DType weight, Epilogue epilogue) {
    return conv(n, h, w, i, o, 3, 3, Window.of(1, 1), 1, weight, epilogue);
  }

  /** Convolutions that Winograd's algorithms can compute. */
  static List<Case> winograds() {
    List<Case> cases = new ArrayList<>();
    for (Epilogue e : EPILOGUES) {
      if (e.activation() != Activation.GEGLU) {
        cases.add(conv3x3(2, 5, 7, 19, 37, DType.F32, e));
      }
    }
    // Every remainder of a tile, and images smaller than one.
    for (int size = 1; size <= 13; size++) {
      cases.add(conv3x3(1, size, 14 - size, 3, 5, DType.F32, Epilogue.BIAS));
    }
    // Borders on any of the sides, none, and wider than a tile.
    for (int sides = 0; sides < 16; sides++) {
      Window w = new Window(1, 1, sides & 1, sides >> 1 & 1, sides >> 2 & 1, sides >> 3);
      cases.add(conv(1, 6, 9, 2, 3, 3, 3, w, 1, DType.F32, Epilogue.BIAS));
    }
    Window wide = new Window(1, 1, 7, 0, 2, 9);
    cases.add(conv(2, 1, 3, 8, 16, 3, 3, wide, 1, DType.F32, Epilogue.BIAS));
    // Channels around stretches and vectors, narrow weights, more tiles than a block.
    cases.add(conv3x3(1, 4, 4, 64, 64, DType.F16, Epilogue.BIAS));
    cases.add(conv3x3(1, 4, 5, 65, 67, DType.BF16, Epilogue.BIAS));
    cases.add(conv3x3(1, 3, 4, 1, 1, DType.F32, Epilogue.NONE));
    cases.add(conv3x3(1, 4, 4, DEPTH + 1, 9, DType.F32, Epilogue.NONE));
    cases.add(conv3x3(2, 35, 33, 4, 6, DType.F32, Epilogue.BIAS.withResidual()));
    // Tiles enough for every multiplier.
    cases.add(conv3x3(2, 33, 32, 35, 37, DType.F32, Epilogue.BIAS.withResidual()));
    // Nothing to sum up, and nothing to compute.
    cases.add(conv3x3(1, 4, 4, 0, 3, DType.F32, Epilogue.BIAS));
    cases.add(conv3x3(0, 4, 4, 2, 3, DType.F32, Epilogue.BIAS));
    return cases;
  }
}
