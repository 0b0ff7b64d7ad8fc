package io.github.f2d4j.benchmarks;

import java.util.Arrays;

/**
 * How far rounding can move one element of a Winograd convolution, Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A (A.
 * Lavin, S. Gray, "Fast Algorithms for Convolutional Neural Networks", 2016).
 *
 * <p>Pixel (i, j) of a tile is Σ A[a][i]·A[b][j]·M[a][b], where each M[a][b] is one float32 chain
 * over the channels, which rounds as {@link CheckedSum} describes. So rounding differs within a
 * tile: a corner of F(4×4)'s has up to 3.7 times the deviation of its centre. And it differs
 * between elements at the same place, since unfinished sums are large by chance in some of them. Of
 * 33 million elements (48 channels) 813 were beyond eight of the average deviation, 16 beyond eight
 * of that of their place. Measured in deviations from the element's own chains, errors are normal:
 * the fourth moment is 3.0 squared variances, the largest of 1.65 million was 4.9 deviations.
 *
 * <p>What the transforms round is added as if each expression were rounded once at the size of its
 * terms, independently of the others. That is somewhat too much: the deviation is by 1 % too large
 * with 320 channels, by 6 % with 48, by 13 % with 16.
 *
 * <p>On the processor's matrix unit M is made otherwise: the numbers of a row, and of a column, are
 * rounded to multiples of one power of two, 2⁻²² of that below the largest, and their products
 * summed exactly. What rounds then is M alone, about twice.
 */
final class WinogradSum {
  private static final int KERNEL = 3;

  /** The matrix unit's whole numbers are as large as this. */
  private static final int UNIT_BITS = 22;

  private static final int UNIT_ROUNDINGS = 2;

  /** Aᵀ, Bᵀ and G of a one-dimensional transform. */
  private static final class Matrices {
    final double[][] at;
    final double[][] bt;
    final double[][] g;

    Matrices(double[][] at, double[][] bt, double[][] g) {
      this.at = at;
      this.bt = bt;
      this.g = g;
    }
  }

