package io.github.f2d4j.peers.libtorch;

import static io.github.f2d4j.peers.libtorch.Tensors.then;

import io.github.f2d4j.peers.libtorch.Fastest.Candidate;
import io.github.f2d4j.peers.libtorch.Fastest.Form;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.jspecify.annotations.Nullable;

/** Layers with weights, in every form that libtorch has of them. */
final class Layers {
  private Layers() {}

  /**
   * x·Wᵀ + b: oneDNN with the weight packed, oneDNN with it dense, and what {@code nn.Linear}
   * calls.
   *
   * @param weight [out,in]; the layer's from now on
   */
  static Fastest linear(Tensor weight, @Nullable Tensor bias) {
    TensorOptional optional = optional(bias);
    return new Fastest(
        weight,
        List.of(
            new Candidate("linear, oneDNN, packed", () -> new PackedLinear(weight, bias)),
            new Candidate(
                "linear, oneDNN", () -> new DenseLinear(x -> OneDnn.linear(x, weight, bias))),
            new Candidate(
                "linear, OpenBLAS",
                () -> new DenseLinear(x -> torch.linear(x, weight, optional)))));
  }

  private record DenseLinear(UnaryOperator<Tensor> product) implements Form {
    @Override
    public Tensor apply(Tensor... inputs) {
      return product.apply(inputs[0]);
    }

    @Override
    public boolean readsSource() {
      return true;
    }
  }

  /** Packed at the first call, which tells the number of rows. */
  private static final class PackedLinear implements Form {
    private final Tensor weight;
    private final @Nullable Tensor bias;
    private @Nullable Tensor packed;

    PackedLinear(Tensor weight, @Nullable Tensor bias) {
      this.weight = weight;
      this.bias = bias;
    }

    @Override
    public Tensor apply(Tensor... inputs) {
      Tensor x = inputs[0];
      Tensor w = packed;
      if (w == null) {
        w = OneDnn.packLinear(weight, x.numel() / x.size(x.dim() - 1));
        packed = w;
      }
      return OneDnn.linear(x, w, bias);
    }

    @Override
    public void close() {
      if (packed != null) {
        packed.close();
      }
    }
  }

  /**
   * A convolution: channels last with a dense weight, and oneDNN with the weight packed.
   *
   * @param weight [out,in,k,k]; the layer's from now on
   */
  static Fastest convolution(Tensor weight, @Nullable Tensor bias, int stride, int padding) {
    return new Fastest(
        weight,
        List.of(
            new Candidate(
                "convolution, channels last",
                () -> new DenseConvolution(weight, bias, stride, padding)),
            new Candidate(
                "convolution, channels last, oneDNN, packed",
                () -> new PackedConvolution(weight, bias, stride, padding))));
  }

  private static final class DenseConvolution implements Form {
    private final Tensor weight;
    private final TensorOptional bias;
    private final long[] stride;
    private final long[] padding;

    DenseConvolution(Tensor weight, @Nullable Tensor bias, int stride, int padding) {
      this.weight = weight.contiguous(MemoryFormat.ChannelsLast);
      this.bias = optional(bias);
      this.stride = new long[] {stride, stride};
      this.padding = new long[] {padding, padding};
    }

    @Override
    public Tensor apply(Tensor... inputs) {
      return torch.conv2d(inputs[0], weight, bias, stride, padding, new long[] {1, 1}, 1);
    }

    @Override
    public void close() {
      weight.close();
    }
  }

  private static final class PackedConvolution implements Form {
    private final Tensor weight;
    private final @Nullable Tensor bias;
    private final int stride;
    private final int padding;
    private @Nullable Tensor packed;

    PackedConvolution(Tensor weight, @Nullable Tensor bias, int stride, int padding) {
      this.weight = weight;
      this.bias = bias;
      this.stride = stride;
      this.padding = padding;
    }

    @Override
    public Tensor apply(Tensor... inputs) {
      Tensor w = packed;
      if (w == null) {
        w = OneDnn.packConvolution(weight, inputs[0], stride, padding);
        packed = w;
      }
      return OneDnn.convolve(inputs[0], w, bias, stride, padding);
    }

    @Override
    public void close() {
      if (packed != null) {
        packed.close();
      }
    }
  }

  /**
   * Attention of q, k, v [n,tokens,heads·width] → [n,queries,heads·width]: {@code
   * scaled_dot_product_attention}, and plain products around a softmax.
   */
  static Fastest attention(int heads, boolean causal) {
    Form fused =
        inputs ->
            merged(
                split(inputs, heads),
                (q, k, v) ->
                    torch.scaled_dot_product_attention(
                        q, k, v, new TensorOptional(), 0, causal, new DoubleOptional(), false));
    Candidate first = new Candidate("scaled_dot_product_attention", () -> fused);
    if (causal) {
      return new Fastest(null, List.of(first));
    }
    Form plain = inputs -> merged(split(inputs, heads), Layers::products);
    return new Fastest(
        null, List.of(first, new Candidate("attention as products around softmax", () -> plain)));
  }

  private interface Attend {
    Tensor of(Tensor q, Tensor k, Tensor v);
  }

  private static Tensor products(Tensor q, Tensor k, Tensor v) {
    try (Scalar scale = new Scalar(1 / Math.sqrt((double) q.size(3)));
        Tensor transposed = k.transpose(-1, -2);
        Tensor scores = torch.matmul(q, transposed)) {
      scores.mul_(scale);
      try (Tensor p = torch.softmax(scores, -1)) {
        return torch.matmul(p, v);
      }
    }
  }

  /** [n,tokens,heads·width] → [n,heads,tokens,width], without a copy. */
  private static Tensor[] split(Tensor[] inputs, int heads) {
    Tensor[] parts = new Tensor[inputs.length];
    for (int i = 0; i < parts.length; i++) {
      Tensor t = inputs[i];
      parts[i] =
          then(t.view(t.size(0), t.size(1), heads, t.size(2) / heads), u -> u.transpose(1, 2));
    }
    return parts;
  }

  private static Tensor merged(Tensor[] parts, Attend attend) {
    Tensor q = parts[0];
    try (Tensor k = parts[1];
        Tensor v = parts[2];
        q) {
      return then(
          then(attend.of(q, k, v), t -> t.transpose(1, 2)),
          t -> t.reshape(t.size(0), t.size(1), t.size(2) * t.size(3)));
    }
  }

  /** Group normalisation in 32 groups. */
  static Tensor groupNorm(Tensor x, Tensor weight, Tensor bias, double eps) {
    try (PointerScope _ = new PointerScope()) {
      Tensor y =
          torch.group_norm(x, 32, new TensorOptional(weight), new TensorOptional(bias), eps, false);
      y.retainReference();
      return y;
    }
  }

  /** Group normalisation in 32 groups, then SiLU in place. */
  static Tensor groupNormSilu(Tensor x, Tensor weight, Tensor bias, double eps) {
    Tensor y = groupNorm(x, weight, bias, eps);
    torch.silu_(y);
    return y;
  }

  /** Layer normalisation over the last axis. */
  static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double eps) {
    try (PointerScope _ = new PointerScope()) {
      Tensor y =
          torch.layer_norm(
              x,
              new long[] {weight.size(0)},
              new TensorOptional(weight),
              new TensorOptional(bias),
              eps,
              false);
      y.retainReference();
      return y;
    }
  }

  static TensorOptional optional(@Nullable Tensor t) {
    return t == null ? new TensorOptional() : new TensorOptional(t);
  }
}
