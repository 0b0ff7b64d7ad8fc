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
  private final GroupNorm norm2; // norm2.{weight,bias} [out]
  private final Conv2d conv2; // conv2.{weight [out,out,3,3],bias}
  private final @Nullable Conv2d convShortcut; // conv_shortcut.{weight [out,in,1,1],bias}

  /** A block without a time embedding, as the autoencoder has it. */
  public ResnetBlock2D(Weights w, int in, int out, int groups, float eps) {
    this(w, in, out, 0, groups, eps);
  }

  /**
   * A block.
   *
   * @param temb width of the time embedding; 0 for none
   */
  public ResnetBlock2D(Weights w, int in, int out, int temb, int groups, float eps) {
    super(w);
    this.out = out;
    this.norm1 = new GroupNorm(w.at("norm1"), groups, in, eps);
    this.conv1 = new Conv2d(w.at("conv1"), in, out, 3);
    this.timeEmbProj = temb == 0 ? null : new Linear(w.at("time_emb_proj"), temb, out);
    this.norm2 = new GroupNorm(w.at("norm2"), groups, out, eps);
    this.conv2 = new Conv2d(w.at("conv2"), out, out, 3);
    this.convShortcut = in == out ? null : new Conv2d(w.at("conv_shortcut"), in, out, 1);
  }

  /** x [N,H,W,in] → [N,H,W,out]; for a block without a time embedding. */
  public Tensor forward(Tensor x) {
    return forward(x, null);
  }

  /** x [N,H,W,in], temb [N,temb] → [N,H,W,out]. */
  public Tensor forward(Tensor x, @Nullable Tensor temb) {
    Tensor h = conv1.forward(norm1.forward(x).silu()); // [N,H,W,out]
    if (timeEmbProj != null) {
      if (temb == null) {
        throw new IllegalArgumentException(path() + " needs a time embedding, but got none");
      }
      Tensor t = timeEmbProj.forward(temb.silu()); // [N,out]
      h = h.add(t.reshape(t.dim(0), 1, 1, out));
    }
    h = conv2.forward(norm2.forward(h).silu());
    return observed(h.add(convShortcut == null ? x : convShortcut.forward(x)));
  }
}
