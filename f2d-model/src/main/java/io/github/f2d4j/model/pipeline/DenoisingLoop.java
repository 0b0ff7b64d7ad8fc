package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.scheduler.SchedulerRun;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** The steps from noise to clean latents; one use, one thread. */
final class DenoisingLoop {
  private static final System.Logger LOG = System.getLogger(DenoisingLoop.class.getName());

  private final GuidedDenoiser denoiser;
  private final SchedulerRun run;
  private final LatentNoise noise;
  private final Function<Tensor, List<RgbImage>> preview;

  /** Sees the latents [N,H,W,C] after each step. */
  interface Observer {
    void afterStep(int step, Tensor latents);
  }

  /**
   * A loop.
   *
   * @param preview makes small pictures of clean latents
   */
  DenoisingLoop(
      GuidedDenoiser denoiser,
      SchedulerRun run,
      LatentNoise noise,
      Function<Tensor, List<RgbImage>> preview) {
    this.denoiser = denoiser;
    this.run = run;
    this.noise = noise;
    this.preview = preview;
  }

  /**
   * Runs all steps.
   *
   * @param prompts as {@link GuidedDenoiser#read} gave them
   * @return clean latents [N,H,W,C]
   * @throws CancelledException if the listener or an interrupt asks for it
   */
  Tensor run(
      GuidedDenoiser.Prompts prompts,
      double guidanceScale,
      GenerationListener listener,
      Observer observer) {
    Tensor x = noise.next().mul(Tensor.scalar(run.initNoiseSigma())).eval();
    long start = System.nanoTime();
    for (int i = 0; i < run.length(); i++) {
      requireGoOn(listener, "before step " + (i + 1) + " of " + run.length());
      int index = i;
      Tensor sample = x;
      Taken taken =
          Stages.timed(
              Stage.Kind.STEP,
              i + 1,
              run.length(),
              listener,
              () -> step(sample, index, prompts, guidanceScale));
      Supplier<List<RgbImage>> previews = previews(taken.predicted, i, sample);
      x = taken.next;
      observer.afterStep(i, x);
      long nanos = System.nanoTime() - start;
      listener.onStep(StepProgress.of(i + 1, run.length(), nanos, run.timestep(i), previews));
    }
    return x;
  }

  /** What a step gives: the denoiser's prediction, and the sample after it. */
  private record Taken(Tensor predicted, Tensor next) {}

  private Taken step(Tensor x, int i, GuidedDenoiser.Prompts prompts, double guidanceScale) {
    Tensor scaled = run.scaleModelInput(x, i);
    Tensor predicted = denoiser.predict(scaled, run.timestep(i), prompts, guidanceScale);
    Tensor next = run.step(predicted, i, x, run.needsNoise(i) ? noise.next() : null).eval();
    return new Taken(predicted, next);
  }

  private Supplier<List<RgbImage>> previews(Tensor predicted, int i, Tensor sample) {
    return () -> preview.apply(run.predictOriginal(predicted, i, sample));
  }

  /** Fails if the listener asks to stop or the thread is interrupted; the interrupt is kept. */
  static void requireGoOn(GenerationListener listener, String where) {
    if (listener.isCancelled() || Thread.currentThread().isInterrupted()) {
      LOG.log(Level.DEBUG, "A generation was cancelled {0}", where);
      throw new CancelledException("the generation was cancelled " + where);
    }
  }
}
