package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.random.NoiseSource;
import io.github.f2d4j.engine.random.TorchCpuNoise;
import io.github.f2d4j.model.expression.ExpressionEncoder;
import io.github.f2d4j.model.face.AlignedFace;
import io.github.f2d4j.model.face.LandmarksException;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.mapping.MappingNetwork;
import io.github.f2d4j.model.scheduler.Scheduler;
import io.github.f2d4j.model.text.TokenizedPrompt;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes pictures of a person from one photo of the face and a prompt.
 *
 * <p>Immutable; one loaded pipeline serves any number of threads. Results depend on the request
 * alone: not on the number of threads, on what other pictures are made with it, or on the run.
 *
 * @see <a
 *     href="https://github.com/mapooon/Face2Diffusion/blob/9af6a920804e6a4e0a98ace2d0c7bae9d2c9a02d/inference_f2d.py">inference_f2d.py</a>
 */
public final class Face2DiffusionPipeline {
  private final PipelineParts parts;
  private final PromptEncoder prompts;
  private final GuidedDenoiser denoiser;
  private final LatentDecoder decoder;
  private final LatentPreview preview;
  private final LongFunction<NoiseSource> noise;

  /** A pipeline of these parts, with the noise of torch's CPU generator. */
  public Face2DiffusionPipeline(PipelineParts parts) {
    this(
        parts,
        new PromptEncoder(parts.tokenizer(), parts.textEncoder(), parts.defaults().identifier()),
        new GuidedDenoiser(parts.unet()),
        new LatentDecoder(parts.vae()),
        new LatentPreview(parts.vae()),
        TorchCpuNoise::new);
  }

  private Face2DiffusionPipeline(
      PipelineParts parts,
      PromptEncoder prompts,
      GuidedDenoiser denoiser,
      LatentDecoder decoder,
      LatentPreview preview,
      LongFunction<NoiseSource> noise) {
    this.parts = parts;
    this.prompts = prompts;
    this.denoiser = denoiser;
    this.decoder = decoder;
    this.preview = preview;
    this.noise = noise;
  }

  /**
   * Loads a model folder: Stable Diffusion 1.x in diffusers' layout with {@code msid} and {@code
   * mapping} beside it.
   *
   * @throws ModelException if it is missing, of another kind, incomplete or damaged
   */
  public static Face2DiffusionPipeline load(Path folder) throws ModelException {
    return load(ModelFolder.open(folder));
  }

  /**
   * Loads a model.
   *
   * @throws ModelException if a part is damaged, or they do not belong together
   */
  public static Face2DiffusionPipeline load(ModelFolder folder) throws ModelException {
    return new Face2DiffusionPipeline(PipelineParts.load(folder));
  }

  /**
   * The same pipeline with other noise.
   *
   * @param generator the stream of a seed; asked once for each picture
   */
  public Face2DiffusionPipeline withNoise(LongFunction<NoiseSource> generator) {
    return new Face2DiffusionPipeline(parts, prompts, denoiser, decoder, preview, generator);
  }

  /** The parts. */
  public PipelineParts parts() {
    return parts;
  }

  /** What a request that says nothing gets. */
  public GenerationDefaults defaults() {
    return parts.defaults();
  }

  // ---- faces

  /**
   * Encodes a face. The result can be used for any number of pictures.
   *
   * @throws LandmarksException if the landmarks cannot belong to a face in the photograph
   */
  public FaceIdentity encode(FaceInput face) throws LandmarksException {
    AlignedFace aligned = face.align();
    int side = AlignedFace.SIZE;
    Tensor pixels = Tensor.of(aligned.toNhwc(), 1, side, side, 3);
    return FaceIdentity.of(parts.identityEncoder().encode(pixels).toFloats());
  }

