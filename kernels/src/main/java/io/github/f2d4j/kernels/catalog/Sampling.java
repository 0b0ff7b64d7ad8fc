package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.catalog.Geometry.BLOCK;
import static io.github.f2d4j.kernels.catalog.Geometry.positive;

import io.github.f2d4j.engine.random.TorchCudaNoise;
import java.util.List;

/** Kernels of {@code sample.cu}. */
public sealed interface Sampling {

  /**
   * Guidance, one step of a linear sampler, and the next step's input.
   *
   * @param type of the model's input and output
   * @param elements of one sample; the model works on two, the unconditional first
   */
  record GuidedStep(ElementType type, int elements) implements Sampling {
    /** Numbers of a step in device memory: see {@link #coefficients}. */
    public static final int COEFFICIENTS = 5;

    /** Checks the size. */
    public GuidedStep {
      positive("GuidedStep", "elements", elements);
      Geometry.indexable("GuidedStep", 2L * elements);
    }

    /**
     * What to put into device memory for a step: sample ← sampleScale·sample + modelScale·guided +
     * noiseScale·noise, next input ← nextScale·sample.
     */
    public static float[] coefficients(
        float guidance, float sampleScale, float modelScale, float noiseScale, float nextScale) {
      return new float[] {guidance, sampleScale, modelScale, noiseScale, nextScale};
    }

    /**
     * The launch.
     *
     * @param model [2,elements], what the model gave
     * @param sample F32 [elements], read and written
     * @param noise F32 [elements], or 0
     * @param coefficients F32 [{@link #COEFFICIENTS}]
     * @param input [2,elements], written: both halves alike
     */
    public List<KernelLaunch> launches(
        long model, long sample, long noise, long coefficients, long input) {
      return List.of(
          KernelLaunch.of(
              "sample",
              "guided_step_" + type.suffix(),
              Geometry.perElement(elements),
              Dim3.of(BLOCK),
              0,
              model,
              sample,
              noise,
              coefficients,
              input,
              elements));
    }
  }

  /**
   * Normal noise as {@link TorchCudaNoise} and PyTorch draw it.
   *
   * @param offset numbers that each thread has drawn before, a multiple of 4
   */
  record PhiloxNormal(int elements, TorchCudaNoise.Grid grid, long seed, long offset)
      implements Sampling {
    /** Checks the size, which PyTorch would split from 2^29 on. */
    public PhiloxNormal {
      positive("PhiloxNormal", "elements", elements);
      if (elements >= 1 << 29 || offset < 0 || offset % 4 != 0) {
        throw new IllegalArgumentException(
            "PhiloxNormal: fewer than 2^29 elements and an offset that is a multiple of 4 are"
                + " needed, not "
                + elements
                + " and "
                + offset);
      }
    }

    /** The offset for the next draw. */
    public long nextOffset() {
      return offset + 4L * rounds();
    }

    /** The launch: y F32 [elements]. */
    public List<KernelLaunch> launches(long y) {
      return List.of(
          KernelLaunch.of(
              "sample",
              "philox_normal_f32",
              Geometry.perElement((long) rounds() * threads()),
              Dim3.of(BLOCK),
              0,
              y,
              elements,
              threads(),
              new Argument.Int64(seed),
              new Argument.Int64(offset)));
    }

    /** Threads that PyTorch starts. */
    private int threads() {
      return BLOCK * Math.min(grid.maxBlocks(), Geometry.ceilDiv(elements, BLOCK));
    }

    private int rounds() {
      return (int) ((elements - 1) / (threads() * 4L)) + 1;
    }
  }
}
