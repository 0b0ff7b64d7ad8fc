package io.github.f2d4j.engine.cpu.gemm;

/**
 * Winograd's minimal filtering algorithms F(m×m, 3×3) for 3×3 convolutions of stride 1: Y = Aᵀ[(G g
 * Gᵀ) ⊙ (Bᵀ d B)]A gives a tile of m × m outputs from n × n inputs, n = m + 2, with n² instead of
 * 9m² multiplications for each pair of channels (A. Lavin, S. Gray, <em>Fast Algorithms for
 * Convolutional Neural Networks</em>, 2016).
 *
 * <p>F(2×2) interpolates at 0, ±1, ∞. F(4×4) does so at 0, ±5/8, ±3/2, ∞ instead of the usual 0,
 * ±1, ±2, ∞, which loses more than twice as much to rounding; every coefficient of its transforms
 * is a float32.
 */
enum Winograd {
  /** F(2×2, 3×3): 16 multiplications instead of 36. */
  F2(2),

  /** F(4×4, 3×3): 36 multiplications instead of 144. */
  F4(4);

  /** The points ±P and ±Q of F(4×4) and the products of them that its transforms need. */
  static final class F4Points {
    static final float P = 0.625f;
    static final float Q = 1.5f;
    static final float P2 = P * P;
    static final float Q2 = Q * Q;
    static final float P3 = P * P * P;
    static final float Q3 = Q * Q * Q;
    static final float P2_Q2 = P2 * Q2;
    static final float SUM = P2 + Q2;

    private F4Points() {}
  }

  /** G of F(2×2). */
  private static final double[][] F2_WEIGHTS = {
    {1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}
  };

  /** G of F(4×4). */
  private static final double[][] F4_WEIGHTS = weights(F4Points.P, F4Points.Q);

  /** Side of a kernel. */
  static final int SIDE = 3;

  /** Weights of a kernel. */
  static final int TAPS = SIDE * SIDE;

  private final int out;

  Winograd(int out) {
    this.out = out;
  }

  /** G for the points 0, ±p, ±q, ∞, where the polynomials that make up Bᵀ have leading terms 1. */
  private static double[][] weights(double p, double q) {
    double atP = 1 / (2 * p * p * (p * p - q * q));
    double atQ = 1 / (2 * q * q * (q * q - p * p));
    return new double[][] {
      {1 / (p * p * q * q), 0, 0},
      {atP, atP * p, atP * p * p},
      {atP, -atP * p, atP * p * p},
      {atQ, atQ * q, atQ * q * q},
      {atQ, -atQ * q, atQ * q * q},
      {0, 0, 1}
    };
  }

  /** Side of a tile of outputs, m. */
  int out() {
    return out;
  }

  /** Side of a tile of inputs and of products, n = m + 2. */
  int in() {
    return out + 2;
  }

  /** Products of one tile, n². */
  int positions() {
    return in() * in();
  }

  /** The coefficient G[row][column]. */
  float weight(int row, int column) {
    return switch (this) {
      case F2 -> (float) F2_WEIGHTS[row][column];
      case F4 -> (float) F4_WEIGHTS[row][column];
    };
  }

  /** The only column with a coefficient in a row of G, or −1 if the row has three. */
  int single(int row) {
    return row == 0 ? 0 : row == in() - 1 ? SIDE - 1 : -1;
  }
}
