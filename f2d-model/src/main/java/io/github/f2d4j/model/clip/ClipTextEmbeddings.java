package io.github.f2d4j.model.clip;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Embedding;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Weights;
import java.util.stream.LongStream;

/** Token plus position. transformers' {@code CLIPTextEmbeddings}. */
final class ClipTextEmbeddings extends Layer {
  private final Embedding tokenEmbedding; // token_embedding.weight [vocab,C]
  private final Embedding positionEmbedding; // position_embedding.weight [positions,C]

  ClipTextEmbeddings(Weights w, ClipTextConfig config) {
    super(w);
    int width = config.hiddenSize();
    this.tokenEmbedding = new Embedding(w.at("token_embedding"), config.vocabSize(), width);
    this.positionEmbedding =
        new Embedding(w.at("position_embedding"), config.maxPositionEmbeddings(), width);
    w.ignore("position_ids"); // [1,positions], a buffer that old files hold: 0, 1, 2, …
  }

  /** ids [N,S] → [N,S,C]. */
  Tensor forward(Tensor ids) {
    int length = ids.dim(1);
    Tensor positions = Tensor.of(LongStream.range(0, length).toArray(), length);
    return observed(tokenEmbedding.forward(ids).add(positionEmbedding.forward(positions)));
  }
}
