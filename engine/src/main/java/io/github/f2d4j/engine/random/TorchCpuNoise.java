package io.github.f2d4j.engine.random;

/**
 * PyTorch's CPU generator: what {@code torch.Generator("cpu").manual_seed(seed)} gives, bit for bit
 * as torch 1.13 and later compute it on x86 with AVX2.
 *
 * <p>Source: pytorch {@code aten/src/ATen/core/MT19937RNGEngine.h}, {@code DistributionsHelper.h},
 * {@code aten/src/ATen/native/cpu/DistributionTemplates.h}. Builds without AVX2 use the C library's
 * logarithm and sine instead, and differ in the last bits of {@link #fillNormal} from 16 elements
 * on.
 */
public final class TorchCpuNoise implements NoiseSource {
  private static final long MASK_53 = (1L << 53) - 1;
  private static final int MASK_24 = (1 << 24) - 1;

  /** From this many elements on, torch fills with a vectorised kernel. */
  private static final int VECTORISED = NormalBlock.SIZE;

  private Mt19937 engine;

  /** The second number of a Box-Muller pair, or NaN: kept across calls of any kind. */
  private double cachedNormal = Double.NaN;

  /** A generator seeded with {@code seed}. */
  public TorchCpuNoise(long seed) {
    engine = new Mt19937((int) seed);
  }

  /** Starts anew: the low 32 bits seed the engine, a kept second normal is dropped. */
  public void manualSeed(long seed) {
    engine = new Mt19937((int) seed);
    cachedNormal = Double.NaN;
  }

  /** {@code torch.rand(n)}: float32 in [0, 1), multiples of 2^-24. */
  public float[] rand(int n) {
    float[] out = new float[n];
    fillUniform(out, 0, n);
    return out;
  }

  private void fillUniform(float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = (engine.next32() & MASK_24) * 0x1p-24f;
    }
  }

  /**
   * {@code torch.randint(0, high, (n,))}: integers in [0, high).
   *
   * @throws IllegalArgumentException if {@code high} is not from 1 to 2^32 - 1
   */
  public long[] randint(long high, int n) {
    if (high < 1 || high > 0xffffffffL) {
      throw new IllegalArgumentException(
          "randint needs an exclusive upper bound from 1 to 2^32-1 but was given " + high);
    }
    long[] out = new long[n];
    for (int i = 0; i < n; i++) {
      out[i] = Integer.toUnsignedLong(engine.next32()) % high;
    }
    return out;
  }

  @Override
  public void fillNormal(float[] out) {
    int n = out.length;
    if (n < VECTORISED) {
      for (int i = 0; i < n; i++) {
        out[i] = (float) nextNormal();
      }
      return;
    }
    fillUniform(out, 0, n);
    for (int i = 0; i + VECTORISED <= n; i += VECTORISED) {
      NormalBlock.transform(out, i);
    }
    if (n % VECTORISED != 0) {
      // the last 16 elements are drawn again, over the ones that are done already
      fillUniform(out, n - VECTORISED, n);
      NormalBlock.transform(out, n - VECTORISED);
    }
  }

  /** Box-Muller in double precision; every second call returns the sine of the pair. */
  private double nextNormal() {
    if (!Double.isNaN(cachedNormal)) {
      double second = cachedNormal;
      cachedNormal = Double.NaN;
      return second;
    }
    double u1 = nextUniform53();
    double u2 = nextUniform53();
    double radius = Math.sqrt(-2.0 * Math.log1p(-u2));
    double theta = 2.0 * Math.PI * u1;
    cachedNormal = radius * Math.sin(theta);
    return radius * Math.cos(theta);
  }

  private double nextUniform53() {
    return (engine.next64() & MASK_53) * 0x1p-53;
  }
}
