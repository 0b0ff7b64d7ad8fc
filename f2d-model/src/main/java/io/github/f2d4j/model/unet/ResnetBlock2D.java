package io.github.f2d4j.model.unet;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Conv2d;
import io.github.f2d4j.engine.nn.GroupNorm;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Linear;
import io.github.f2d4j.engine.nn.Weights;
import org.jspecify.annotations.Nullable;

/**
 * Two 3×3 convolutions with a shortcut; the time embedding is added between them. diffusers' {@code
 * resnet.py ResnetBlock2D} with SiLU and {@code time_embedding_norm="default"}.
 */
public final class ResnetBlock2D extends Layer {
  private final int out;
  private final GroupNorm norm1; // norm1.{weight,bias} [in]
  private final Conv2d conv1; // conv1.{weight [out,in,3,3],bias}
  private final @Nullable Linear timeEmbProj; // time_emb_proj.{weight [out,temb],bias}
  private final int time; // time_emb_proj's number among those of the net
  private final GroupNorm norm2; // norm2.{weight,bias} [out]
  private final Conv2d conv2; // conv2.{weight [out,out,3,3],bias}
  private final @Nullable Conv2d convShortcut; // conv_shortcut.{weight [out,in,1,1],bias}

  /** A block without a time embedding, as the autoencoder has it. */
  public ResnetBlock2D(Weights w, int in, int out, int groups, float eps) {
    this(w, in, out, 0, groups, eps, null);
  }

  /**
   * A block of the denoiser.
   *
   * @param temb width of the time embedding
   * @param conditioning where the projection of the time is entered
   */
  ResnetBlock2D(
      Weights w,
      int in,
      int out,
      int temb,
      int groups,
      float eps,
      Conditioning.@Nullable Builder conditioning) {
    super(w);
    this.out = out;
    this.norm1 = new GroupNorm(w.at("norm1"), groups, in, eps);
    this.conv1 = new Conv2d(w.at("conv1"), in, out, 3);
    if (conditioning == null) {
      this.timeEmbProj = null;
      this.time = -1;
    } else {
      this.timeEmbProj = new Linear(w.at("time_emb_proj"), temb, out);
      this.time = conditioning.add(timeEmbProj, conv1);
    }
    this.norm2 = new GroupNorm(w.at("norm2"), groups, out, eps);
    this.conv2 = new Conv2d(w.at("conv2"), out, out, 3);
    this.convShortcut = in == out ? null : new Conv2d(w.at("conv_shortcut"), in, out, 1);
  }

  /** x [N,H,W,in] → [N,H,W,out]; for a block without a time embedding. */
  public Tensor forward(Tensor x) {
    if (timeEmbProj != null) {
      throw new IllegalArgumentException(path() + " needs a time embedding, but got none");
    }
    return finish(x, conv1.forward(norm1.forward(x).silu()));
  }

  /** x [N,H,W,in] → [N,H,W,out]. */
  Tensor forward(Tensor x, Conditioning.Step conditions) {
    Tensor n = norm1.forward(x).silu(); // [N,H,W,in]
    if (timeEmbProj != null && isObserved()) {
      conv1.forward(n);
      timeEmbProj.forward(conditions.activated());
    }
    // The time is added with the convolution's bias: where all images share it, as its bias.
    Tensor t = conditions.time(time); // [1,out] or [N,out]
    return finish(
        x,
        t.dim(0) == 1
            ? conv1.forward(n, t.reshape(out))
            : conv1.forward(n, null).add(t.reshape(t.dim(0), 1, 1, out)));
  }

  private Tensor finish(Tensor x, Tensor h) {
    h = conv2.forward(norm2.forward(h).silu()); // [N,H,W,out]
    return observed(h.add(convShortcut == null ? x : convShortcut.forward(x)));
  }
}
