package io.github.f2d4j.engine;

import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.AttendOp.Attention;
import io.github.f2d4j.engine.op.ConvolveOp.Conv2d;
import io.github.f2d4j.engine.op.ConvolveOp.Pool2d;
import io.github.f2d4j.engine.op.ConvolveOp.PoolKind;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.op.ElementwiseOp.Affine;
import io.github.f2d4j.engine.op.ElementwiseOp.Binary;
import io.github.f2d4j.engine.op.ElementwiseOp.BinaryKind;
import io.github.f2d4j.engine.op.ElementwiseOp.Cast;
import io.github.f2d4j.engine.op.ElementwiseOp.Clamp;
import io.github.f2d4j.engine.op.ElementwiseOp.Geglu;
import io.github.f2d4j.engine.op.ElementwiseOp.LeakyRelu;
import io.github.f2d4j.engine.op.ElementwiseOp.Prelu;
import io.github.f2d4j.engine.op.ElementwiseOp.Unary;
import io.github.f2d4j.engine.op.ElementwiseOp.UnaryKind;
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
import io.github.f2d4j.engine.op.ReduceOp.Reduce;
import io.github.f2d4j.engine.op.ReduceOp.ReduceKind;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The operators as methods, by family in the order of the package {@link
 * io.github.f2d4j.engine.op}. Each notes one operator and computes nothing; a misfit of types is
 * reported at once.
 */
public abstract sealed class TensorOps permits Tensor {
  TensorOps() {}

  abstract Tensor self();

  private Tensor apply(io.github.f2d4j.engine.op.Op op, Tensor... more) {
    Tensor[] inputs = new Tensor[more.length + 1];
    inputs[0] = self();
    System.arraycopy(more, 0, inputs, 1, more.length);
    return Tensor.apply(op, inputs);
  }

  // ---- elementwise

  private Tensor unary(UnaryKind kind) {
    return apply(new Unary(kind));
  }

  private Tensor binary(BinaryKind kind, Tensor other) {
    return apply(new Binary(kind), other);
  }

  /** Sum, with broadcasting. */
  public Tensor add(Tensor other) {
    return binary(BinaryKind.ADD, other);
  }

  /** Difference, with broadcasting. */
  public Tensor sub(Tensor other) {
    return binary(BinaryKind.SUB, other);
  }

  /** Product, with broadcasting. */
  public Tensor mul(Tensor other) {
    return binary(BinaryKind.MUL, other);
  }

  /** Quotient, with broadcasting. */
  public Tensor div(Tensor other) {
    return binary(BinaryKind.DIV, other);
  }

  /** The larger of both, with broadcasting. */
  public Tensor max(Tensor other) {
    return binary(BinaryKind.MAX, other);
  }

  /** The smaller of both, with broadcasting. */
  public Tensor min(Tensor other) {
    return binary(BinaryKind.MIN, other);
  }

  /** This to the power of {@code other}, with broadcasting. */
  public Tensor pow(Tensor other) {
    return binary(BinaryKind.POW, other);
  }

  /** x + shift. */
  public Tensor add(float shift) {
    return affine(1f, shift);
  }

  /** x·scale. */
  public Tensor mul(float scale) {
    return affine(scale, 0f);
  }

  /** x·scale + shift. */
  public Tensor affine(float scale, float shift) {
    return apply(new Affine(scale, shift));
  }

  /** −x. */
  public Tensor neg() {
    return unary(UnaryKind.NEG);
  }

  /** |x|. */
  public Tensor abs() {
    return unary(UnaryKind.ABS);
  }

  /** eˣ. */
  public Tensor exp() {
    return unary(UnaryKind.EXP);
  }

  /** Natural logarithm. */
  public Tensor log() {
    return unary(UnaryKind.LOG);
  }

  /** √x. */
  public Tensor sqrt() {
    return unary(UnaryKind.SQRT);
  }

  /** x². */
  public Tensor square() {
    return unary(UnaryKind.SQUARE);
  }

  /** Hyperbolic tangent. */
  public Tensor tanh() {
    return unary(UnaryKind.TANH);
  }

  /** Error function. */
  public Tensor erf() {
    return unary(UnaryKind.ERF);
  }

  /** 1/(1+e⁻ˣ). */
  public Tensor sigmoid() {
    return unary(UnaryKind.SIGMOID);
  }

  /** Sine of radians. */
  public Tensor sin() {
    return unary(UnaryKind.SIN);
  }

  /** Cosine of radians. */
  public Tensor cos() {
    return unary(UnaryKind.COS);
  }

  /** max(x, 0). */
  public Tensor relu() {
    return unary(UnaryKind.RELU);
  }

  /** x·sigmoid(x). */
  public Tensor silu() {
    return unary(UnaryKind.SILU);
  }

