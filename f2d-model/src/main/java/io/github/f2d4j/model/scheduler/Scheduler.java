package io.github.f2d4j.model.scheduler;

/**
 * A sampling method with its settings. Immutable and safe to share between threads: what changes
 * while a picture is made lies in the {@link SchedulerRun}.
 *
 * {@snippet file = "io/github/f2d4j/model/example/SchedulerExample.java" region = "sample"}
 */
public sealed interface Scheduler
    permits EulerAncestralDiscreteScheduler,
        EulerDiscreteScheduler,
        DDIMScheduler,
        PNDMScheduler,
        DPMSolverMultistepScheduler,
        LMSDiscreteScheduler,
        DDPMScheduler {
  /** The settings it was made from. */
  SchedulerConfig config();

  /** How much noise a sample holds at each training timestep. */
  NoiseSchedule noiseSchedule();

  /**
   * Begins to sample one batch.
   *
   * @param steps inference steps, at least 1; a run may take more ({@link PNDMScheduler}) or fewer
   *     ({@link DPMSolverMultistepScheduler}) predictions than that
   * @throws IllegalArgumentException if there are too few or more than the schedule can give
   */
  SchedulerRun start(int steps);
}
