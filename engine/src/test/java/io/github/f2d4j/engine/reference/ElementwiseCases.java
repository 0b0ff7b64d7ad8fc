package io.github.f2d4j.engine.reference;

import static io.github.f2d4j.engine.reference.OperatorCases.drawn;
import static io.github.f2d4j.engine.reference.OperatorCases.f32;
import static io.github.f2d4j.engine.reference.OperatorCases.type;

import io.github.f2d4j.engine.op.ElementwiseOp.Affine;
import io.github.f2d4j.engine.op.ElementwiseOp.Binary;
import io.github.f2d4j.engine.op.ElementwiseOp.BinaryKind;
import io.github.f2d4j.engine.op.ElementwiseOp.Cast;
import io.github.f2d4j.engine.op.ElementwiseOp.Chain;
import io.github.f2d4j.engine.op.ElementwiseOp.ChainStep;
import io.github.f2d4j.engine.op.ElementwiseOp.Clamp;
import io.github.f2d4j.engine.op.ElementwiseOp.Geglu;
import io.github.f2d4j.engine.op.ElementwiseOp.LeakyRelu;
import io.github.f2d4j.engine.op.ElementwiseOp.Prelu;
import io.github.f2d4j.engine.op.ElementwiseOp.Unary;
import io.github.f2d4j.engine.op.ElementwiseOp.UnaryKind;
import io.github.f2d4j.engine.reference.OperatorCase.Fill;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.TensorType;
import java.util.ArrayList;
import java.util.List;

/** The part of {@link OperatorCases} about elementwise operators. */
final class ElementwiseCases {
  private static final double CLOSE = 1e-6;

  /** Pairs of shapes that broadcast, each in its own way. */
  private static final int[][][] BROADCASTS = {
    {{5, 7}, {5, 7}},
    {{5, 7}, {}},
    {{5, 7}, {7}},
    {{300, 3}, {3}},
    {{4, 320}, {320}},
    {{4, 1300}, {1300}},
    {{2, 3, 5, 300}, {2, 1, 1, 300}},
    {{2, 3, 5, 9}, {2, 1, 1, 9}},
    {{2, 3, 5, 9}, {3, 1, 9}},
    {{2, 3, 400}, {2, 3, 1}},
    {{4, 1}, {1, 5}},
    {{1, 300}, {7, 1}},
    {{7, 1, 3}, {1, 5, 3}},
    {{0, 4}, {4}},
    {{3, 0, 2}, {1, 1, 2}},
    {{1}, {2, 2, 2, 2}},
  };

  private ElementwiseCases() {}

  static List<OperatorCase> all() {
    List<OperatorCase> cases = new ArrayList<>();
    unary(cases);
    binary(cases);
    chains(cases);
    casts(cases);
    return cases;
  }

  private static void unary(List<OperatorCase> cases) {
    for (UnaryKind kind : UnaryKind.values()) {
      Fill fill =
          switch (kind) {
            case LOG, SQRT, RSQRT, RECIPROCAL -> Fill.POSITIVE;
            default -> Fill.NORMAL;
          };
      for (int n : OperatorCases.LENGTHS) {
        cases.add(drawn(new Unary(kind), CLOSE, fill, f32(n)));
      }
      // The sine of infinity and the gates of −∞ are limits that float32 formulas do not have.
      switch (kind) {
        case SILU, QUICK_GELU, GELU -> {}
        default -> cases.add(drawn(new Unary(kind), CLOSE, Fill.EXTREME, f32(40, 7)));
      }
    }
    for (int n : OperatorCases.LENGTHS) {
      cases.add(drawn(new LeakyRelu(0.2f), CLOSE, Fill.NORMAL, f32(n)));
      cases.add(drawn(new Clamp(-0.5f, 0.75f), CLOSE, Fill.NORMAL, f32(n)));
      cases.add(drawn(new Affine(1.5f, -0.25f), CLOSE, Fill.NORMAL, f32(n)));
      cases.add(drawn(new Prelu(), CLOSE, Fill.NORMAL, f32(3, n), f32(n)));
      cases.add(drawn(new Geglu(), CLOSE, Fill.NORMAL, f32(3, 2 * n)));
    }
    cases.add(drawn(new Prelu(), CLOSE, Fill.NORMAL, f32(2, 5, 4, 6), type(DType.F16, 6)));
    cases.add(drawn(new Geglu(), CLOSE, Fill.NORMAL, f32(10)));
    cases.add(drawn(new LeakyRelu(0.2f), CLOSE, Fill.EXTREME, f32(280)));
    cases.add(drawn(new Clamp(-2f, 3f), CLOSE, Fill.EXTREME, f32(280)));
  }

  private static void binary(List<OperatorCase> cases) {
    for (BinaryKind kind : BinaryKind.values()) {
      for (int[][] shapes : BROADCASTS) {
        for (int swap = 0; swap < 2; swap++) {
          TensorType a = f32(shapes[swap]);
          TensorType b = f32(shapes[1 - swap]);
          cases.add(drawn(new Binary(kind), CLOSE, Fill.POSITIVE, a, b));
        }
      }
      cases.add(drawn(new Binary(kind), CLOSE, Fill.EXTREME, f32(40, 9), f32(40, 9)));
      cases.add(drawn(new Binary(kind), CLOSE, Fill.POSITIVE, f32(3, 33), type(DType.BF16, 33)));
    }
  }

  private static void chains(List<OperatorCase> cases) {
    Unary square = new Unary(UnaryKind.SQUARE);
    Binary add = new Binary(BinaryKind.ADD);
    Binary mul = new Binary(BinaryKind.MUL);
    List<ChainStep> steps =
        List.of(
            new ChainStep(mul, List.of(0, 1)),
            new ChainStep(square, List.of(3)),
            new ChainStep(add, List.of(4, 3)),
            new ChainStep(new Affine(0.5f, 1f), List.of(5)),
            new ChainStep(add, List.of(2, 6)),
            new ChainStep(mul, List.of(7, 7)));
    for (int n : OperatorCases.LENGTHS) {
      cases.add(drawn(new Chain(3, steps), 4 * CLOSE, Fill.NORMAL, f32(5, n), f32(n), f32()));
    }
    cases.add(drawn(new Chain(3, steps), 4 * CLOSE, Fill.NORMAL, f32(700, 3), f32(700, 3), f32(3)));
  }

  private static void casts(List<OperatorCase> cases) {
    List<DType> types =
        List.of(DType.F64, DType.F32, DType.F16, DType.BF16, DType.I64, DType.I32, DType.U8);
    for (DType from : types) {
      for (DType to : types) {
        boolean signed = from.isFloating() && to != DType.U8;
        Fill fill = signed ? Fill.NORMAL : Fill.SMALL_INDEX;
        cases.add(drawn(new Cast(to), 0, fill, type(from, 3, 11)));
      }
    }
    cases.add(drawn(new Cast(DType.F32), 0, Fill.EXTREME, type(DType.F16, 100)));
    cases.add(drawn(new Cast(DType.BF16), 0, Fill.EXTREME, type(DType.F32, 100)));
    cases.add(drawn(new Cast(DType.F16), 0, Fill.NORMAL, f32(0)));
  }
}