  /** x·Φ(x), exact. */
  public Tensor gelu() {
    return unary(UnaryKind.GELU);
  }

  /** x·sigmoid(1.702·x). */
  public Tensor quickGelu() {
    return unary(UnaryKind.QUICK_GELU);
  }

  /** x where x ≥ 0, slope·x elsewhere. */
  public Tensor leakyRelu(float slope) {
    return apply(new LeakyRelu(slope));
  }

  /** x where x ≥ 0, slope[c]·x elsewhere; slope [C] belongs to the last axis. */
  public Tensor prelu(Tensor slope) {
    return apply(new Prelu(), slope);
  }

  /** min(max(x, min), max). */
  public Tensor clamp(float min, float max) {
    return apply(new Clamp(min, max));
  }

  /** h·gelu(gate) of the halves h, gate of the last axis. */
  public Tensor geglu() {
    return apply(new Geglu());
  }

  /** The same values as another element type. */
  public Tensor cast(DType to) {
    return self().dtype() == to ? self() : apply(new Cast(to));
  }

  // ---- reduce

  private Tensor reduce(ReduceKind kind, boolean keepDims, int... axes) {
    Shape s = self().shape();
    List<Integer> all =
        (axes.length == 0 ? IntStream.range(0, s.rank()) : Arrays.stream(axes).map(s::axis))
            .sorted()
            .boxed()
            .toList();
    return apply(new Reduce(kind, all, keepDims));
  }

  /** Sum along {@code axes}, which disappear; along all axes if none is given. */
  public Tensor sum(int... axes) {
    return reduce(ReduceKind.SUM, false, axes);
  }

  /** Mean along {@code axes}, which disappear; along all axes if none is given. */
  public Tensor mean(int... axes) {
    return reduce(ReduceKind.MEAN, false, axes);
  }

  /** Maximum along {@code axes}, which disappear; along all axes if none is given. */
  public Tensor max(int... axes) {
    return reduce(ReduceKind.MAX, false, axes);
  }

  /** Minimum along {@code axes}, which disappear; along all axes if none is given. */
  public Tensor min(int... axes) {
    return reduce(ReduceKind.MIN, false, axes);
  }

  // ---- matmul

  /** Matrix product over the last two axes: [...,M,K]·[...,K,N], or [K,N] shared by all. */
  public Tensor matmul(Tensor b) {
    return apply(new MatMul(false, false, Epilogue.NONE), b);
  }

  /**
   * x·Wᵀ + bias over the last axis: x [...,in], weight [out,in], bias [out] or null → [...,out].
   */
  public Tensor linear(Tensor weight, @Nullable Tensor bias) {
    Tensor x = self();
    if (x.shape().rank() == 1) {
      return x.reshape(1, x.dim(0)).linear(weight, bias).reshape(weight.dim(0));
    }
    // No reshape to one tall matrix: it would stand between the product and what is fused into it.
    return bias == null
        ? apply(new MatMul(false, true, Epilogue.NONE), weight)
        : apply(new MatMul(false, true, Epilogue.BIAS), weight, bias);
  }

  // ---- convolve

  /** Cross-correlation: x [N,H,W,I], weight [O,I,KH,KW], bias [O] or null → [N,H',W',O]. */
  public Tensor conv2d(Tensor weight, @Nullable Tensor bias, Window window) {
    return conv2d(weight, bias, window, 1);
  }

  /** Grouped cross-correlation: weight [O,I/groups,KH,KW]. */
  public Tensor conv2d(Tensor weight, @Nullable Tensor bias, Window window, int groups) {
    return bias == null
        ? apply(new Conv2d(window, groups, Epilogue.NONE), weight)
        : apply(new Conv2d(window, groups, Epilogue.BIAS), weight, bias);
  }

  /** Largest value of each kernel × kernel window of [N,H,W,C]; the border counts as −∞. */
  public Tensor maxPool2d(int kernel, Window window) {
    return apply(new Pool2d(PoolKind.MAX, kernel, kernel, window));
  }

  /** Mean of each kernel × kernel window of [N,H,W,C]; the border counts as 0. */
  public Tensor avgPool2d(int kernel, Window window) {
    return apply(new Pool2d(PoolKind.AVG, kernel, kernel, window));
  }

  // ---- normalize

  /** Group normalisation of [N,...,C]; weight and bias [C]. */
  public Tensor groupNorm(int groups, Tensor weight, Tensor bias, float eps) {
    return apply(new GroupNorm(groups, eps, Activation.NONE), weight, bias);
  }

  /** Layer normalisation over the last axis; weight and bias [C]. */
  public Tensor layerNorm(Tensor weight, Tensor bias, float eps) {
    return apply(new LayerNorm(eps), weight, bias);
  }

