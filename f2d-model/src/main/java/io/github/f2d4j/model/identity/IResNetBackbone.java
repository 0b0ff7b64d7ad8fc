package io.github.f2d4j.model.identity;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.BatchNorm;
import io.github.f2d4j.engine.nn.Conv2d;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Prelu;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The residual stages of ArcFace's {@code iresnet}: {@code conv1}, {@code bn1}, {@code prelu},
 * {@code layer1} … . Every stage starts with a step on the second convolution of its first block.
 *
 * @see <a
 *     href="https://github.com/deepinsight/insightface/blob/04a433f154de30ff8604d78f73f2b6af5822f71c/recognition/arcface_torch/backbones/iresnet.py">iresnet.py</a>
 */
final class IResNetBackbone {
  private final Conv2d conv1;
  private final BatchNorm bn1;
  private final Prelu prelu;
  private final List<Stage> layers = new ArrayList<>();

  IResNetBackbone(Weights w, IResNetConfig config) {
    int in = config.stemChannels();
    float eps = config.batchNormEps();
    conv1 = new Conv2d(w.at("conv1"), 3, in, 3, Window.of(1, 1), false);
    bn1 = new BatchNorm(w.at("bn1"), in, eps);
    prelu = new Prelu(w.at("prelu"), in);
    for (int i = 0; i < config.channels().size(); i++) {
      int out = config.channels().get(i);
      Weights at = w.at(IResNetConfig.level(i));
      layers.add(new Stage(at, in, out, config.blocks().get(i), config.strides().get(i), eps));
      in = out;
    }
  }

  /** x [N,H,W,3] → the output of every stage, [N,H',W',channels]. */
  List<Tensor> forward(Tensor x) {
    List<Tensor> outputs = new ArrayList<>();
    Tensor h = prelu.forward(bn1.forward(conv1.forward(x)));
    for (Stage layer : layers) {
      h = layer.forward(h);
      outputs.add(h);
    }
    return outputs;
  }

  private static final class Stage extends Layer {
    private final List<IBasicBlock> blocks = new ArrayList<>();

    Stage(Weights w, int in, int out, int count, int stride, float eps) {
      super(w);
      for (int i = 0; i < count; i++) {
        blocks.add(new IBasicBlock(w.at(i), i == 0 ? in : out, out, i == 0 ? stride : 1, eps));
      }
    }

    Tensor forward(Tensor x) {
      Tensor h = x;
      for (IBasicBlock block : blocks) {
        h = block.forward(h);
      }
      return observed(h);
    }
  }

  /** BN → 3×3 → BN → PReLU → 3×3 → BN, added to the input without an activation after the sum. */
  private static final class IBasicBlock extends Layer {
    private final BatchNorm bn1;
    private final Conv2d conv1;
    private final BatchNorm bn2;
    private final Prelu prelu;
    private final Conv2d conv2;
    private final BatchNorm bn3;
    private final @Nullable Downsample downsample;

    IBasicBlock(Weights w, int in, int out, int stride, float eps) {
      super(w);
      bn1 = new BatchNorm(w.at("bn1"), in, eps);
      conv1 = new Conv2d(w.at("conv1"), in, out, 3, Window.of(1, 1), false);
      bn2 = new BatchNorm(w.at("bn2"), out, eps);
      prelu = new Prelu(w.at("prelu"), out);
      conv2 = new Conv2d(w.at("conv2"), out, out, 3, Window.of(stride, 1), false);
      bn3 = new BatchNorm(w.at("bn3"), out, eps);
      downsample =
          stride == 1 && in == out
              ? null
              : new Downsample(w.at("downsample"), in, out, stride, eps);
    }

    /** x [N,H,W,in] → [N,H/stride,W/stride,out]. */
    Tensor forward(Tensor x) {
      Tensor h = prelu.forward(bn2.forward(conv1.forward(bn1.forward(x))));
      h = bn3.forward(conv2.forward(h));
      return observed(h.add(downsample == null ? x : downsample.forward(x)));
    }
  }

  /** {@code downsample}: 1×1 convolution ({@code 0}) and batch normalisation ({@code 1}). */
  private static final class Downsample extends Layer {
    private final Conv2d conv;
    private final BatchNorm bn;

    Downsample(Weights w, int in, int out, int stride, float eps) {
      super(w);
      conv = new Conv2d(w.at(0), in, out, 1, Window.of(stride, 0), false);
      bn = new BatchNorm(w.at(1), out, eps);
    }

    Tensor forward(Tensor x) {
      return observed(bn.forward(conv.forward(x)));
    }
  }
}
