package io.github.f2d4j.engine.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.AttendOp.Attention;
import io.github.f2d4j.engine.op.ConvolveOp.Conv2d;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.op.ElementwiseOp.Binary;
import io.github.f2d4j.engine.op.ElementwiseOp.BinaryKind;
import io.github.f2d4j.engine.op.ElementwiseOp.Chain;
import io.github.f2d4j.engine.op.ElementwiseOp.ChainStep;
import io.github.f2d4j.engine.op.ElementwiseOp.Unary;
import io.github.f2d4j.engine.op.ElementwiseOp.UnaryKind;
import io.github.f2d4j.engine.op.Epilogue;
import io.github.f2d4j.engine.op.MatMulOp.MatMul;
import io.github.f2d4j.engine.op.MovementOp.Gather;
import io.github.f2d4j.engine.op.MovementOp.Reshape;
import io.github.f2d4j.engine.op.NormalizeOp.LayerNorm;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Operation counts against loops and closed forms. */
class OpCostTest {
  private static OpCost cost(Op op, TensorType... inputs) {
    List<TensorType> types = Arrays.asList(inputs);
    return OpCost.of(op, types, op.infer(types));
  }

  private static TensorType f32(int... dims) {
    return TensorType.f32(Shape.of(dims));
  }

  /** The innermost statement of y[b,i,j] += a[b,i,k]·w[k,j] runs B·M·N·K times. */
  @Test
  void matrixProducts() {
    long loops = 0;
    for (int b = 0; b < 3; b++) {
      for (int i = 0; i < 5; i++) {
        for (int j = 0; j < 7; j++) {
          loops += 11;
        }
      }
    }
    MatMul plain = new MatMul(false, false, Epilogue.NONE);
    OpCost each = cost(plain, f32(3, 5, 11), f32(3, 11, 7));
    assertEquals(new OpCost(Family.MATMUL, 2 * loops, 0, 4 * (165 + 231 + 105)), each);
    assertEquals(2 * loops, cost(plain, f32(3, 5, 11), f32(11, 7)).products());
    MatMul turned = new MatMul(true, true, Epilogue.BIAS);
    OpCost t = cost(turned, f32(3, 11, 5), new TensorType(DType.F16, Shape.of(7, 11)), f32(7));
    assertEquals(new OpCost(Family.MATMUL, 2 * loops, 105, 4 * (165 + 7 + 105) + 2 * 77), t);
  }

  @Test
  void aGateTakesTwoSumsForEachResult() {
    MatMul geglu = new MatMul(false, true, Epilogue.BIAS.with(Activation.GEGLU));
    OpCost c = cost(geglu, f32(5, 11), f32(14, 11), f32(14));
    assertEquals(2 * 5 * 14 * 11, c.products());
    assertEquals(5 * 14 + 2 * 5 * 7, c.others());
  }

  /** Stable Diffusion's first convolution: 64·64 pixels, 3·3·4 → 320. */
  @Test
  void convolutions() {
    Conv2d c = new Conv2d(Window.of(1, 1), 1, Epilogue.BIAS.withResidual());
    OpCost full = cost(c, f32(2, 64, 64, 4), f32(320, 4, 3, 3), f32(320), f32(2, 64, 64, 320));
    assertEquals(2L * 2 * 64 * 64 * 320 * 36, full.products());
    assertEquals(2L * 2 * 64 * 64 * 320, full.others());
    Conv2d half = new Conv2d(Window.of(2, 1), 1, Epilogue.NONE);
    assertEquals(2L * 32 * 32 * 8 * 36, cost(half, f32(1, 64, 64, 4), f32(8, 4, 3, 3)).products());
    Conv2d groups = new Conv2d(Window.of(1, 1), 2, Epilogue.NONE);
    assertEquals(
        2L * 64 * 64 * 8 * 18, cost(groups, f32(1, 64, 64, 4), f32(8, 2, 3, 3)).products());
  }

  /** q·kᵀ and p·v: each 2·Sq·Sk·C; under a causal mask a pair counts where j ≤ i. */
  @Test
  void attention() {
    OpCost all = cost(new Attention(8, 1, false), f32(2, 6, 320), f32(2, 77, 320), f32(2, 77, 320));
    assertEquals(2L * 2 * 2 * 6 * 77 * 320, all.products());
    assertEquals(5L * 2 * 8 * 6 * 77, all.others());
    for (int keys : new int[] {4, 6, 9}) {
      long pairs = 0;
      for (int i = 0; i < 6; i++) {
        for (int j = 0; j <= i && j < keys; j++) {
          pairs++;
        }
      }
      OpCost causal =
          cost(new Attention(2, 1, true), f32(1, 6, 8), f32(1, keys, 8), f32(1, keys, 8));
      assertEquals(2 * 2 * pairs * 8, causal.products());
    }
  }

  @Test
  void whatOnlyTouchesElements() {
    Chain chain =
        new Chain(
            2,
            List.of(
                new ChainStep(new Binary(BinaryKind.ADD), List.of(0, 1)),
                new ChainStep(new Unary(UnaryKind.SILU), List.of(2))));
    assertEquals(
        new OpCost(Family.ELEMENTWISE, 0, 2 * 15, 4 * (15 + 5 + 15)),
        cost(chain, f32(3, 5), f32(5)));
    OpCost norm = cost(new LayerNorm(1e-5f), f32(3, 5), f32(5), f32(5));
    assertEquals(Family.NORMALIZE, norm.family());
    assertEquals(0, norm.products());
    assertEquals(6 * 15, norm.flops());
    assertEquals(new OpCost(Family.MOVEMENT, 0, 0, 0), cost(new Reshape(Shape.of(15)), f32(3, 5)));
  }

  /** A lookup reads the rows it gives, not the whole table. */
  @Test
  void lookups() {
    TensorType ids = new TensorType(DType.I64, Shape.of(1, 7));
    assertEquals(2 * 4 * 7 * 5, cost(new Gather(), f32(1000, 5), ids).bytes());
  }
}
