package io.github.f2d4j.engine.random;

import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;

/**
 * A stream of standard normal numbers. One call corresponds to one call of {@code torch.randn}: how
 * many numbers a call asks for decides which numbers it gets, so callers ask for whole tensors, as
 * the code does that they reproduce. Not safe for use by several threads.
 */
public interface NoiseSource {
  /** Fills {@code out} as one {@code torch.randn} of that many elements, row-major. */
  void fillNormal(float[] out);

  /** One {@code torch.randn} of {@code n} elements, row-major. */
  default float[] randn(int n) {
    float[] out = new float[n];
    fillNormal(out);
    return out;
  }

  /**
   * One stream for each image of a batch, seeded {@code seed}, {@code seed + 1}, …: image {@code i}
   * is then the same in a batch of any size.
   *
   * @param generator a stream for a seed, such as {@code TorchCpuNoise::new}
   */
  static List<NoiseSource> perImage(LongFunction<NoiseSource> generator, long seed, int images) {
    return LongStream.range(0, images).mapToObj(i -> generator.apply(seed + i)).toList();
  }
}
