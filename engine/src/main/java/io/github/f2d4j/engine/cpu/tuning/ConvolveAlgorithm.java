package io.github.f2d4j.engine.cpu.tuning;

/**
 * How a 3×3 convolution of stride 1 is computed. Each algorithm rounds differently: results agree
 * to float32 accuracy, not to the bit.
 */
public enum ConvolveAlgorithm {
  /** As one matrix multiplication, with 9 multiplications per output and pair of channels. */
  DIRECT(9),
  /** Winograd's F(2×2, 3×3): 4 multiplications, weights of 1.8 times the size. */
  WINOGRAD_F2(16),
  /** Winograd's F(4×4, 3×3): 2.25 multiplications, weights of 4 times the size. */
  WINOGRAD_F4(36);

  private final int weights;

  ConvolveAlgorithm(int weights) {
    this.weights = weights;
  }

  /** Packed weights per pair of channels. */
  int weights() {
    return weights;
  }
}
