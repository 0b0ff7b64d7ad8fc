package io.github.f2d4j.model.clip;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.LayerNorm;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.checkpoint.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Turns token ids into the states that the denoiser attends to. transformers' {@code
 * CLIPTextModel}, in two calls, because Face2Diffusion replaces embeddings between them:
 *
 * <pre>{@code
 * Tensor hidden = clip.embed(ids);                            // token + position
 * hidden = clip.inject(hidden, 0, position, first, last);     // the words of a face
 * Tensor states = clip.encode(hidden);
 * }</pre>
 *
 * <p>There is a causal mask only: padding is attended to, as Stable Diffusion was trained.
 */
public final class ClipTextEncoder extends Layer {
  private final ClipTextConfig config;
  private final ClipTextEmbeddings embeddings; // text_model.embeddings.*
  private final List<ClipEncoderLayer> layers; // text_model.encoder.layers.*
  private final LayerNorm finalLayerNorm; // text_model.final_layer_norm.*

  /** The model of {@code config} over the weights of a Hugging Face checkpoint. */
  public ClipTextEncoder(Weights w, ClipTextConfig config) {
    super(w);
    this.config = config;
    Weights model = w.at("text_model");
    this.embeddings = new ClipTextEmbeddings(model.at("embeddings"), config);
    Weights stack = model.at("encoder").at("layers");
    this.layers =
        IntStream.range(0, config.numHiddenLayers())
            .mapToObj(i -> new ClipEncoderLayer(stack.at(i), config))
            .toList();
    this.finalLayerNorm =
        new LayerNorm(model.at("final_layer_norm"), config.hiddenSize(), config.layerNormEps());
  }

  /**
   * Loads a component folder: {@code config.json} and the weights beside it.
   *
   * @throws io.github.f2d4j.model.checkpoint.ConfigException if the configuration is not supported
   * @throws io.github.f2d4j.engine.nn.WeightsException if the weights do not fit it
   * @throws IOException if a file cannot be read
   */
  public static ClipTextEncoder load(Path folder) throws IOException {
    return of(Checkpoint.open(folder));
  }

  /**
   * The model over an open checkpoint, with or without data; checks every weight.
   *
   * @throws io.github.f2d4j.model.checkpoint.ConfigException if the configuration is not supported
   * @throws io.github.f2d4j.engine.nn.WeightsException if the weights do not fit it
   */
  public static ClipTextEncoder of(Checkpoint checkpoint) {
    Weights w = checkpoint.weights();
    ClipTextEncoder model = new ClipTextEncoder(w, ClipTextConfig.of(checkpoint.config()));
    w.verify();
    return model;
  }

  /** The architecture. */
  public ClipTextConfig config() {
    return config;
  }

  /**
   * Token plus position embeddings of prompts of equal length S.
   *
   * @return [N,S,hiddenSize]
   * @throws IllegalArgumentException if the lengths differ or exceed the model's, or an id is not
   *     in its vocabulary
   */
  public Tensor embed(long[][] ids) {
    int length = ids.length == 0 ? 0 : ids[0].length;
    for (int i = 0; i < ids.length; i++) {
      if (ids[i].length != length) {
        throw new IllegalArgumentException(
            "prompt "
                + i
                + " has "
                + ids[i].length
                + " ids, prompt 0 has "
                + length
                + "; pad all to the same length");
      }
      for (int j = 0; j < length; j++) {
        if (ids[i][j] < 0 || ids[i][j] >= config.vocabSize()) {
          throw new IllegalArgumentException(
              "id %d at position %d of prompt %d is not in the vocabulary of %d tokens; tokenizer and text encoder must belong together"
                  .formatted(ids[i][j], j, i, config.vocabSize()));
        }
      }
    }
    long[] flat = Arrays.stream(ids).flatMapToLong(Arrays::stream).toArray();
    return embed(Tensor.of(flat, ids.length, length));
  }

  /**
   * Token plus position embeddings.
   *
   * @param ids I64 [N,S]; an id outside the vocabulary fails when the result is computed
   * @return [N,S,hiddenSize]
   * @throws IllegalArgumentException if S exceeds the model's length
   */
  public Tensor embed(Tensor ids) {
    if (ids.shape().rank() != 2 || ids.dim(1) > config.maxPositionEmbeddings()) {
      throw new IllegalArgumentException(
          "ClipTextEncoder.embed: got ids "
              + ids.type()
              + ", expected [N,S] with S of at most "
              + config.maxPositionEmbeddings());
    }
    return embeddings.forward(ids);
  }

  /**
   * Overwrites two neighbouring embeddings of one prompt, Face2Diffusion's injection of a face.
   * What is overwritten is token plus position: the words come without a position embedding.
   *
   * @param hidden embeddings [N,S,C]
   * @param row the prompt
   * @param position where the first word goes; the last goes to {@code position + 1}
   * @param wordFirst C elements
   * @param wordLast C elements
   * @return [N,S,C]
   * @throws IllegalArgumentException if row or position lie outside
   */
  public Tensor inject(Tensor hidden, int row, int position, Tensor wordFirst, Tensor wordLast) {
    int rows = hidden.dim(0);
    int length = hidden.dim(1);
    int width = hidden.dim(2);
    if (row < 0 || row >= rows || position < 0 || position + 2 > length) {
      throw new IllegalArgumentException(
          "cannot inject words at positions %d and %d of prompt %d into %d prompts of %d tokens"
              .formatted(position, position + 1, row, rows, length));
    }
    Tensor prompt = hidden.slice(0, row, row + 1); // [1,S,C]
    Tensor words = Tensor.concat(1, wordFirst.reshape(1, 1, width), wordLast.reshape(1, 1, width));
    return replaced(hidden, 0, row, replaced(prompt, 1, position, words));
  }

  /** {@code whole} with {@code part} from {@code start} on along an axis. */
  private static Tensor replaced(Tensor whole, int axis, int start, Tensor part) {
    List<Tensor> pieces = new ArrayList<>();
    int end = start + part.dim(axis);
    if (start > 0) {
      pieces.add(whole.slice(axis, 0, start));
    }
    pieces.add(part);
    if (end < whole.dim(axis)) {
      pieces.add(whole.slice(axis, end, whole.dim(axis)));
    }
    return pieces.size() == 1 ? part : Tensor.concat(axis, pieces.toArray(Tensor[]::new));
  }

  /**
   * Runs the layers and the final normalisation.
   *
   * @param hidden embeddings [N,S,C]
   * @return the last hidden state [N,S,C]
   */
  public Tensor encode(Tensor hidden) {
    for (ClipEncoderLayer layer : layers) {
      hidden = layer.forward(hidden);
    }
    return observed(finalLayerNorm.forward(hidden));
  }

  /**
   * Where a prompt ends: the first position of its largest id, which is the end-of-text token's.
   */
  public static int endPosition(long... ids) {
    int end = 0;
    for (int i = 1; i < ids.length; i++) {
      if (ids[i] > ids[end]) {
        end = i;
      }
    }
    return end;
  }

  /**
   * The state at the end of each prompt, which stands for all of it.
   *
   * @param lastHiddenState [N,S,C]
   * @param ids the N prompts
   * @return [N,C]
   */
  public static Tensor pooled(Tensor lastHiddenState, long[][] ids) {
    int width = lastHiddenState.dim(2);
    Tensor[] rows = new Tensor[ids.length];
    for (int i = 0; i < rows.length; i++) {
      int end = endPosition(ids[i]);
      rows[i] = lastHiddenState.slice(0, i, i + 1).slice(1, end, end + 1).reshape(1, width);
    }
    return Tensor.concat(0, rows);
  }
}
