package io.github.f2d4j.model.pipeline;

/**
 * What a model takes where a request says nothing. Its makers can recommend values in {@code
 * mapping/config.json}: {@code num_inference_steps}, {@code guidance_scale}, {@code identifier};
 * otherwise upstream's apply.
 *
 * @param width in pixels: the size of the latents it was trained on times the autoencoder's factor
 * @param height in pixels
 * @param steps inference steps
 * @param guidanceScale how closely to follow the prompt
 * @param identifier the two words of a prompt that stand for the person
 */
public record GenerationDefaults(
    int width, int height, int steps, double guidanceScale, String identifier) {
  /** Upstream's number of steps. */
  public static final int STEPS = 30;

  /** Upstream's guidance. */
  public static final double GUIDANCE_SCALE = 7;

  /** Upstream's identifier. */
  public static final String IDENTIFIER = "f l";
}
