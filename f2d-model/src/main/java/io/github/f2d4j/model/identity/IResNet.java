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
    int size = config.outputSize(config.inputSize());
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

  /** As upstream, any size will do from which the same number of pixels is left for fc. */
  private Tensor require(Tensor faces) {
    int size = config.outputSize(inputSize());
    boolean fits =
        faces.shape().rank() == 4
            && faces.dim(3) == 3
            && config.outputSize(faces.dim(1)) == size
            && config.outputSize(faces.dim(2)) == size;
    return fits ? faces : AlignedFaces.require(faces, inputSize());
  }

  @Override
  public Tensor encode(Tensor alignedFaces) {
    Tensor h = bn2.forward(backbone.forward(require(alignedFaces)).getLast()); // [N,7,7,512]
    // The rows of fc count channels first.
    h = h.nhwcToNchw().reshape(h.dim(0), -1);
    return observed(features.forward(fc.forward(h)));
  }
}
