package io.github.f2d4j.model.example;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.model.scheduler.Scheduler;
import io.github.f2d4j.model.scheduler.SchedulerRun;
import java.util.function.Supplier;

/** How a sampler turns noise into a picture. */
final class SchedulerExample {
  private SchedulerExample() {}

  /** Predicts the noise in a sample. */
  interface Denoiser {
    Tensor forward(Tensor sample, double timestep);
  }

  static Tensor sample(Scheduler scheduler, Denoiser unet, Supplier<Tensor> noise) {
    // @start region="sample"
    SchedulerRun run = scheduler.start(30);
    Tensor x = noise.get().mul(run.initNoiseSigma());
    for (int i = 0; i < run.length(); i++) {
      Tensor eps = unet.forward(run.scaleModelInput(x, i), run.timestep(i));
      x = run.step(eps, i, x, run.needsNoise(i) ? noise.get() : null).eval();
    }
    // @end
    return x;
  }
}
