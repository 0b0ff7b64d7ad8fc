package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.random.NoiseSource;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.scheduler.Scheduler;
import io.github.f2d4j.model.text.TokenizedPrompt;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** One generation after another, from a complete request and the words of a person. */
final class PromptToImages {
  private static final System.Logger LOG = System.getLogger(PromptToImages.class.getName());

  private final PipelineParts parts;
  private final PromptEncoder prompts;
  private final GuidedDenoiser denoiser;
  private final LatentDecoder decoder;
  private final LatentPreview preview;
  private final PipelineLife life;

  PromptToImages(PipelineParts parts, GuidedDenoiser denoiser, PipelineLife life) {
    this.parts = parts;
    this.prompts =
        new PromptEncoder(parts.tokenizer(), parts.textEncoder(), parts.defaults().identifier());
    this.denoiser = denoiser;
    this.decoder = new LatentDecoder(parts.vae());
    this.preview = new LatentPreview(parts.vae());
    this.life = life;
  }

  /** What {@link #run} computes in {@code steps} steps of the sampler. */
  GenerationAnalysis analyze(GenerationRequest r, int steps) {
    return new StageAnalyses(parts, denoiser, decoder)
        .of(r, steps, value(r.width()), value(r.height()), value(r.guidanceScale()) > 1);
  }

  /**
   * Makes pictures.
   *
   * @param noise the stream of a seed
   */
  GenerationResult run(
      IdentityWords words,
      GenerationRequest r,
      LongFunction<NoiseSource> noise,
      GenerationListener listener) {
    long start = System.nanoTime();
    List<String> warnings = new ArrayList<>();
    PromptEncoder.PersonalPrompt prompt =
        prompts.personal(r.prompt(), w -> warn(w, warnings, listener));
    TokenizedPrompt negative = prompts.plain(r.negativePrompt(), w -> warn(w, warnings, listener));
    double guidance = value(r.guidanceScale());
    if (guidance <= 1 && !r.negativePrompt().isBlank()) {
      warn("the negative prompt has no effect without guidance", warnings, listener);
    }
    Scheduler scheduler = r.scheduler().create(parts.scheduler(), r.eta());
    List<Long> seeds = LongStream.range(0, r.images()).mapToObj(i -> r.seed() + i).toList();
    DenoisingLoop loop =
        new DenoisingLoop(
            denoiser,
            scheduler.start(value(r.steps())),
            latentNoise(r, seeds, noise),
            this::render);
    DenoisingLoop.requireGoOn(listener, "before the first step");
    GuidedDenoiser.Prompts read =
        Stages.timed(
            Stage.Kind.PROMPT, 1, 1, listener, () -> read(prompt, negative, words, guidance > 1));
    Tensor latents = loop.run(read, guidance, listener, (step, x) -> {});
    List<RgbImage> images = decoder.images(latents, r.tiles(), listener);
    Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
    LOG.log(
        Level.DEBUG,
        "Generated {0} pictures of {1} x {2} pixels in {3} ms",
        r.images(),
        r.width(),
        r.height(),
        elapsed.toMillis());
    return new GenerationResult(images, seeds, r, warnings, elapsed);
  }

  private LatentNoise latentNoise(
      GenerationRequest r, List<Long> seeds, LongFunction<NoiseSource> noise) {
    int factor = parts.vae().config().scale();
    return new LatentNoise(
        seeds.stream().map(noise::apply).toList(),
        value(r.height()) / factor,
        value(r.width()) / factor,
        parts.unet().config().inChannels());
  }

  /** A preview may be asked for when the run is over. */
  private List<RgbImage> render(Tensor latents) {
    try (PipelineLife.Run _ = life.enter()) {
      return preview.render(latents);
    }
  }

  private static void warn(String message, List<String> warnings, GenerationListener listener) {
    warnings.add(message);
    listener.onWarning(message);
  }

  /** Encodes and reads the prompts; all pictures share them. */
  private GuidedDenoiser.Prompts read(
      PromptEncoder.PersonalPrompt prompt,
      TokenizedPrompt negative,
      IdentityWords words,
      boolean guided) {
    Tensor text = prompts.states(prompt, words); // [1,T,D]
    return denoiser.read(
        guided ? Tensor.concat(0, prompts.states(negative), text).eval() : text, guided);
  }

  static <T> T value(@Nullable T completed) {
    if (completed == null) {
      throw new IllegalStateException("a completed request has no gaps");
    }
    return completed;
  }
}
