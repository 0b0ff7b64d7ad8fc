package io.github.f2d4j.model.identity;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.BatchNorm;
import io.github.f2d4j.engine.nn.Conv2d;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.LayerNorm;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.types.DType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Face2Diffusion's published multi-scale identity encoder: a vision transformer whose class token
 * is read after several blocks, each reading normalised by a head of its own, and joined.
 *
 * @see <a
 *     href="https://github.com/mapooon/Face2Diffusion/blob/9af6a920804e6a4e0a98ace2d0c7bae9d2c9a02d/src/msid.py">msid.py</a>
 */
public final class MsidViT extends Layer implements IdentityEncoder {
  private final MsidVitConfig config;
  private final PatchEmbed patchEmbed;
  private final Tensor clsToken; // [1,1,D]
  private final Tensor posEmbed; // [1,T,D]
  private final List<VitBlock> blocks = new ArrayList<>();
  private final Map<Integer, DepthNorm> norms = new TreeMap<>();

  /** A network over the weights of one checkpoint. */
  public MsidViT(Weights w, MsidVitConfig config) {
    super(w);
    this.config = config;
    int width = config.embedDim();
    patchEmbed = new PatchEmbed(w.at("patch_embed"), config);
    clsToken = w.get("cls_token", 1, 1, width).cast(DType.F32);
    posEmbed = w.get("pos_embed", 1, config.tokens(), width).cast(DType.F32);
    for (int i = 0; i < config.depth(); i++) {
      blocks.add(new VitBlock(w.at("blocks").at(i), config));
    }
    for (int depth : config.extDepthes()) {
      norms.put(depth, new DepthNorm(w.at("norms").at("layer_" + depth), width));
    }
    // timm's last normalisation is in the checkpoint; upstream never calls it.
    w.get("norm.weight", width);
    w.get("norm.bias", width);
  }

  /** The dimensions. */
  public MsidVitConfig config() {
    return config;
  }

  @Override
  public int features() {
    return config.features();
  }

  @Override
  public int inputSize() {
    return config.imgSize();
  }

  @Override
  public Tensor encode(Tensor alignedFaces) {
    return observed(extractMlfeat(alignedFaces, config.extDepthes()));
  }

  /**
   * The class token after each of {@code depthes}, ascending, joined: upstream's {@code
   * extract_mlfeat}. A block without a normalisation of its own gives its raw class token.
   *
   * @param alignedFaces as for {@link #encode}
   * @param depthes blocks from 0; each counts once
   * @return [N,{@code depthes}·embedDim]
   * @throws IllegalArgumentException if there is no such block
   */
  public Tensor extractMlfeat(Tensor alignedFaces, Collection<Integer> depthes) {
    TreeSet<Integer> wanted = new TreeSet<>(depthes);
    if (wanted.isEmpty() || wanted.first() < 0 || wanted.last() >= config.depth()) {
      throw new IllegalArgumentException(
          "depths " + depthes + " must name blocks from 0 to " + (config.depth() - 1));
    }
    Tensor x = AlignedFaces.require(alignedFaces, inputSize());
    int n = x.dim(0);
    int width = config.embedDim();
    Tensor h = Tensor.concat(1, clsToken.expand(n, 1, width), patchEmbed.forward(x)); // [N,T,D]
    h = h.add(posEmbed);
    List<Tensor> features = new ArrayList<>();
    for (int i = 0; i <= wanted.last(); i++) {
      h = blocks.get(i).forward(h);
      if (wanted.contains(i)) {
        Tensor token = h.slice(1, 0, 1).reshape(n, width);
        DepthNorm norm = norms.get(i);
        features.add(norm == null ? token : norm.forward(token));
      }
    }
    return Tensor.concat(1, features.toArray(Tensor[]::new));
  }

  /** {@code patch_embed}: a convolution that steps from patch to patch. */
  private static final class PatchEmbed extends Layer {
    private final Conv2d proj;

    PatchEmbed(Weights w, MsidVitConfig config) {
      super(w);
      int patch = config.patchSize();
      proj = new Conv2d(w.at("proj"), 3, config.embedDim(), patch, Window.of(patch, 0));
    }

    /** x [N,H,W,3] → [N,patches,D], row by row. */
    Tensor forward(Tensor x) {
      Tensor h = proj.forward(x);
      return observed(h.reshape(h.dim(0), h.dim(1) * h.dim(2), h.dim(3)));
    }
  }

  /**
   * {@code norms.layer_i}: batch normalisation ({@code 0}), then layer normalisation ({@code 1}).
   */
  private static final class DepthNorm extends Layer {
    private static final float EPS = 1e-5f; // PyTorch's default

    private final BatchNorm batchNorm;
    private final LayerNorm layerNorm;

    DepthNorm(Weights w, int width) {
      super(w);
      batchNorm = new BatchNorm(w.at(0), width, EPS);
      layerNorm = new LayerNorm(w.at(1), width, EPS);
    }

    Tensor forward(Tensor token) {
      return observed(layerNorm.forward(batchNorm.forward(token)));
    }
  }
}
