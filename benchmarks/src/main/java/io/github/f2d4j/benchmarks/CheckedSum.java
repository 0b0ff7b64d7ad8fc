package io.github.f2d4j.benchmarks;

/**
 * A sum of products three ways: in double precision, as the engine's float32 chain of fused
 * multiply-adds, and how far rounding can have moved such a chain.
 *
 * <p>Step k of a chain rounds the partial sum s_k, an error uniform within half a unit in its last
 * place, so of variance ulp(s_k)²/12. Steps round independently, so the error of the whole is close
 * to normal with the sum of these variances (N. Higham, T. Mary, "A New Approach to Probabilistic
 * Rounding Error Analysis", 2019). Eight standard deviations allow no element in 10¹⁴ by chance.
 *
 * <p>Where the engine multiplies with the processor's matrix unit, it rounds numbers to the size of
 * the largest, and their products and sums almost not at all: with operands of one size there the
 * deviation of one chain of some hundred steps or more is a bound.
 */
final class CheckedSum {
  private static final double DEVIATIONS = 8;

  private double exact;
  private float chain;
  private double variance;

  void reset() {
    exact = 0;
    chain = 0;
    variance = 0;
  }

  void add(float a, float b) {
    exact += (double) a * b;
    chain = Math.fma(a, b, chain);
    round();
  }

  /** Adds the bias, which comes after the chain. */
  void finish(float bias) {
    exact += bias;
    chain += bias;
    round();
  }

  private void round() {
    double ulp = Math.ulp(chain);
    variance += ulp * ulp / 12;
  }

  /** What one float32 chain gives. */
  float chain() {
    return chain;
  }

  /** The standard deviation of a chain's rounding error. */
  double deviation() {
    return Math.sqrt(variance);
  }

  /** How far {@code result} is off, in these standard deviations of rounding. */
  double error(float result, double deviation) {
    return (result - exact) / deviation;
  }

  /** How far {@code result} is off, in standard deviations of a chain's rounding. */
  double error(float result) {
    return error(result, deviation());
  }

  /**
   * Compares an element that is one chain with the sum.
   *
   * @throws IllegalStateException if rounding of one chain does not explain its error
   */
  void check(int index, float result) {
    check(index, result, deviation(), "a chain");
  }

  /**
   * Compares an element with the sum.
   *
   * @param deviation the standard deviation of the rounding error of what computed it
   * @param algorithm what that is, for people
   * @throws IllegalStateException if rounding does not explain its error
   */
  void check(int index, float result, double deviation, String algorithm) {
    double error = Math.abs(error(result, deviation));
    if (!(error <= DEVIATIONS)) {
      throw new IllegalStateException(
          ("wrong result, not timed: element %d is %s, in double precision %s, as a float32 chain"
                  + " %s; rounding of %s has a standard deviation of %s, so %.1f of them, %.0f"
                  + " allowed")
              .formatted(index, result, exact, chain, algorithm, deviation, error, DEVIATIONS));
    }
  }
}
