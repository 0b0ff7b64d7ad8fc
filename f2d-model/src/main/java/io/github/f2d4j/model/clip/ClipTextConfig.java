package io.github.f2d4j.model.clip;

import io.github.f2d4j.model.checkpoint.ConfigJson;

/**
 * The architecture of a {@link ClipTextEncoder}, with the names of Hugging Face's {@code
 * config.json}.
 *
 * @param vocabSize number of tokens
 * @param hiddenSize width of the states
 * @param intermediateSize width inside the perceptrons
 * @param numHiddenLayers number of layers
 * @param numAttentionHeads heads of each attention
 * @param maxPositionEmbeddings longest prompt in tokens, with its ends
 * @param hiddenAct {@code quick_gelu} (OpenAI's weights) or {@code gelu} (OpenCLIP's)
 * @param layerNormEps epsilon of the layer normalisations
 */
public record ClipTextConfig(
    int vocabSize,
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int maxPositionEmbeddings,
    String hiddenAct,
    float layerNormEps) {
  static final String QUICK_GELU = "quick_gelu";
  static final String GELU = "gelu";

  /**
   * Reads {@code text_encoder/config.json}.
   *
   * @throws io.github.f2d4j.model.checkpoint.ConfigException naming the key, if a value is missing,
   *     malformed or not supported
   */
  public static ClipTextConfig of(ConfigJson c) {
    c.requireNeutral("model_type", "clip_text_model");
    int hidden = c.positive("hidden_size");
    int heads = c.positive("num_attention_heads");
    if (hidden % heads != 0) {
      throw c.wrong("num_attention_heads", "a divisor of hidden_size, which is " + hidden);
    }
    return new ClipTextConfig(
        c.positive("vocab_size"),
        hidden,
        c.positive("intermediate_size"),
        c.positive("num_hidden_layers"),
        heads,
        c.positive("max_position_embeddings", 77),
        c.choice("hidden_act", QUICK_GELU, QUICK_GELU, GELU),
        (float) c.number("layer_norm_eps", 1e-5));
  }
}
