package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.model.scheduler.SchedulerKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What pictures to make of a face. Immutable; what is null takes the model's {@link
 * GenerationDefaults}.
 *
 * {@snippet file = "io/github/f2d4j/model/example/PipelineExample.java" region = "request"}
 *
 * @param prompt describes the picture; holds the identifier ("f l") where the person's name would
 *     stand
 * @param negativePrompt describes what the picture shall not be; may be empty
 * @param steps inference steps, at least 1
 * @param guidanceScale how closely to follow the prompt, at least 1 (which means: without guidance,
 *     in half the time)
 * @param width in pixels, a multiple of the autoencoder's factor
 * @param height in pixels, a multiple of the autoencoder's factor
 * @param seed seed of the first picture's noise; picture i has seed + i, whatever else is made with
 *     it
 * @param images number of pictures
 * @param scheduler the sampler
 * @param eta η of DDIM, 0 to 1; other samplers ignore it
 * @param expression coefficients of the face's expression; null leaves it to the prompt. Fewer than
 *     the mapping network takes are filled up with zeros
 * @param tiles whether to decode in tiles
 */
public record GenerationRequest(
    String prompt,
    String negativePrompt,
    @Nullable Integer steps,
    @Nullable Double guidanceScale,
    @Nullable Integer width,
    @Nullable Integer height,
    long seed,
    int images,
    SchedulerKind scheduler,
    double eta,
    @Nullable List<Float> expression,
    Tiles tiles) {
  /** Largest width and height: beyond, latents and arrays outgrow what one plan can hold. */
  public static final int MAX_SIDE = 8192;

  /** Largest number of pictures of one request. */
  public static final int MAX_IMAGES = 256;

  /** Largest number of steps: samplers have one training timestep for each, and most have 1000. */
  public static final int MAX_STEPS = 1000;

  private static final double MAX_GUIDANCE = 100;

  /**
   * Checks what can be checked without a model.
   *
   * @throws IllegalArgumentException naming the value, what is expected, and the remedy
   */
  public GenerationRequest {
    if (prompt.isBlank()) {
      throw new IllegalArgumentException(
          "the prompt is empty; describe the picture, as in \"a photo of f l at the beach\"");
    }
    if (steps != null && (steps < 1 || steps > MAX_STEPS)) {
      throw wrong("steps", steps, "a whole number from 1 to " + MAX_STEPS + ", such as 30");
    }
    if (guidanceScale != null && !(guidanceScale >= 1 && guidanceScale <= MAX_GUIDANCE)) {
      throw wrong(
          "guidance scale",
          guidanceScale,
          "from 1 (no guidance) to 100; 4 to 10 give good pictures");
    }
    requireSide("width", width);
    requireSide("height", height);
    if (images < 1 || images > MAX_IMAGES) {
      throw wrong("number of images", images, "from 1 to " + MAX_IMAGES);
    }
    if (!(eta >= 0 && eta <= 1)) {
      throw wrong("eta", eta, "from 0 to 1");
    }
    if (expression != null) {
      expression = List.copyOf(expression);
      if (expression.isEmpty() || !expression.stream().allMatch(Float::isFinite)) {
        throw wrong("expression", expression, "one or more finite coefficients");
      }
    }
  }

  private static void requireSide(String what, @Nullable Integer side) {
    if (side != null && (side < 1 || side > MAX_SIDE)) {
      throw wrong(what, side, "from 1 to " + MAX_SIDE + " pixels");
    }
  }

  private static IllegalArgumentException wrong(String what, Object given, String expected) {
    return new IllegalArgumentException("the " + what + " is " + given + "; expected " + expected);
  }

  /** A request for this prompt, with the model's defaults for the rest. */
  public static Builder of(String prompt) {
    return new Builder(prompt);
  }

  /** A builder that starts from this request. */
  public Builder toBuilder() {
    Builder b = new Builder(prompt);
    b.negativePrompt = negativePrompt;
    b.steps = steps;
    b.guidanceScale = guidanceScale;
    b.width = width;
    b.height = height;
    b.seed = seed;
    b.images = images;
    b.scheduler = scheduler;
    b.eta = eta;
    b.expression = expression;
    b.tiles = tiles;
    return b;
  }

  /** Collects the parts of a {@link GenerationRequest}; not for several threads. */
  public static final class Builder {
    private String prompt;
    private String negativePrompt = "";
    private @Nullable Integer steps;
    private @Nullable Double guidanceScale;
    private @Nullable Integer width;
    private @Nullable Integer height;
    private long seed;
    private int images = 1;
    private SchedulerKind scheduler = SchedulerKind.EULER_ANCESTRAL;
    private double eta;
    private @Nullable List<Float> expression;
    private Tiles tiles = Tiles.AUTO;

    private Builder(String prompt) {
      this.prompt = prompt;
    }

    /** Describes the picture. */
    public Builder prompt(String value) {
      this.prompt = value;
      return this;
    }

    /** Describes what the picture shall not be. */
    public Builder negativePrompt(String value) {
      this.negativePrompt = value;
      return this;
    }

    /** Inference steps. */
    public Builder steps(int value) {
      this.steps = value;
      return this;
    }

    /** How closely to follow the prompt; 1 means without guidance. */
    public Builder guidanceScale(double value) {
      this.guidanceScale = value;
      return this;
    }

    /** Width and height in pixels. */
    public Builder size(int newWidth, int newHeight) {
      this.width = newWidth;
      this.height = newHeight;
      return this;
    }

    /** Seed of the first picture's noise. */
    public Builder seed(long value) {
      this.seed = value;
      return this;
    }

    /** Number of pictures. */
    public Builder images(int value) {
      this.images = value;
      return this;
    }

    /** The sampler. */
    public Builder scheduler(SchedulerKind value) {
      this.scheduler = value;
      return this;
    }

    /** η of DDIM. */
    public Builder eta(double value) {
      this.eta = value;
      return this;
    }

    /** Coefficients of the expression; null leaves it to the prompt. */
    public Builder expression(@Nullable List<Float> value) {
      this.expression = value;
      return this;
    }

    /** Whether to decode in tiles. */
    public Builder tiles(Tiles value) {
      this.tiles = value;
      return this;
    }

    /**
     * The request.
     *
     * @throws IllegalArgumentException naming the value, what is expected, and the remedy
     */
    public GenerationRequest build() {
      return new GenerationRequest(
          prompt,
          negativePrompt,
          steps,
          guidanceScale,
          width,
          height,
          seed,
          images,
          scheduler,
          eta,
          expression,
          tiles);
    }
  }
}
