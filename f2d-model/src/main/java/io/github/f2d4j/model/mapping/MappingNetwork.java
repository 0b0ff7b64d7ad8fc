package io.github.f2d4j.model.mapping;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Linear;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.model.checkpoint.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Maps an identity to the two words that stand for the person in a prompt, guided by an expression
 * (MAP; upstream's {@code IMG2TEXTwithEXP}). The words take the place of the text encoder's token
 * and position embeddings of the identifier "f l".
 *
 * <p>Without an expression the learned {@code null_exp} takes its place: it means "not told", so
 * that the prompt decides.
 *
 * @see <a
 *     href="https://github.com/mapooon/Face2Diffusion/blob/9af6a920804e6a4e0a98ace2d0c7bae9d2c9a02d/src/modules.py">modules.py</a>
 */
public final class MappingNetwork extends Layer {
  private final MappingConfig config;
  private final Mlp i2tFirst;
  private final Mlp i2tLast;
  private final Tensor nullExp; // [expDim]

  /**
   * The two words of N people.
   *
   * @param first [N,outputDim], for "f"
   * @param last [N,outputDim], for "l"
   */
  public record Words(Tensor first, Tensor last) {}

  /** A network over the weights of one checkpoint. */
  public MappingNetwork(Weights w, MappingConfig config) {
    super(w);
    this.config = config;
    i2tFirst = new Mlp(w.at("i2t_first"), config);
    i2tLast = new Mlp(w.at("i2t_last"), config);
    nullExp = w.get("null_exp", config.expDim()).cast(DType.F32);
  }

  /**
   * Loads a checkpoint: a weight file or a folder that holds one, and the {@code config.json}
   * beside it, if there is one.
   *
   * @throws io.github.f2d4j.model.checkpoint.ConfigException if the configuration cannot be used
   * @throws io.github.f2d4j.engine.nn.WeightsException if the weights do not fit the network
   * @throws IOException if a file cannot be read
   */
  public static MappingNetwork load(Path path) throws IOException {
    return of(Checkpoint.open(path));
  }

  /**
   * The network over an open checkpoint, with or without data; checks every weight.
   *
   * @throws io.github.f2d4j.model.checkpoint.ConfigException if the configuration cannot be used
   * @throws io.github.f2d4j.engine.nn.WeightsException if the weights do not fit it
   */
  public static MappingNetwork of(Checkpoint checkpoint) {
    Weights w = checkpoint.weights();
    MappingNetwork network = new MappingNetwork(w, MappingConfig.of(checkpoint.configOrEmpty(), w));
    w.verify();
    return network;
  }

  /** The dimensions. */
  public MappingConfig config() {
    return config;
  }

  /** The words of people whose expression is left to the prompt. */
  public Words map(Tensor identity) {
    return map(identity, null, null);
  }

  /**
   * The words of people.
   *
   * @param identity F32 [N,embedDim]
   * @param expression F32 [N,expDim] or [1,expDim] for all; null means {@code null_exp}
   * @param mask F32 [N] or [N,1], 1 where the expression counts and 0 where {@code null_exp} takes
   *     its place; null means 1 everywhere
   * @throws IllegalArgumentException if a shape does not fit
   */
  public Words map(Tensor identity, @Nullable Tensor expression, @Nullable Tensor mask) {
    if (identity.shape().rank() != 2 || identity.dim(1) != config.embedDim()) {
      throw new IllegalArgumentException(
          "the mapping network got identities "
              + identity.type()
              + " but needs F32[N,"
              + config.embedDim()
              + "]; use the identity encoder that belongs to it");
    }
    Tensor exp = expression(identity.dim(0), expression, mask);
    Tensor x = Tensor.concat(1, identity, exp); // [N,embedDim+expDim]
    return new Words(i2tFirst.forward(x), i2tLast.forward(x));
  }

  /** exp·mask + null_exp·(1 − mask), [N,expDim]. */
  private Tensor expression(int n, @Nullable Tensor expression, @Nullable Tensor mask) {
    int width = config.expDim();
    Tensor none = nullExp.reshape(1, width);
    if (mask != null && !List.of(Shape.of(n), Shape.of(n, 1)).contains(mask.shape())) {
      throw new IllegalArgumentException(
          "the expression mask is " + mask.type() + " but must be F32" + Shape.of(n));
    }
    if (expression == null) {
      return none.expand(n, width);
    }
    if (!List.of(Shape.of(n, width), Shape.of(1, width)).contains(expression.shape())) {
      throw new IllegalArgumentException(
          "the expression is "
              + expression.type()
              + " but must be F32"
              + Shape.of(n, width)
              + ": "
              + width
              + " coefficients for each of "
              + n
              + " identities");
    }
    if (mask == null) {
      return expression.expand(n, width);
    }
    Tensor m = mask.reshape(n, 1);
    return expression.mul(m).add(none.mul(m.affine(-1, 1)));
  }

  /** {@code layers.<i>.0} with LeakyReLU, then {@code fc_out}. */
  private static final class Mlp extends Layer {
    private final List<Linear> layers = new ArrayList<>();
    private final Linear fcOut;
    private final float slope;

    Mlp(Weights w, MappingConfig config) {
      super(w);
      int in = config.embedDim() + config.expDim();
      for (int i = 0; i < config.layers(); i++) {
        layers.add(new Linear(w.at("layers").at(i).at(0), in, config.middleDim()));
        in = config.middleDim();
      }
      fcOut = new Linear(w.at("fc_out"), in, config.outputDim());
      slope = config.leakyReluSlope();
    }

    Tensor forward(Tensor x) {
      Tensor h = x;
      for (Linear layer : layers) {
        h = layer.forward(h).leakyRelu(slope);
      }
      return observed(fcOut.forward(h));
    }
  }
}
