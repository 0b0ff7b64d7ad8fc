package io.github.f2d4j.model.scheduler;

/** Checks and spacing of inference steps. */
final class InferenceSteps {
  private InferenceSteps() {}

  /** Fails unless {@code 1 <= steps <= most}. */
  static void require(int steps, int most) {
    if (steps < 1 || steps > most) {
      throw new IllegalArgumentException(
          steps
              + " inference steps were asked for; this scheduler takes from 1 to "
              + most
              + ", because the model was trained on that many timesteps");
    }
  }

  /**
   * Multiples of {@code train / steps} plus an offset, descending.
   *
   * @throws IllegalArgumentException if the first is no training timestep
   */
  static double[] leading(int train, int steps, int offset) {
    require(steps, train);
    int ratio = train / steps;
    double[] t = new double[steps];
    for (int i = 0; i < steps; i++) {
      t[i] = (double) (steps - 1 - i) * ratio + offset;
    }
    requireTrained(t, train, steps, offset);
    return t;
  }

  /** Fails if a timestep is no training timestep: a large offset with as many steps. */
  static void requireTrained(double[] timesteps, int train, int steps, int offset) {
    for (double t : timesteps) {
      if (t < 0 || t >= train) {
        throw new IllegalArgumentException(
            "with steps_offset "
                + offset
                + " and "
                + steps
                + " steps a step begins at timestep "
                + (long) t
                + ", but the model knows 0.."
                + (train - 1)
                + ": use fewer steps");
      }
    }
  }
}
