package io.github.f2d4j.model.scheduler;

import java.util.List;

/**
 * The numbers of one DPM-Solver step: x_t = sample·x_s + Σ outputs[k]·m_k + noise·z, where m_0 is
 * the newest prediction.
 *
 * <p>With α_t, σ_t and λ = log(α/σ), h = λ_t − λ_s0. The formulas are those of {@code
 * dpm_solver_first_order_update} and {@code multistep_dpm_solver_second_order_update} and {@code
 * …third_order_update}, the differences D1, D2 multiplied out.
 */
record DpmCoefficients(double sample, List<Double> outputs, double noise) {
  /** {@code algorithm_type}. */
  enum Algorithm {
    DPMSOLVER_PP("dpmsolver++"),
    DPMSOLVER("dpmsolver"),
    SDE_DPMSOLVER_PP("sde-dpmsolver++"),
    SDE_DPMSOLVER("sde-dpmsolver");

    private final String key;

    Algorithm(String key) {
      this.key = key;
    }

    static Algorithm of(SchedulerConfig config) {
      // "deis" is that other scheduler's; diffusers reads it as the default.
      String given =
          config.text(
              "algorithm_type",
              DPMSOLVER_PP.key,
              DPMSOLVER_PP.key,
              DPMSOLVER.key,
              SDE_DPMSOLVER_PP.key,
              SDE_DPMSOLVER.key,
              "deis");
      for (Algorithm a : values()) {
        if (a.key.equals(given)) {
          return a;
        }
      }
      return DPMSOLVER_PP;
    }

    boolean stochastic() {
      return this == SDE_DPMSOLVER || this == SDE_DPMSOLVER_PP;
    }

    /** Whether it integrates predictions of x₀, not of ε. */
    boolean predictsData() {
      return this == DPMSOLVER_PP || this == SDE_DPMSOLVER_PP;
    }
  }

  /** Factors of x_s, of the derivatives D0, D1, D2, and of the noise. */
  private record Terms(double sample, double d0, double d1, double d2, double noise) {}

  static double alpha(NoiseSchedule schedule, int t) {
    return (float) Math.sqrt(schedule.alphaCumprod(t));
  }

  static double sigma(NoiseSchedule schedule, int t) {
    return (float) Math.sqrt(1f - (float) schedule.alphaCumprod(t));
  }

  static double lambda(NoiseSchedule schedule, int t) {
    return (float) Math.log(alpha(schedule, t)) - (float) Math.log(sigma(schedule, t));
  }

  /**
   * The step from timestep {@code from[0]} to {@code to}.
   *
   * @param from the timesteps of the predictions, the newest first; their number is the order
   */
  static DpmCoefficients of(
      NoiseSchedule schedule, Algorithm algorithm, boolean heun, int to, int... from) {
    int s0 = from[0];
    double h = lambda(schedule, to) - lambda(schedule, s0);
    Terms terms = terms(schedule, algorithm, heun || from.length == 3, to, s0, h);
    if (from.length == 1) {
      return new DpmCoefficients(terms.sample, List.of(terms.d0), terms.noise);
    }
    // D1_0 = (m0 − m1)/r0 with 1/r0 = h/h_0, which is 0 in a step of no length.
    double inverseR0 = h / (lambda(schedule, s0) - lambda(schedule, from[1]));
    if (from.length == 2) {
      double d = terms.d1 * inverseR0;
      return new DpmCoefficients(terms.sample, List.of(terms.d0 + d, -d), terms.noise);
    }
    if (h == 0) {
      return new DpmCoefficients(terms.sample, List.of(terms.d0, 0.0, 0.0), terms.noise);
    }
    double inverseR1 = h / (lambda(schedule, from[1]) - lambda(schedule, from[2]));
    double r0 = 1 / inverseR0;
    double r1 = 1 / inverseR1;
    // D1 = D1_0 + r0/(r0+r1)·(D1_0 − D1_1), D2 = (D1_0 − D1_1)/(r0+r1).
    double difference = (terms.d1 * r0 + terms.d2) / (r0 + r1);
    double d10 = (terms.d1 + difference) * inverseR0;
    double d11 = -difference * inverseR1;
    return new DpmCoefficients(terms.sample, List.of(terms.d0 + d10, d11 - d10, -d11), terms.noise);
  }

  private static Terms terms(
      NoiseSchedule schedule, Algorithm algorithm, boolean heun, int to, int s0, double h) {
    double alphaT = alpha(schedule, to);
    double sigmaT = sigma(schedule, to);
    double alphaRatio = alphaT / alpha(schedule, s0);
    double sigmaRatio = sigmaT / sigma(schedule, s0);
    return switch (algorithm) {
      case DPMSOLVER_PP -> {
        double e = Math.expm1(-h);
        double d1 = heun ? alphaT * (over(e, h, -1) + 1) : -0.5 * alphaT * e;
        double d2 = h == 0 ? 0 : -alphaT * ((e + h) / (h * h) - 0.5);
        yield new Terms(sigmaRatio, -alphaT * e, d1, d2, 0);
      }
      case DPMSOLVER -> {
        double e = Math.expm1(h);
        double d1 = heun ? -sigmaT * (over(e, h, 1) - 1) : -0.5 * sigmaT * e;
        double d2 = h == 0 ? 0 : -sigmaT * ((e - h) / (h * h) - 0.5);
        yield new Terms(alphaRatio, -sigmaT * e, d1, d2, 0);
      }
      case SDE_DPMSOLVER_PP -> {
        double e = -Math.expm1(-2 * h);
        double d1 = heun ? alphaT * (over(e, -2 * h, -1) + 1) : 0.5 * alphaT * e;
        yield new Terms(sigmaRatio * Math.exp(-h), alphaT * e, d1, 0, sigmaT * Math.sqrt(e));
      }
      case SDE_DPMSOLVER -> {
        double e = Math.expm1(h);
        double d1 = heun ? -2 * sigmaT * (over(e, h, 1) - 1) : -sigmaT * e;
        double noise = sigmaT * Math.sqrt(Math.expm1(2 * h));
        yield new Terms(alphaRatio, -2 * sigmaT * e, d1, 0, noise);
      }
    };
  }

  /** {@code numerator / h}, or its limit where h is 0. */
  private static double over(double numerator, double h, double limit) {
    return h == 0 ? limit : numerator / h;
  }
}