  private static final Matrices F2 =
      new Matrices(
          new double[][] {{1, 1, 1, 0}, {0, 1, -1, 1}},
          new double[][] {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, -1, 0, 1}},
          new double[][] {{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}});

  private static final Matrices F4 = atPoints(5. / 8, 3. / 2);

  private final Matrices matrices;

  /** Side of a tile of outputs. */
  private final int out;

  /** Side of a tile of inputs. */
  private final int in;

  /** Whether the matrix unit multiplies. */
  private final boolean unit;

  private final double[] exact;
  private final double[] kernelSquares;
  private final double[] inputSquares;
  private final double[] largestKernel;
  private final double[] largestInput;
  private final float[] chain;
  private final double[] variance;
  private final double[] kernels;
  private final double[] kernelVariance;
  private final double[] inputs;
  private final double[] inputVariance;

  private WinogradSum(Matrices matrices, boolean unit) {
    this.matrices = matrices;
    this.unit = unit;
    this.out = matrices.at.length;
    this.in = matrices.bt.length;
    this.exact = new double[in * in];
    this.kernelSquares = new double[in * in];
    this.inputSquares = new double[in * in];
    this.largestKernel = new double[in * in];
    this.largestInput = new double[in * in];
    this.chain = new float[in * in];
    this.variance = new double[in * in];
    this.kernels = new double[in * in];
    this.kernelVariance = new double[in * in];
    this.inputs = new double[in * in];
    this.inputVariance = new double[in * in];
  }

  /**
   * Of F(2×2, 3×3), which interpolates at 0, ±1, ∞.
   *
   * @param unit whether the matrix unit multiplies
   */
  static WinogradSum f2(boolean unit) {
    return new WinogradSum(F2, unit);
  }

  /**
   * Of F(4×4, 3×3), which the engine interpolates at 0, ±5/8, ±3/2, ∞.
   *
   * @param unit whether the matrix unit multiplies
   */
  static WinogradSum f4(boolean unit) {
    return new WinogradSum(F4, unit);
  }

  /** F(4×4) at 0, ±p, ±q, ∞; rows of Bᵀ are the products of the other points' factors. */
  private static Matrices atPoints(double p, double q) {
    double p2 = p * p;
    double q2 = q * q;
    double atP = 1 / (2 * p2 * (p2 - q2));
    double atQ = 1 / (2 * q2 * (q2 - p2));
    return new Matrices(
        new double[][] {
          {1, 1, 1, 1, 1, 0},
          {0, p, -p, q, -q, 0},
          {0, p2, p2, q2, q2, 0},
          {0, p2 * p, -p2 * p, q2 * q, -q2 * q, 1}
        },
        new double[][] {
          {p2 * q2, 0, -(p2 + q2), 0, 1, 0},
          {0, -q2 * p, -q2, p, 1, 0},
          {0, q2 * p, -q2, -p, 1, 0},
          {0, -p2 * q, -p2, q, 1, 0},
          {0, p2 * q, -p2, -q, 1, 0},
          {0, p2 * q2, 0, -(p2 + q2), 0, 1}
        },
        new double[][] {
          {1 / (p2 * q2), 0, 0},
          {atP, atP * p, atP * p2},
          {atP, -atP * p, atP * p2},
          {atQ, atQ * q, atQ * q2},
          {atQ, -atQ * q, atQ * q2},
          {0, 0, 1}
        });
  }

  /** Side of a tile of inputs, which begins a row and a column before its outputs. */
  int inputSide() {
    return in;
  }

  /** Side of a tile of outputs. */
  int outputSide() {
    return out;
  }

  void reset() {
    Arrays.fill(exact, 0);
    Arrays.fill(kernelSquares, 0);
    Arrays.fill(inputSquares, 0);
    Arrays.fill(largestKernel, 0);
    Arrays.fill(largestInput, 0);
    Arrays.fill(chain, 0);
    Arrays.fill(variance, 0);
  }

  /**
   * Adds a channel.
   *
   * @param d its tile of inputs, row by row
   * @param g its kernel, row by row
   */
  void add(float[] d, float[] g) {
    transformKernel(g);
    transformInput(d);
    for (int i = 0; i < chain.length; i++) {
      double u = kernels[i];
      double v = inputs[i];
      if (unit) {
        exact[i] += (double) (float) u * (float) v;
        kernelSquares[i] += u * u;
        inputSquares[i] += v * v;
        largestKernel[i] = Math.max(largestKernel[i], Math.abs(u));
        largestInput[i] = Math.max(largestInput[i], Math.abs(v));
      } else {
        chain[i] = Math.fma((float) u, (float) v, chain[i]);
        variance[i] += rounding(chain[i]);
      }
      variance[i] += kernelVariance[i] * v * v + inputVariance[i] * u * u;
    }
  }

  /** After the last channel: what the matrix unit makes of the sums. */
  void finish() {
    for (int i = 0; unit && i < chain.length; i++) {
      chain[i] = (float) exact[i];
      variance[i] +=
          kernelSquares[i] * step(largestInput[i])
              + inputSquares[i] * step(largestKernel[i])
              + UNIT_ROUNDINGS * rounding(chain[i]);
    }
  }

  /** The variance of rounding a number beside this largest one. */
  private static double step(double largest) {
    double unit = Math.scalb(1.0, Math.getExponent(largest) - UNIT_BITS);
    return unit * unit / 12;
  }

  /**
   * The engine adds up taps down a kernel's columns and then along the rows of the result, each in
   * one chain.
   */
  private void transformKernel(float[] g) {
    double[] half = new double[KERNEL];
    double[] halfVariance = new double[KERNEL];
    for (int a = 0; a < in; a++) {
      for (int kw = 0; kw < KERNEL; kw++) {
        double sum = 0;
        double roundings = 0;
        for (int kh = 0; kh < KERNEL; kh++) {
          double weight = matrices.g[a][kh];
          double tap = g[kh * KERNEL + kw];
          sum += weight * tap;
          roundings += rounding(weight, tap, sum);
        }
        half[kw] = sum;
        halfVariance[kw] = roundings;
      }
      for (int b = 0; b < in; b++) {
        double sum = 0;
        double roundings = 0;
        for (int kw = 0; kw < KERNEL; kw++) {
          double weight = matrices.g[b][kw];
          sum += weight * half[kw];
          roundings += weight * weight * halfVariance[kw] + rounding(weight, half[kw], sum);
        }
        kernels[a * in + b] = sum;
        kernelVariance[a * in + b] = roundings;
      }
    }
  }

  /** The variance of a step of a chain, {@code sum} after it: its rounding and the weight's. */
  private static double rounding(double weight, double value, double sum) {
    double weightError = (weight - (float) weight) * value;
    return weight == 0 ? 0 : rounding(sum) + weightError * weightError;
  }

  private void transformInput(float[] d) {
    double[] half = new double[in * in];
    double[] halfVariance = new double[in * in];
    for (int a = 0; a < in; a++) {
      for (int c = 0; c < in; c++) {
        double sum = 0;
        double size = 0;
        for (int r = 0; r < in; r++) {
          double term = matrices.bt[a][r] * d[r * in + c];
          sum += term;
          size += Math.abs(term);
        }
        half[a * in + c] = sum;
        halfVariance[a * in + c] = rounding(size);
      }
    }
    for (int a = 0; a < in; a++) {
      for (int b = 0; b < in; b++) {
        double sum = 0;
        double size = 0;
        double carried = 0;
        for (int c = 0; c < in; c++) {
          double factor = matrices.bt[b][c];
          double term = factor * half[a * in + c];
          sum += term;
          size += Math.abs(term);
          carried += factor * factor * halfVariance[a * in + c];
        }
        inputs[a * in + b] = sum;
        inputVariance[a * in + b] = carried + rounding(size);
      }
    }
  }

  /** Pixel (i, j) of the tile, without bias. */
  double pixel(int i, int j) {
    double sum = 0;
    for (int k = 0; k < chain.length; k++) {
      sum += matrices.at[i][k / in] * matrices.at[j][k % in] * chain[k];
    }
    return sum;
  }

  /** The standard deviation of the rounding of pixel (i, j), to which {@code bias} is added. */
  double deviation(int i, int j, float bias) {
    double sum = rounding(pixel(i, j) + bias);
    double size = 0;
    for (int b = 0; b < in; b++) {
      double across = matrices.at[j][b];
      double column = 0;
      double terms = 0;
      for (int a = 0; a < in; a++) {
        double down = matrices.at[i][a];
        column += down * chain[a * in + b];
        terms += Math.abs(down * chain[a * in + b]);
        sum += down * down * across * across * variance[a * in + b];
      }
      sum += across * across * rounding(terms);
      size += Math.abs(across * column);
    }
    return Math.sqrt(sum + rounding(size));
  }

  /** The variance of rounding a value of this size: an error uniform within half an ulp. */
  private static double rounding(double value) {
    double ulp = Math.ulp((float) value);
    return ulp * ulp / 12;
  }
}
