package io.github.f2d4j.model.identity;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.BatchNorm;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Linear;
import io.github.f2d4j.engine.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * Multi-scale identity encoder (MSID) on ArcFace's residual network: one head on each of several
 * stages, joined into one vector. It is trained with the ArcFace loss on the joined vector, so that
 * shallow stages too learn identity (Face2Diffusion, section 3.2).
 *
 * <p>The embedding layers {@code bn2}, {@code fc} and {@code features} of a backbone that was
 * trained as {@link IResNet} may be in the checkpoint; they are not read.
 */
public final class MultiScaleIResNet extends Layer implements IdentityEncoder {
  private final MultiScaleConfig config;
  private final IResNetBackbone backbone;
  private final List<Head> heads = new ArrayList<>();

  /** A network over the weights of one checkpoint. */
  public MultiScaleIResNet(Weights w, MultiScaleConfig config) {
    super(w);
    this.config = config;
    backbone = new IResNetBackbone(w, config.backbone());
    List<String> levels = config.backbone().levels();
    for (String level : config.headLevels()) {
      int stage = levels.indexOf(level);
      heads.add(new Head(w.at("heads").at(level), stage, config));
    }
    for (String embedding : List.of("bn2", "fc", "features")) {
      w.ignore(embedding);
    }
  }

  /** The dimensions. */
  public MultiScaleConfig config() {
    return config;
  }

  @Override
  public int features() {
    return config.features();
  }

  @Override
  public int inputSize() {
    return config.backbone().inputSize();
  }

  @Override
  public Tensor encode(Tensor alignedFaces) {
    Tensor x = AlignedFaces.require(alignedFaces, inputSize());
    List<Tensor> stages = backbone.forward(x);
    Tensor[] parts = heads.stream().map(h -> h.forward(stages.get(h.stage))).toArray(Tensor[]::new);
    return observed(Tensor.concat(1, parts)); // [N,heads·headDim]
  }

  /** {@code heads.<level>}: {@code bn}, mean over the image, {@code fc}, {@code norm}. */
  private static final class Head extends Layer {
    final int stage;
    private final BatchNorm bn;
    private final Linear fc;
    private final BatchNorm norm;

    Head(Weights w, int stage, MultiScaleConfig config) {
      super(w);
      this.stage = stage;
      int channels = config.backbone().channels().get(stage);
      float eps = config.backbone().batchNormEps();
      bn = new BatchNorm(w.at("bn"), channels, eps);
      fc = new Linear(w.at("fc"), channels, config.headDim());
      norm = new BatchNorm(w.at("norm"), config.headDim(), eps);
    }

    /** x [N,H,W,channels] → [N,headDim]. */
    Tensor forward(Tensor x) {
      return observed(norm.forward(fc.forward(bn.forward(x).mean(1, 2))));
    }
  }
}