  /**
   * Reads the expression of a face, for {@link GenerationRequest#expression()}.
   *
   * @param crop as {@link ExpressionEncoder} wants it
   * @throws IllegalStateException if the model has no expression encoder
   */
  public List<Float> encodeExpression(RgbImage crop) {
    ExpressionEncoder encoder = parts.expressionEncoder();
    if (encoder == null) {
      throw new IllegalStateException(
          "this model has no expression encoder; put its weights into the folder expression beside"
              + " msid and mapping, or give the coefficients as numbers");
    }
    byte[] rgb = crop.rgb();
    float[] unit = new float[rgb.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (rgb[i] & 0xff) / 255f;
    }
    Tensor pixels = Tensor.of(unit, 1, crop.height(), crop.width(), 3);
    List<Float> coefficients = new ArrayList<>();
    for (float f : encoder.encode(pixels).toFloats()) {
      coefficients.add(f);
    }
    return coefficients;
  }

  /** The two words that stand for the person, whose expression is left to the prompt. */
  public IdentityWords words(FaceIdentity face) {
    return words(face, null);
  }

  /**
   * Maps an identity to the two words that stand for the person.
   *
   * @param expression coefficients, filled up with zeros; null leaves the expression to the prompt
   * @throws IllegalArgumentException if the identity is another encoder's, or there are more
   *     coefficients than the mapping network takes
   */
  public IdentityWords words(FaceIdentity face, @Nullable List<Float> expression) {
    int expected = parts.mapping().config().embedDim();
    if (face.size() != expected) {
      throw new IllegalArgumentException(
          "the identity has "
              + face.size()
              + " features, but this model's have "
              + expected
              + "; encode the face with this model");
    }
    Tensor identity = Tensor.of(face.features(), 1, face.size());
    MappingNetwork.Words words =
        parts
            .mapping()
            .map(identity, expression == null ? null : expressionTensor(expression), null);
    Tensor.eval(List.of(words.first(), words.last()));
    return new IdentityWords(words.first().toFloats(), words.last().toFloats());
  }

  private Tensor expressionTensor(List<Float> expression) {
    int expected = parts.mapping().config().expDim();
    if (expression.size() > expected) {
      throw new IllegalArgumentException(
          "the expression has "
              + expression.size()
              + " coefficients, but this model's mapping network takes "
              + expected);
    }
    float[] values = new float[expected];
    for (int i = 0; i < expression.size(); i++) {
      values[i] = expression.get(i);
    }
    return Tensor.of(values, 1, expected);
  }

  // ---- pictures

  /**
   * The request with this model's defaults filled in.
   *
   * @throws IllegalArgumentException if the model cannot make pictures of that size
   */
  public GenerationRequest complete(GenerationRequest request) {
    GenerationDefaults d = parts.defaults();
    Integer steps = request.steps();
    Double guidance = request.guidanceScale();
    Integer width = request.width();
    Integer height = request.height();
    GenerationRequest complete =
        request.toBuilder()
            .steps(steps == null ? d.steps() : steps)
            .guidanceScale(guidance == null ? d.guidanceScale() : guidance)
            .size(width == null ? d.width() : width, height == null ? d.height() : height)
            .build();
    requireSize("width", value(complete.width()));
    requireSize("height", value(complete.height()));
    return complete;
  }

  /**
   * The number of steps that a generation reports, which with some samplers differs from the number
   * asked for.
   *
   * @throws IllegalArgumentException if the model or the sampler cannot do what is asked
   */
  public int totalSteps(GenerationRequest request) {
    GenerationRequest r = complete(request);
    return r.scheduler().create(parts.scheduler(), r.eta()).start(value(r.steps())).length();
  }

  /**
   * What a generation computes, without running it; the model needs no data for this. Working
   * memory and speed are those of {@link io.github.f2d4j.engine.backend.Backends#current()}.
   *
   * @throws IllegalArgumentException if the model or the sampler cannot do what is asked
   */
  public GenerationAnalysis analyze(GenerationRequest request) {
    GenerationRequest r = complete(request);
    return new StageAnalyses(parts, denoiser, decoder)
        .of(r, totalSteps(r), value(r.width()), value(r.height()), value(r.guidanceScale()) > 1);
  }

