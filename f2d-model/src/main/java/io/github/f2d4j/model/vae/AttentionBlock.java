package io.github.f2d4j.model.vae;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Conv2d;
import io.github.f2d4j.engine.nn.GroupNorm;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Linear;
import io.github.f2d4j.engine.nn.Weights;
import java.util.function.UnaryOperator;

/**
 * Attention of all pixels to each other, one head, added to the input. diffusers' {@code
 * attention_processor.py Attention} with {@code residual_connection}, called {@code AttentionBlock}
 * before 0.15. Checkpoints of both times are read: {@code to_q}, {@code to_k}, {@code to_v}, {@code
 * to_out.0}, or {@code query}, {@code key}, {@code value}, {@code proj_attn} as in the public
 * Stable Diffusion 1.4 file.
 */
final class AttentionBlock extends Layer {
  private final GroupNorm groupNorm; // group_norm.{weight,bias} [C]
  private final UnaryOperator<Tensor> query; // to_q or query
  private final UnaryOperator<Tensor> key; // to_k or key
  private final UnaryOperator<Tensor> value; // to_v or value
  private final UnaryOperator<Tensor> projAttn; // to_out.0 or proj_attn

  AttentionBlock(Weights w, int channels, int groups, float eps) {
    super(w);
    this.groupNorm = new GroupNorm(w.at("group_norm"), groups, channels, eps);
    this.query = projection(w.atAny("to_q", "query"), channels);
    this.key = projection(w.atAny("to_k", "key"), channels);
    this.value = projection(w.atAny("to_v", "value"), channels);
    this.projAttn = projection(w.atAny("to_out.0", "proj_attn"), channels);
  }

  /** A linear layer [C,C], which files converted from the original release keep as [C,C,1,1]. */
  private static UnaryOperator<Tensor> projection(Weights w, int channels) {
    boolean convolution = w.extent("weight", 3, 0) == 1;
    return convolution
        ? new Conv2d(w, channels, channels, 1)::forward
        : new Linear(w, channels, channels)::forward;
  }

  /** x [N,H,W,C] → the same shape. */
  Tensor forward(Tensor x) {
    int channels = x.dim(3);
    Tensor h = groupNorm.forward(x);
    Tensor q = query.apply(h).reshape(x.dim(0), -1, channels); // [N,HW,C]
    Tensor k = key.apply(h).reshape(x.dim(0), -1, channels);
    Tensor v = value.apply(h).reshape(x.dim(0), -1, channels);
    Tensor a = q.attention(k, v, 1, false).reshape(x.shape().dims());
    return observed(projAttn.apply(a).add(x));
  }
}
