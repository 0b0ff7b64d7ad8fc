package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.backend.Region;
import io.github.f2d4j.engine.profile.FlightRecorder;
import io.github.f2d4j.engine.random.NoiseSource;
import io.github.f2d4j.engine.random.TorchCpuNoise;
import io.github.f2d4j.model.expression.ExpressionEncoder;
import io.github.f2d4j.model.face.AlignedFace;
import io.github.f2d4j.model.face.LandmarksException;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.mapping.MappingNetwork;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes pictures of a person from one photo of the face and a prompt.
 *
 * {@snippet file = "io/github/f2d4j/model/example/PipelineExample.java" region = "generate"}
 *
 * <p>Immutable; one loaded pipeline serves any number of threads. Results depend on the request
 * alone: not on the number of threads, on what other pictures are made with it, or on the run.
 *
 * <p>Nothing needs to be closed: a pipeline that is no longer reachable is freed by the garbage
 * collector, with its weights. {@link #close()} frees them at once.
 *
 * <p>Recordings of the JDK's flight recorder show each generation, stage and kernel as events
 * {@code io.github.f2d4j.Generation}, {@code .Stage} and {@code .Kernel}.
 *
 * @see <a
 *     href="https://github.com/mapooon/Face2Diffusion/blob/9af6a920804e6a4e0a98ace2d0c7bae9d2c9a02d/inference_f2d.py">inference_f2d.py</a>
 */
public final class Face2DiffusionPipeline implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Face2DiffusionPipeline.class.getName());

  private final PipelineParts parts;
  private final PromptToImages images;
  private final PipelineLife life;
  private final LongFunction<NoiseSource> noise;

  /** What everything runs on; null for the backend that is current. */
  private final @Nullable Backend backend;

  /**
   * A pipeline of these parts, with the noise of torch's CPU generator. The parts' weights are not
   * its own: closing it leaves them readable.
   */
  public Face2DiffusionPipeline(PipelineParts parts) {
    this(parts, null);
  }

  /** A pipeline that frees {@code region} when it is closed. */
  Face2DiffusionPipeline(PipelineParts parts, @Nullable Region region) {
    this.parts = parts;
    GuidedDenoiser denoiser = new GuidedDenoiser(parts.unet());
    this.life = new PipelineLife(region, denoiser::clear);
    this.images = new PromptToImages(parts, denoiser, life);
    this.noise = TorchCpuNoise::new;
    this.backend = null;
  }

  private Face2DiffusionPipeline(
      Face2DiffusionPipeline other, LongFunction<NoiseSource> noise, @Nullable Backend backend) {
    this.parts = other.parts;
    this.images = other.images;
    this.life = other.life;
    this.noise = noise;
    this.backend = backend;
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
    Region region = new Region();
    try {
      long start = System.nanoTime();
      PipelineParts parts =
          Stages.timed(Stage.Kind.LOAD, () -> region.loading(() -> PipelineParts.load(folder)));
      LOG.log(Level.DEBUG, "Loaded {0} in {1} ms", folder, millisSince(start));
      return new Face2DiffusionPipeline(parts, region);
    } catch (ModelException | RuntimeException | Error e) {
      region.close();
      throw e;
    }
  }

  /**
   * Frees the weights, everything packed or compiled from them, and the working memory that nobody
   * uses, at once. Waits for runs in progress in other threads; if the waiting thread is
   * interrupted, those runs are cancelled at their next step. New runs are refused with an {@link
   * IllegalStateException}. Pipelines made by {@link #withNoise} share the weights and are closed
   * with this one. Calling it again does nothing.
   *
   * @throws IllegalStateException if this thread is inside a run of this pipeline
   */
  @Override
  public void close() {
    life.close();
    LOG.log(Level.DEBUG, "Closed {0}", this);
  }

  /** Whether {@link #close()} has been called. */
  public boolean isClosed() {
    return life.isClosed();
  }

  PipelineLife life() {
    return life;
  }

  private static long millisSince(long start) {
    return (System.nanoTime() - start) / 1_000_000;
  }

  /**
   * The same pipeline with other noise, over the same weights.
   *
   * @param generator the stream of a seed; asked once for each picture
   */
  public Face2DiffusionPipeline withNoise(LongFunction<NoiseSource> generator) {
    return new Face2DiffusionPipeline(this, generator, backend);
  }

  /**
   * The same pipeline on {@code device}, whichever backend is current; over the same weights, of
   * which each device keeps its own copy. Several GPUs work at the same time when each is used by a
   * thread of its own.
   *
   * {@snippet :
   * Face2DiffusionPipeline second = pipeline.on(Backends.get("cuda:1"));
   * }
   */
  public Face2DiffusionPipeline on(Backend device) {
    return new Face2DiffusionPipeline(this, noise, device);
  }

  private Backend backend() {
    return backend == null ? Backends.current() : backend;
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
    return inside(
        () ->
            Stages.timed(
                Stage.Kind.FACE,
                () -> FaceIdentity.of(parts.identityEncoder().encode(pixels).toFloats())));
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
    for (float f : inside(() -> encoder.encode(pixels).toFloats())) {
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
    Tensor look = expression == null ? null : expressionTensor(expression);
    return inside(
        () ->
            Stages.timed(
                Stage.Kind.WORDS,
                () -> {
                  MappingNetwork.Words words = parts.mapping().map(identity, look, null);
                  Tensor.eval(List.of(words.first(), words.last()));
                  return new IdentityWords(words.first().toFloats(), words.last().toFloats());
                }));
  }

  /** Runs {@code body} on this pipeline's backend, unless the pipeline is closed. */
  private <T> T inside(Supplier<T> body) {
    return Backends.calling(
        backend(),
        () -> {
          try (PipelineLife.Run _ = life.enter()) {
            return body.get();
          }
        });
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
    requireSize("width", PromptToImages.value(complete.width()));
    requireSize("height", PromptToImages.value(complete.height()));
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
    return r.scheduler()
        .create(parts.scheduler(), r.eta())
        .start(PromptToImages.value(r.steps()))
        .length();
  }

  /**
   * What a generation computes, without running it; the model needs no data for this. Working
   * memory and speed are those of {@link io.github.f2d4j.engine.backend.Backends#current()}.
   *
   * @throws IllegalArgumentException if the model or the sampler cannot do what is asked
   */
  public GenerationAnalysis analyze(GenerationRequest request) {
    GenerationRequest r = complete(request);
    return Backends.calling(backend(), () -> images.analyze(r, totalSteps(r)));
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
    return inside(() -> generate(words(face, request.expression()), request, listener));
  }

  /**
   * Makes pictures of the person that {@code words} stand for; the request's expression is not
   * used. Exceptions as {@link #generate(FaceIdentity, GenerationRequest, GenerationListener)}.
   */
  public GenerationResult generate(
      IdentityWords words, GenerationRequest request, GenerationListener listener) {
    GenerationRequest complete = complete(request);
    GenerationListener follower = new UntilClosed(listener, life);
    Supplier<GenerationResult> run = () -> images.run(words, complete, noise, follower);
    return inside(
        () ->
            FlightRecorder.PRESENT
                ? RecordedGeneration.record(complete, backend().name(), run::get)
                : run.get());
  }

  /**
   * As {@link #generations(FaceIdentity, GenerationRequest, Executor)}, each on a daemon thread of
   * its own.
   */
  public Flow.Publisher<GenerationEvent> generations(FaceIdentity face, GenerationRequest request) {
    return generations(
        face,
        request,
        task -> Thread.ofPlatform().daemon().name("f2d4j-generation-", 0).start(task));
  }

  /**
   * A generation as a stream of events, with the result as the last. Every subscription is a
   * generation of its own, on the backend that is current when this method is called. It begins
   * with the first demand and is held up between steps while there is none, so nothing is buffered
   * or dropped; a subscriber that only wants the result asks for {@code Long.MAX_VALUE} events.
   * Cancelling the subscription stops the generation at its next step.
   *
   * {@snippet file = "io/github/f2d4j/model/example/PublisherExample.java" region = "subscribe"}
   *
   * @param executor runs a generation as one task, which waits when there is no demand
   */
  public Flow.Publisher<GenerationEvent> generations(
      FaceIdentity face, GenerationRequest request, Executor executor) {
    Backend device = backend();
    return new RunPublisher<>(
        out ->
            Backends.using(
                device,
                () -> {
                  GenerationResult result = generate(face, request, new Publishing(out));
                  out.emit(new GenerationEvent.Result(result));
                }),
        executor,
        life::isCancelling);
  }

  @Override
  public String toString() {
    GenerationDefaults d = parts.defaults();
    return "Face2Diffusion pipeline for pictures of " + d.width() + " x " + d.height() + " pixels";
  }
}
