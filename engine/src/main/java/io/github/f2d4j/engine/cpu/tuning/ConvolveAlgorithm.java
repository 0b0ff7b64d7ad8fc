package io.github.f2d4j.engine.cpu.tuning;

/**
 * How a 3×3 convolution of stride 1 is computed. Each algorithm rounds differently: results agree
 * to float32 accuracy, not to the bit.
 */
public enum ConvolveAlgorithm {
  /** As one matrix multiplication, with 9 multiplications per output and pair of channels. */
  DIRECT,
  /** Winograd's F(2×2, 3×3): 4 multiplications. */
  WINOGRAD_F2,
  /** Winograd's F(4×4, 3×3): 2.25 multiplications. */
  WINOGRAD_F4
}
