package io.github.f2d4j.model.expression;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.BatchNorm;
import io.github.f2d4j.engine.nn.Conv2d;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** torchvision's ResNet of bottlenecks up to the global average; the stride is on the 3×3. */
final class ResNet extends Layer {
  private static final float EPS = 1e-5f; // PyTorch's default

  private final Conv2d conv1;
  private final BatchNorm bn1;
  private final List<Stage> layers = new ArrayList<>();
  private final int features;

  ResNet(Weights w, ExpressionConfig config) {
    super(w);
    int in = config.stemChannels();
    conv1 = new Conv2d(w.at("conv1"), 3, in, 7, Window.of(2, 3), false);
    bn1 = new BatchNorm(w.at("bn1"), in, EPS);
    for (int i = 0; i < config.planes().size(); i++) {
      Weights at = w.at("layer" + (i + 1));
      int stride = i == 0 ? 1 : 2;
      layers.add(new Stage(at, in, config.planes().get(i), config.layers().get(i), stride, config));
      in = config.planes().get(i) * config.expansion();
    }
    features = in;
  }

  /** Channels of the result. */
  int features() {
    return features;
  }

  /** x [N,H,W,3] → [N,1,1,features]. */
  Tensor forward(Tensor x) {
    Tensor h = bn1.forward(conv1.forward(x)).relu();
    h = observed("maxpool", h.maxPool2d(3, Window.of(2, 1)));
    for (Stage layer : layers) {
      h = layer.forward(h);
    }
    return observed("avgpool", h.mean(1, 2).reshape(x.dim(0), 1, 1, features));
  }

  private static final class Stage extends Layer {
    private final List<Bottleneck> blocks = new ArrayList<>();

    Stage(Weights w, int in, int planes, int count, int stride, ExpressionConfig config) {
      super(w);
      int out = planes * config.expansion();
      for (int i = 0; i < count; i++) {
        blocks.add(new Bottleneck(w.at(i), i == 0 ? in : out, planes, out, i == 0 ? stride : 1));
      }
    }

    Tensor forward(Tensor x) {
      Tensor h = x;
      for (Bottleneck block : blocks) {
        h = block.forward(h);
      }
      return observed(h);
    }
  }

  private static final class Bottleneck extends Layer {
    private final Conv2d conv1;
    private final BatchNorm bn1;
    private final Conv2d conv2;
    private final BatchNorm bn2;
    private final Conv2d conv3;
    private final BatchNorm bn3;
    private final @Nullable Conv2d downsampleConv; // downsample.0
    private final @Nullable BatchNorm downsampleNorm; // downsample.1

    Bottleneck(Weights w, int in, int planes, int out, int stride) {
      super(w);
      conv1 = new Conv2d(w.at("conv1"), in, planes, 1, Window.of(1, 0), false);
      bn1 = new BatchNorm(w.at("bn1"), planes, EPS);
      conv2 = new Conv2d(w.at("conv2"), planes, planes, 3, Window.of(stride, 1), false);
      bn2 = new BatchNorm(w.at("bn2"), planes, EPS);
      conv3 = new Conv2d(w.at("conv3"), planes, out, 1, Window.of(1, 0), false);
      bn3 = new BatchNorm(w.at("bn3"), out, EPS);
      if (stride == 1 && in == out) {
        downsampleConv = null;
        downsampleNorm = null;
      } else {
        Weights at = w.at("downsample");
        downsampleConv = new Conv2d(at.at(0), in, out, 1, Window.of(stride, 0), false);
        downsampleNorm = new BatchNorm(at.at(1), out, EPS);
      }
    }

    /** x [N,H,W,in] → [N,H/stride,W/stride,out]. */
    Tensor forward(Tensor x) {
      Tensor h = bn1.forward(conv1.forward(x)).relu();
      h = bn2.forward(conv2.forward(h)).relu();
      h = bn3.forward(conv3.forward(h));
      Tensor identity = x;
      if (downsampleConv != null && downsampleNorm != null) {
        identity = downsampleNorm.forward(downsampleConv.forward(x));
      }
      return observed(h.add(identity).relu());
    }
  }
}
