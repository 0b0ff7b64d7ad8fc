package io.github.f2d4j.engine.cost;

import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.AttendOp.Attention;
import io.github.f2d4j.engine.op.ConvolveOp.Conv2d;
import io.github.f2d4j.engine.op.ConvolveOp.Pool2d;
import io.github.f2d4j.engine.op.ElementwiseOp;
import io.github.f2d4j.engine.op.Epilogue;
import io.github.f2d4j.engine.op.MatMulOp.MatMul;
import io.github.f2d4j.engine.op.MovementOp;
import io.github.f2d4j.engine.op.NormalizeOp;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.op.ReduceOp.Reduce;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;

/**
 * The work that an operator is by its definition, whatever an algorithm may save or add. A
 * multiply-add counts as two operations, an elementary function as one; a convolution's border
 * counts like its inside.
 *
 * @param family the operator's family
 * @param products operations in sums of products: matrix multiplication, convolution and the two
 *     products of attention. This is the figure that is usually given for a network
 * @param others all other operations: activations, normalisation, softmax
 * @param bytes the sizes of all inputs that are read and of the result
 */
public record OpCost(Family family, long products, long others, long bytes) {
  /** Passes of normalisation: mean, two for the variance, subtract, scale, shift. */
  private static final int NORMALIZE = 6;

  /** Passes of softmax: maximum, subtract, exponential, sum, divide. */
  private static final int SOFTMAX = 5;

  /** The cost of {@code op}, whose {@code infer} of {@code inputs} gave {@code output}. */
  public static OpCost of(Op op, List<TensorType> inputs, TensorType output) {
    Count n = count(op, inputs, output.shape());
    return new OpCost(Family.of(op), n.products, n.others, bytes(op, inputs, output));
  }

  /** All operations. */
  public long flops() {
    return products + others;
  }

  private record Count(long products, long others) {}

  private static Count count(Op op, List<TensorType> inputs, Shape y) {
    return switch (op) {
      case MatMul m -> {
        Shape a = inputs.getFirst().shape();
        long k = a.dim(m.transposeA() ? -2 : -1);
        yield new Count(2 * sums(m.epilogue(), y) * k, epilogue(m.epilogue(), y));
      }
      case Conv2d c -> {
        Shape w = inputs.get(1).shape();
        long k = (long) w.dim(1) * w.dim(2) * w.dim(3);
        yield new Count(2 * sums(c.epilogue(), y) * k, epilogue(c.epilogue(), y));
      }
      case Attention a -> {
        long pairs = pairs(a, y, inputs.get(1).shape());
        yield new Count(4 * pairs * (y.dim(2) / a.heads()), SOFTMAX * pairs);
      }
      case Pool2d p -> new Count(0, y.elements() * p.kernelH() * p.kernelW());
      case Reduce _ -> new Count(0, inputs.getFirst().shape().elements());
      case NormalizeOp n -> new Count(0, normalize(n) * y.elements());
      case ElementwiseOp e -> new Count(0, elementwise(e) * y.elements());
      case MovementOp _ -> new Count(0, 0);
    };
  }

  /** The number of sums of products: a gated result is made of two. */
  private static long sums(Epilogue e, Shape y) {
    return e.activation() == Activation.GEGLU ? 2 * y.elements() : y.elements();
  }

  private static long epilogue(Epilogue e, Shape y) {
    long bias = e.bias() ? sums(e, y) : 0;
    long activation =
        switch (e.activation()) {
          case NONE -> 0;
          case RELU, SILU, GELU, QUICK_GELU -> y.elements();
          case GEGLU -> 2 * y.elements();
        };
    return bias + activation + (e.residual() ? y.elements() : 0);
  }

  /** Scores of all heads: with a causal mask only those that count. */
  private static long pairs(Attention a, Shape q, Shape k) {
    long keys = k.dim(1);
    long queries = q.dim(1);
    long seen = queries * keys;
    if (a.causal()) {
      long triangle = Math.min(queries, keys);
      seen = triangle * (triangle + 1) / 2 + (queries - triangle) * keys;
    }
    return seen * q.dim(0) * a.heads();
  }

  private static long normalize(NormalizeOp op) {
    return switch (op) {
      case NormalizeOp.GroupNorm g -> NORMALIZE + (g.activation() == Activation.NONE ? 0 : 1);
      case NormalizeOp.LayerNorm _ -> NORMALIZE;
      case NormalizeOp.BatchNorm _ -> 2; // The statistics are given: one scale, one shift.
      case NormalizeOp.Softmax _ -> SOFTMAX;
      case NormalizeOp.L2Normalize _ -> 3;
    };
  }

  private static long elementwise(ElementwiseOp op) {
    return switch (op) {
      case ElementwiseOp.Unary _ -> 1;
      case ElementwiseOp.Binary _ -> 1;
      case ElementwiseOp.LeakyRelu _ -> 1;
      case ElementwiseOp.Clamp _ -> 2;
      case ElementwiseOp.Affine _ -> 2;
      case ElementwiseOp.Prelu _ -> 1;
      case ElementwiseOp.Geglu _ -> 2;
      case ElementwiseOp.Cast _ -> 0;
      case ElementwiseOp.Chain c -> c.steps().stream().mapToLong(s -> elementwise(s.op())).sum();
    };
  }

  private static long bytes(Op op, List<TensorType> inputs, TensorType output) {
    return switch (op) {
      case MovementOp.Reshape _ -> 0;
      // These read only what they give.
      case MovementOp.Slice _, MovementOp.Gather _ -> 2 * output.bytes();
      case Op _ -> inputs.stream().mapToLong(TensorType::bytes).sum() + output.bytes();
    };
  }
}
