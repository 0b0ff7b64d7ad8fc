package io.github.f2d4j.model.expression;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Conv2d;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.model.checkpoint.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a face's expression as 64 coefficients of a three-dimensional face model: Deep3DFaceRecon's
 * {@code ReconNetWrapper}, a ResNet-50 ({@code backbone}) with seven 1×1 heads ({@code
 * final_layers}).
 *
 * <p>The network was trained on crops of {@value #INPUT_SIZE} × {@value #INPUT_SIZE} pixels, RGB in
 * 0..1, that are aligned otherwise than those of the identity encoder: upright (no rotation),
 * scaled and shifted so that the five points (eyes, nose, mouth corners) best fit, by least
 * squares, the average face of the Basel face model under weak perspective, which upstream scales
 * to {@value #FACE_SCALE} pixels per model unit and puts into the middle of the crop. That average
 * face is part of the face model, which is licensed by its authors and not included here, so this
 * class takes a finished crop.
 *
 * @see <a
 *     href="https://github.com/sicxu/Deep3DFaceRecon_pytorch/blob/9167c71/models/networks.py">networks.py</a>
 */
public final class ExpressionEncoder extends Layer {
  /** Height and width of the crops on which the published network was trained. */
  public static final int INPUT_SIZE = 224;

  /** Pixels per unit of the face model in such a crop; upstream's {@code rescale_factor}. */
  public static final int FACE_SCALE = 102;

  /** A face smaller than this has no pixel left after the last stage. */
  private static final int LEAST_SIZE = 32;

  private final ExpressionConfig config;
  private final ResNet backbone;
  private final List<Conv2d> finalLayers = new ArrayList<>();

  /** A network over the weights of one checkpoint. */
  public ExpressionEncoder(Weights w, ExpressionConfig config) {
    super(w);
    this.config = config;
    backbone = new ResNet(w.at("backbone"), config);
    for (int i = 0; i < config.heads().size(); i++) {
      Weights at = w.at("final_layers").at(i);
      finalLayers.add(new Conv2d(at, backbone.features(), config.heads().get(i), 1));
    }
  }

  /**
   * Loads a checkpoint: a weight file or a folder that holds one, and the {@code config.json}
   * beside it, if there is one.
   *
   * @throws io.github.f2d4j.model.checkpoint.ConfigException if the configuration cannot be used
   * @throws io.github.f2d4j.engine.nn.WeightsException if the weights do not fit the network
   * @throws IOException if a file cannot be read
   */
  public static ExpressionEncoder load(Path path) throws IOException {
    return of(Checkpoint.open(path));
  }

  /**
   * The network over an open checkpoint, with or without data; checks every weight.
   *
   * @throws io.github.f2d4j.model.checkpoint.ConfigException if the configuration cannot be used
   * @throws io.github.f2d4j.engine.nn.WeightsException if the weights do not fit the network
   */
  public static ExpressionEncoder of(Checkpoint checkpoint) {
    Weights w = checkpoint.weights();
    ExpressionEncoder network =
        new ExpressionEncoder(w, ExpressionConfig.of(checkpoint.configOrEmpty(), w));
    w.verify();
    return network;
  }

  /** The dimensions. */
  public ExpressionConfig config() {
    return config;
  }

  /** The number of expression coefficients. */
  public int features() {
    return config.features();
  }

  /**
   * All coefficients: identity, expression, texture, angles, light, position, distance.
   *
   * @param faces RGB crops, F32 [N,H,W,3] in 0..1, {@value #INPUT_SIZE} × {@value #INPUT_SIZE} for
   *     the published network
   * @return [N,257] for the published network
   * @throws IllegalArgumentException if the faces have another shape
   */
  public Tensor coefficients(Tensor faces) {
    Shape s = faces.shape();
    if (s.rank() != 4 || s.dim(3) != 3 || s.dim(1) < LEAST_SIZE || s.dim(2) < LEAST_SIZE) {
      throw new IllegalArgumentException(
          "the expression encoder got "
              + faces.type()
              + " but needs RGB face crops F32[N,"
              + INPUT_SIZE
              + ","
              + INPUT_SIZE
              + ",3] with values in 0..1");
    }
    Tensor h = backbone.forward(faces); // [N,1,1,C]
    Tensor[] parts = finalLayers.stream().map(l -> l.forward(h)).toArray(Tensor[]::new);
    return observed(Tensor.concat(3, parts).reshape(s.dim(0), config.coefficients()));
  }

  /**
   * The expression alone: [N,64] for the published network. Parameters as {@link #coefficients}.
   */
  public Tensor encode(Tensor faces) {
    return coefficients(faces).slice(1, config.expStart(), config.expEnd());
  }
}
