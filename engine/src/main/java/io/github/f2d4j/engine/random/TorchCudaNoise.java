package io.github.f2d4j.engine.random;

/**
 * PyTorch's CUDA generator: the float32 numbers of {@code torch.randn(n, device="cuda",
 * generator=torch.Generator("cuda").manual_seed(seed))}, computed on the CPU.
 *
 * <p>Which random bits an element gets depends on the launch grid, and for large tensors therefore
 * on the GPU ({@link Grid}). Bits and their assignment are exact. The normal numbers differ from a
 * GPU's by about 1e-6: {@code __sincosf} is a hardware approximation that is not reproduced.
 *
 * <p>Source: pytorch {@code aten/src/ATen/native/cuda/DistributionTemplates.h} ({@code
 * calc_execution_policy}, {@code distribution_elementwise_grid_stride_kernel}, {@code
 * normal_and_transform}); cuRAND's {@code curand_init} and {@code curand_normal4} for Philox.
 */
public final class TorchCudaNoise implements NoiseSource {
  private static final int BLOCK = 256;
  private static final int UNROLL = 4;

  // cuRAND's CURAND_2POW32_INV and CURAND_2POW32_INV_2PI
  private static final float TWO_POW_MINUS_32 = 2.3283064e-10f;
  private static final float TWO_PI_POW_MINUS_32 = 2.3283064e-10f * 6.2831855f;

  /**
   * The properties of a GPU that shape PyTorch's launch grid. Two GPUs give the same numbers for
   * tensors of up to {@code 256 * maxBlocks()} elements of the smaller one.
   *
   * @param multiProcessors {@code multiProcessorCount}
   * @param maxThreadsPerMultiProcessor {@code maxThreadsPerMultiProcessor}
   */
  public record Grid(int multiProcessors, int maxThreadsPerMultiProcessor) {
    /** An NVIDIA A100 or its like: 108 multiprocessors of 2048 threads. */
    public static final Grid A100 = new Grid(108, 2048);

    /** An NVIDIA H100 or H200 SXM: 132 multiprocessors of 2048 threads. */
    public static final Grid H100 = new Grid(132, 2048);

    /** Checks that at least one block fits. */
    public Grid {
      if (multiProcessors < 1 || maxThreadsPerMultiProcessor < BLOCK) {
        throw new IllegalArgumentException(
            "a GPU has at least 1 multiprocessor of at least "
                + BLOCK
                + " threads, but was given "
                + multiProcessors
                + " of "
                + maxThreadsPerMultiProcessor);
      }
    }

    /** The largest number of blocks that PyTorch starts. */
    public int maxBlocks() {
      return multiProcessors * (maxThreadsPerMultiProcessor / BLOCK);
    }
  }

  private final Grid grid;
  private long seed;

  /** {@code philox_offset_per_thread}: numbers that each thread has drawn; a multiple of 4. */
  private long offset;

  /** A generator for an A100; for up to 221 184 elements any GPU of at least its size agrees. */
  public TorchCudaNoise(long seed) {
    this(seed, Grid.A100);
  }

  /** A generator for a given GPU. */
  public TorchCudaNoise(long seed, Grid grid) {
    this.seed = seed;
    this.grid = grid;
  }

  /** Starts anew with another seed, at offset 0. */
  public void manualSeed(long seed) {
    this.seed = seed;
    this.offset = 0;
  }

  /** The numbers that each thread has drawn so far ({@code Generator.get_offset()}). */
  public long offset() {
    return offset;
  }

  /**
   * Continues at another offset ({@code Generator.set_offset}).
   *
   * @throws IllegalArgumentException if it is negative or not a multiple of 4
   */
  public void setOffset(long offset) {
    if (offset < 0 || offset % UNROLL != 0) {
      throw new IllegalArgumentException(
          "the offset must be a non-negative multiple of 4 but was given " + offset);
    }
    this.offset = offset;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if {@code out} has 2^29 or more elements: PyTorch splits such
   *     tensors
   */
  @Override
  public void fillNormal(float[] out) {
    int n = out.length;
    if (n >= 1 << 29) {
      throw new IllegalArgumentException(
          "randn of " + n + " elements is not supported, at most 2^29-1; draw smaller tensors");
    }
    if (n == 0) {
      return;
    }
    long threads = (long) BLOCK * Math.min(grid.maxBlocks(), (n + BLOCK - 1) / BLOCK);
    long rounds = (n - 1) / (threads * UNROLL) + 1;
    int[] words = new int[4];
    float[] normals = new float[4];
    for (long round = 0; round < rounds; round++) {
      // each thread draws four numbers and writes them a whole grid apart
      long first = round * threads * UNROLL;
      for (long thread = 0; thread < threads && first + thread < n; thread++) {
        long counter = offset / UNROLL + round;
        words[0] = (int) counter;
        words[1] = (int) (counter >>> 32);
        words[2] = (int) thread;
        words[3] = 0;
        Philox4x32.encrypt(words, seed);
        boxMuller(words[0], words[1], normals, 0);
        boxMuller(words[2], words[3], normals, 2);
        for (int i = 0; i < UNROLL; i++) {
          long index = first + i * threads + thread;
          if (index < n) {
            out[(int) index] = normals[i];
          }
        }
      }
    }
    offset += rounds * UNROLL;
  }

  /** {@code _curand_box_muller}: sine first, then cosine. */
  private static void boxMuller(int x, int y, float[] out, int at) {
    float u = Math.fma(toFloat(x), TWO_POW_MINUS_32, TWO_POW_MINUS_32 / 2);
    float v = Math.fma(toFloat(y), TWO_PI_POW_MINUS_32, TWO_PI_POW_MINUS_32 / 2);
    float radius = (float) Math.sqrt(-2f * (float) Math.log(u));
    out[at] = radius * (float) Math.sin(v);
    out[at + 1] = radius * (float) Math.cos(v);
  }

  private static float toFloat(int unsigned) {
    return (float) Integer.toUnsignedLong(unsigned);
  }
}
