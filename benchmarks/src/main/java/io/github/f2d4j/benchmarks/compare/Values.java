package io.github.f2d4j.benchmarks.compare;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Random operands that are the same in every process, drawn from the workload and their name. */
public final class Values {
  private static final RandomGeneratorFactory<RandomGenerator> GENERATOR =
      RandomGeneratorFactory.of("L64X128MixRandom");

  private static final float LOG_MAX_PERIOD = (float) Math.log(10000);

  private Values() {}

  /** Normal values with this standard deviation around {@code mean}. */
  public static float[] normal(
      Workload workload, String name, double mean, double deviation, long count) {
    String stream = workload.name() + "/" + name;
    long seed = 0;
    for (int i = 0; i < stream.length(); i++) {
      seed = 0x9E3779B97F4A7C15L * (seed ^ stream.charAt(i)) + (seed >>> 29);
    }
    RandomGenerator random = GENERATOR.create(seed);
    float[] values = new float[Math.toIntExact(count)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
    return values;
  }

  /** Activations: of order one. */
  public static float[] input(Workload workload, String name, long count) {
    return normal(workload, name, 0, 1, count);
  }

  /** Weights of a layer with this many inputs of one output: results are of order one. */
  public static float[] weight(Workload workload, long count, int fanIn) {
    return normal(workload, "weight", 0, 1 / Math.sqrt(fanIn), count);
  }

  /** Biases, or the shift of a normalisation. */
  public static float[] bias(Workload workload, int count) {
    return normal(workload, "bias", 0, 0.1, count);
  }

  /** The scale of a normalisation. */
  public static float[] scale(Workload workload, int count) {
    return normal(workload, "scale", 1, 0.1, count);
  }

  /**
   * What a denoiser's time embedding is made of: cosines, then sines, of time·10000^(−i/half) for i
   * from 0 to half = {@code channels}/2.
   */
  public static float[] sinusoids(float[] timesteps, int channels) {
    int half = channels / 2;
    float[] values = new float[timesteps.length * channels];
    for (int n = 0; n < timesteps.length; n++) {
      for (int i = 0; i < half; i++) {
        float exponent = -LOG_MAX_PERIOD * i / half;
        float angle = timesteps[n] * (float) Math.exp(exponent);
        values[n * channels + i] = (float) Math.cos(angle);
        values[n * channels + half + i] = (float) Math.sin(angle);
      }
    }
    return values;
  }

  /** Ids of {@code rows} prompts of 77 tokens as CLIP's tokenizer pads them. */
  public static long[] tokens(int rows) {
    int length = 77;
    long[] ids = new long[rows * length];
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < length; i++) {
        long word = 320 + (1009L * (row + 1) * i) % 40_000;
        ids[row * length + i] = i == 0 ? 49_406 : i < 9 ? word : 49_407;
      }
    }
    return ids;
  }
}
