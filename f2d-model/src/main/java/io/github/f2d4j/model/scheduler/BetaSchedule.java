package io.github.f2d4j.model.scheduler;

import java.util.Arrays;
import java.util.Locale;

/** How the variance β of the noise added at each training timestep grows. */
public enum BetaSchedule {
  /** β from start to end in equal steps. */
  LINEAR,
  /** √β from start to end in equal steps: the schedule of latent diffusion. */
  SCALED_LINEAR,
  /** From a squared cosine (Glide); start and end are not used. */
  SQUAREDCOS_CAP_V2,
  /** β along a sigmoid from start to end (GeoDiff). */
  SIGMOID;

  private static final double MAX_BETA = 0.999;

  /** Floats in the vectors that torch's linspace is built from on CPUs with AVX2. */
  private static final int TORCH_LANES = 8;

  /**
   * The schedule of a configuration's name such as {@code scaled_linear}.
   *
   * @throws IllegalArgumentException if there is none
   */
  static BetaSchedule parse(String name) {
    for (BetaSchedule s : values()) {
      if (s.name().toLowerCase(Locale.ROOT).equals(name)) {
        return s;
      }
    }
    throw new IllegalArgumentException(
        "beta_schedule \""
            + name
            + "\" is unknown; expected one of "
            + Arrays.toString(values()).toLowerCase(Locale.ROOT));
  }

  /** β for {@code n} timesteps, rounded where torch rounds. */
  float[] betas(double start, double end, int n) {
    return switch (this) {
      case LINEAR -> linspace((float) start, (float) end, n);
      case SCALED_LINEAR -> {
        float[] b = linspace((float) Math.sqrt(start), (float) Math.sqrt(end), n);
        for (int i = 0; i < n; i++) {
          b[i] *= b[i];
        }
        yield b;
      }
      case SQUAREDCOS_CAP_V2 -> {
        float[] b = new float[n];
        for (int i = 0; i < n; i++) {
          double ratio = alphaBar((i + 1) / (double) n) / alphaBar(i / (double) n);
          b[i] = (float) Math.min(1 - ratio, MAX_BETA);
        }
        yield b;
      }
      case SIGMOID -> {
        float[] b = linspace(-6f, 6f, n);
        for (int i = 0; i < n; i++) {
          float sigmoid = (float) (1 / (1 + Math.exp(-b[i])));
          b[i] = sigmoid * (float) (end - start) + (float) start;
        }
        yield b;
      }
    };
  }

  private static double alphaBar(double t) {
    double c = Math.cos((t + 0.008) / 1.008 * Math.PI / 2);
    return c * c;
  }

  /**
   * {@code torch.linspace} in float32 to the last bit (torch 1.13 {@code
   * aten/src/ATen/native/cpu/RangeFactoriesKernel.cpp}: vectors of 8 in pairs, then single
   * elements, products and sums contracted): 1−ᾱ of the first timesteps is so small that one unit
   * in the last place of β would show in σ.
   */
  static float[] linspace(float start, float end, int n) {
    float[] values = new float[n];
    if (n == 1) {
      values[0] = start;
      return values;
    }
    float step = (end - start) / (n - 1);
    int vectors = n - n % (2 * TORCH_LANES);
    for (int i = 0; i < n; i++) {
      int lane = i < vectors ? i % TORCH_LANES : 0;
      int first = i - lane;
      float base =
          first < n / 2 ? Math.fma(step, first, start) : Math.fma(-step, n - first - 1, end);
      values[i] = Math.fma(step, lane, base);
    }
    return values;
  }
}