  private void requireSize(String what, int pixels) {
    int factor = parts.vae().config().scale();
    // Below that some level of the denoiser would have nothing left to halve.
    int smallest = factor << (parts.unet().config().levels() - 1);
    if (pixels % factor != 0 || pixels < smallest) {
      int near = Math.max(smallest, Math.round((float) pixels / factor) * factor);
      throw new IllegalArgumentException(
          "the %s is %d pixels; this model makes multiples of %d from %d on: take %d (it was trained on %d)"
              .formatted(what, pixels, factor, smallest, near, parts.defaults().width()));
    }
  }

  /** As {@link #generate(FaceIdentity, GenerationRequest, GenerationListener)}, unobserved. */
  public GenerationResult generate(FaceIdentity face, GenerationRequest request) {
    return generate(face, request, GenerationListener.NONE);
  }

  /**
   * Makes pictures.
   *
   * @throws io.github.f2d4j.model.text.IdentifierNotFoundException if the prompt lacks the
   *     identifier
   * @throws IllegalArgumentException if the request does not suit the model
   * @throws CancelledException if the listener asks for it or the thread is interrupted
   */
  public GenerationResult generate(
      FaceIdentity face, GenerationRequest request, GenerationListener listener) {
    return generate(words(face, request.expression()), request, listener);
  }

  /**
   * Makes pictures of the person that {@code words} stand for; the request's expression is not
   * used. Exceptions as {@link #generate(FaceIdentity, GenerationRequest, GenerationListener)}.
   */
  public GenerationResult generate(
      IdentityWords words, GenerationRequest request, GenerationListener listener) {
    long start = System.nanoTime();
    GenerationRequest r = complete(request);
    List<String> warnings = new ArrayList<>();
    PromptEncoder.PersonalPrompt prompt =
        prompts.personal(r.prompt(), w -> warn(w, warnings, listener));
    TokenizedPrompt negative = prompts.plain(r.negativePrompt(), w -> warn(w, warnings, listener));
    double guidance = value(r.guidanceScale());
    if (guidance <= 1 && !r.negativePrompt().isBlank()) {
      warn("the negative prompt has no effect without guidance", warnings, listener);
    }
    Scheduler scheduler = r.scheduler().create(parts.scheduler(), r.eta());
    int factor = parts.vae().config().scale();
    List<Long> seeds = LongStream.range(0, r.images()).mapToObj(i -> r.seed() + i).toList();
    LatentNoise latentNoise =
        new LatentNoise(
            seeds.stream().map(noise::apply).toList(),
            value(r.height()) / factor,
            value(r.width()) / factor,
            parts.unet().config().inChannels());
    DenoisingLoop loop =
        new DenoisingLoop(
            denoiser, scheduler.start(value(r.steps())), latentNoise, preview::render);
    DenoisingLoop.requireGoOn(listener, "before the first step");
    Tensor states = states(prompt, negative, words, r.images(), guidance > 1);
    Tensor latents = loop.run(states, guidance, listener, (step, x) -> {});
    List<RgbImage> images = decoder.images(latents, r.tiles(), listener);
    Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
    return new GenerationResult(images, seeds, r, warnings, elapsed);
  }

  private static void warn(String message, List<String> warnings, GenerationListener listener) {
    warnings.add(message);
    listener.onWarning(message);
  }

  /** [uncond.., text..] for guidance, [text..] without: [2N,T,D] or [N,T,D]. */
  private Tensor states(
      PromptEncoder.PersonalPrompt prompt,
      TokenizedPrompt negative,
      IdentityWords words,
      int n,
      boolean guided) {
    Tensor text = prompts.states(prompt, words);
    Tensor all = text.expand(n, text.dim(1), text.dim(2));
    if (guided) {
      Tensor uncond = prompts.states(negative).expand(n, text.dim(1), text.dim(2));
      all = Tensor.concat(0, uncond, all);
    }
    return all.eval();
  }

  private static <T> T value(@Nullable T completed) {
    if (completed == null) {
      throw new IllegalStateException("a completed request has no gaps");
    }
    return completed;
  }

  @Override
  public String toString() {
    GenerationDefaults d = parts.defaults();
    return "Face2Diffusion pipeline for pictures of " + d.width() + " x " + d.height() + " pixels";
  }
}