  /** Batch normalisation over the last axis with stored statistics; all four are [C]. */
  public Tensor batchNorm(Tensor weight, Tensor bias, Tensor mean, Tensor variance, float eps) {
    return apply(new BatchNorm(eps), weight, bias, mean, variance);
  }

  /** Softmax over the last axis. */
  public Tensor softmax() {
    return apply(new Softmax(false));
  }

  /** Logarithm of the softmax over the last axis. */
  public Tensor logSoftmax() {
    return apply(new Softmax(true));
  }

  /** x / max(‖x‖₂, eps) over the last axis. */
  public Tensor l2Normalize(float eps) {
    return apply(new L2Normalize(eps));
  }

  // ---- attend

  /**
   * softmax(q·kᵀ/√d)·v for each head; this is q [B,Sq,heads·d], k and v are [B,Sk,heads·d], or
   * [B/g,Sk,heads·d] to serve g neighbouring items of q each.
   *
   * @param causal whether query i sees only keys j ≤ i
   */
  public Tensor attention(Tensor k, Tensor v, int heads, boolean causal) {
    float scale = (float) (1 / Math.sqrt((double) self().dim(-1) / heads));
    return apply(new Attention(heads, scale, causal), k, v);
  }

  // ---- movement

  /** The same elements under another shape. One extent may be −1: it takes what is left. */
  public Tensor reshape(int... dims) {
    int[] d = dims.clone();
    int free = -1;
    long known = 1;
    for (int i = 0; i < d.length; i++) {
      if (d[i] != -1) {
        known *= d[i];
      } else if (free < 0) {
        free = i;
      } else {
        throw new IllegalArgumentException(
            "reshape to " + Arrays.toString(dims) + ": only one extent may be -1");
      }
    }
    long elements = self().shape().elements();
    if (free >= 0) {
      if (known == 0 || elements % known != 0) {
        throw new IllegalArgumentException(
            "reshape of " + self().type() + " to " + Arrays.toString(dims) + " does not come out");
      }
      d[free] = Math.toIntExact(elements / known);
    }
    return apply(new Reshape(Shape.of(d)));
  }

  /** Reorders axes: axis i of the result is axis {@code order[i]} of this. */
  public Tensor permute(int... order) {
    return apply(new Permute(Arrays.stream(order).map(self().shape()::axis).boxed().toList()));
  }

  /** [N,C,H,W] → [N,H,W,C]. */
  public Tensor nchwToNhwc() {
    return permute(0, 2, 3, 1);
  }

  /** [N,H,W,C] → [N,C,H,W]. */
  public Tensor nhwcToNchw() {
    return permute(0, 3, 1, 2);
  }

  /** Repeats axes of extent 1 to broadcast to {@code dims}. */
  public Tensor expand(int... dims) {
    return apply(new Expand(Shape.of(dims)));
  }

  /** Elements {@code start ≤ i < end} along one axis; negative bounds count from the end. */
  public Tensor slice(int axis, int start, int end) {
    Shape s = self().shape();
    int a = s.axis(axis);
    List<Integer> starts = new ArrayList<>();
    List<Integer> ends = new ArrayList<>();
    List<Integer> steps = new ArrayList<>();
    for (int i = 0; i < s.rank(); i++) {
      starts.add(i == a ? (start < 0 ? start + s.dim(a) : start) : 0);
      ends.add(i == a ? (end < 0 ? end + s.dim(a) : end) : s.dim(i));
      steps.add(1);
    }
    return apply(new Slice(starts, ends, steps));
  }

  /** Surrounds with zeros: before and after one axis. */
  public Tensor pad(int axis, int before, int after) {
    int rank = self().shape().rank();
    int a = self().shape().axis(axis);
    List<Integer> b = IntStream.range(0, rank).mapToObj(i -> i == a ? before : 0).toList();
    List<Integer> f = IntStream.range(0, rank).mapToObj(i -> i == a ? after : 0).toList();
    return apply(new Pad(b, f, 0f));
  }

  /** Joins tensors that are equal but for {@code axis}. */
  public static Tensor concat(int axis, Tensor... parts) {
    if (parts.length == 0) {
      throw new IllegalArgumentException("concat needs at least one tensor");
    }
    return Tensor.apply(new Concat(parts[0].shape().axis(axis)), parts);
  }

  /** Rows of this table [V,C] by ids [...] → [...,C]. */
  public Tensor gather(Tensor ids) {
    return apply(new Gather(), ids);
  }

  /** Nearest-neighbour resizing of [N,H,W,C]. */
  public Tensor upsampleNearest(int height, int width) {
    return apply(new UpsampleNearest(height, width));
  }
}
