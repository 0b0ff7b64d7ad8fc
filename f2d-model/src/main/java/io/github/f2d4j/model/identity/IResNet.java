package io.github.f2d4j.model.identity;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.BatchNorm;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Linear;
import io.github.f2d4j.engine.nn.Weights;

/**
 * ArcFace's residual network with its single embedding: stages, {@code bn2}, {@code fc}, {@code
 * features}. Cosines between embeddings measure how alike two people are; {@code
 * encode(x).l2Normalize(1e-12f)} gives unit vectors.
 *
 * @see IResNetBackbone
 */
public final class IResNet extends Layer implements IdentityEncoder {
  private final IResNetConfig config;
  private final IResNetBackbone backbone;
  private final BatchNorm bn2;
  private final Linear fc;
  private final BatchNorm features;

  /** A network over the weights of one checkpoint. */
  public IResNet(Weights w, IResNetConfig config) {
    super(w);
    this.config = config;
    int channels = config.channels().getLast();
    int size = config.outputSize();
    backbone = new IResNetBackbone(w, config);
    bn2 = new BatchNorm(w.at("bn2"), channels, config.batchNormEps());
    fc = new Linear(w.at("fc"), channels * size * size, config.numFeatures());
    features = new BatchNorm(w.at("features"), config.numFeatures(), config.batchNormEps());
  }

  /** The dimensions. */
  public IResNetConfig config() {
    return config;
  }

  @Override
  public int features() {
    return config.numFeatures();
  }

  @Override
  public int inputSize() {
    return config.inputSize();
  }

  @Override
  public Tensor encode(Tensor alignedFaces) {
    Tensor x = AlignedFaces.require(alignedFaces, inputSize());
    Tensor h = bn2.forward(backbone.forward(x).getLast()); // [N,7,7,512]
    // The rows of fc count channels first.
    h = h.nhwcToNchw().reshape(x.dim(0), -1);
    return observed(features.forward(fc.forward(h)));
  }
}
