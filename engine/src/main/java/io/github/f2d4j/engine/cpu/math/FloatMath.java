package io.github.f2d4j.engine.cpu.math;

/**
 * Elementary functions in float32, one value at a time. {@link VectorMath} computes the same chain
 * of operations on vectors, so that both give the same bits.
 *
 * <p>Largest errors against the exact value, found by the tests over a dense sample of all floats:
 * exp 1 ulp, log 2 ulp, tanh 3 ulp, erf 2 ulp, sigmoid 3 ulp where the result is a normal number.
 * Polynomials are minimax fits of the form given at each function.
 */
public final class FloatMath {
  /** 1.5·2²³: adding it leaves the nearest integer in the low bits of the mantissa. */
  static final float ROUND = 0x1.8p23f;

  /** {@link #ROUND} and the bias of exponents. */
  static final float ROUND_127 = ROUND + 127;

  /** The bits of 127f. */
  static final int EXP2_END_BITS = 0x42FE0000;

  /** The bits of {@link #ROUND}. */
  static final int ROUND_BITS = 0x4B400000;

  /** The bits of {@link #ROUND} + 255: with these the power of two is infinite. */
  static final int ROUND_255_BITS = ROUND_BITS + 255;

  /** The binary logarithm of e. */
  public static final float LOG2_E = 1.442695f;

  static final float LN2_HI = 0.6931472f;
  static final float LN2_LO = (float) (0.6931471805599453 - (double) LN2_HI);

  /** exp(x) is 0 below and infinite above. */
  static final float EXP_MIN = -104f;

  static final float EXP_MAX = 89f;

  // exp(r) = 1 + r + r²·(E0 + E1·r + …), |r| ≤ ln 2 / 2, relative error 3.1e-9.
  static final float E4 = 0.0013819824f;
  static final float E3 = 0.008368687f;
  static final float E2 = 0.041668277f;
  static final float E1 = 0.16666521f;
  static final float E0 = 0.49999994f;

  // 2^r = 1 + r·(X0 + X1·r + …), |r| ≤ 1/2, relative error 9.4e-8.
  static final float X4 = 0.0013269593f;
  static final float X3 = 0.009671395f;
  static final float X2 = 0.055507112f;
  static final float X1 = 0.24022245f;
  static final float X0 = 0.693147f;

  // log(1 + f) = f − f²/2 + f³·(L0 + L1·f + …), √½ − 1 ≤ f < √2 − 1, relative error 5.9e-9.
  static final float L7 = -0.076369405f;
  static final float L6 = 0.12762485f;
  static final float L5 = -0.1315955f;
  static final float L4 = 0.1420154f;
  static final float L3 = -0.1662341f;
  static final float L2 = 0.20001243f;
  static final float L1 = -0.2500082f;
  static final float L0 = 0.3333333f;

  /** The bits of √½, where the mantissa is split. */
  static final int SQRT_HALF_BITS = 0x3F3504F3;

  // tanh(x) = x + x³·(T0 + T1·x² + …), |x| < TANH_SMALL, relative error 4.5e-9.
  static final float T4 = -0.005697227f;
  static final float T3 = 0.020631837f;
  static final float T2 = -0.053737365f;
  static final float T1 = 0.13331412f;
  static final float T0 = -0.3333328f;
  static final float TANH_SMALL = 0.625f;

  /** tanh rounds to 1 from here. */
  static final float TANH_ONE = 9.5f;

  static final float TWO_LOG2_E = 2.88539f;

  // erf(x) = x + x·(R0 + R1·x² + …), |x| < 1, relative error 4.1e-8.
  static final float R5 = -0.00056272803f;
  static final float R4 = 0.0049165394f;
  static final float R3 = -0.026710436f;
  static final float R2 = 0.112801485f;
  static final float R1 = -0.37612322f;
  static final float R0 = 0.12837912f;

  // erf(t) = 1 − 2^(t·(C0 + C1·t + …)), 1 ≤ t ≤ 4, error 3.7e-9; erf(4) rounds to 1.
  static final float C5 = 0.00030395604f;
  static final float C4 = -0.0045983326f;
  static final float C3 = 0.032893058f;
  static final float C2 = -0.15165354f;
  static final float C1 = -0.9173085f;
  static final float C0 = -1.6280533f;
  public static final float ERF_ONE = 4f;

  public static final float SQRT_HALF = 0.70710677f;

  /** β of {@link #quickGelu}. */
  public static final float QUICK = 1.702f;

  private FloatMath() {}

  /**
   * What {@link #exp} is made of: its least and largest argument, log₂ e, what rounds, −ln 2 in two
   * parts, and its polynomial from the constant factor on.
   */
  public static float[] expConstants() {
    return new float[] {EXP_MIN, EXP_MAX, LOG2_E, ROUND, -LN2_HI, -LN2_LO, E0, E1, E2, E3, E4};
  }

  /**
   * Polynomials of which erf is made, from the constant factor on: erf(x)/x − 1 of x² below 1, and
   * log₂(1 − erf(x))/x of x from there to {@link #ERF_ONE}.
   */
  public static float[][] erfPolynomials() {
    return new float[][] {{R0, R1, R2, R3, R4, R5}, {C0, C1, C2, C3, C4, C5}};
  }

  /** The factors of 1, r, r² and so on of a polynomial that is 2ʳ for |r| ≤ 1/2 within 9.4e-8. */
  public static float[] exp2Polynomial() {
    return new float[] {1f, X0, X1, X2, X3, X4};
  }

  /** eˣ; results below the smallest normal number are gradually denormal, as IEEE asks. */
  public static float exp(float x) {
    float c = x < EXP_MIN ? EXP_MIN : x;
    c = c > EXP_MAX ? EXP_MAX : c;
    float t = Math.fma(c, LOG2_E, ROUND);
    float n = t - ROUND;
    float r = Math.fma(n, -LN2_LO, Math.fma(n, -LN2_HI, c));
    float q = Math.fma(E4, r, E3);
    q = Math.fma(q, r, E2);
    q = Math.fma(q, r, E1);
    q = Math.fma(q, r, E0);
    float p = Math.fma(r * r, q, r) + 1f;
    // 2ⁿ as a product: n may be below −126 or be 128.
    int i = Float.floatToRawIntBits(t) - ROUND_BITS;
    int h = i >> 1;
    return p * Float.intBitsToFloat((h + 127) << 23) * Float.intBitsToFloat((i - h + 127) << 23);
  }

  /** 2⁻ˣ for x ≥ 0; 0 where that rounds to less than the smallest normal number. Not for NaN. */
  public static float exp2Negated(float x) {
    // Bits of numbers that are not negative have their order; 127 gives the exponent of 0.
    float c = Float.intBitsToFloat(Math.min(Float.floatToRawIntBits(x), EXP2_END_BITS));
    float t = ROUND_127 - c;
    float r = ROUND_127 - t - c;
    float q = Math.fma(X4, r, X3);
    q = Math.fma(q, r, X2);
    q = Math.fma(q, r, X1);
    q = Math.fma(q, r, X0);
    return Math.fma(q, r, 1f) * Float.intBitsToFloat(Float.floatToRawIntBits(t) << 23);
  }

  /**
   * The second argument of {@link #exp2Above} for a whole number {@code reference}, at most 2²¹ in
   * magnitude.
   */
  public static float exp2Shift(float reference) {
    return ROUND_127 - reference;
  }

  /**
   * 2^(x − reference), where {@code shift} is {@link #exp2Shift} of the reference; for x ≥ −10¹². 0
   * where that rounds to less than the smallest normal number; an infinity of either sign or NaN
   * where it is 2¹²⁸ or more; NaN for NaN; else within 2.5 ulp. Cheaper than {@link #exp2Negated}:
   * the reference costs nothing, and fewer steps of the polynomial wait for each other.
   */
  public static float exp2Above(float x, float shift) {
    float t = x + shift;
    float r = x - (t - shift);
    // X0·r + 1, X2·r + X1 and X4·r + X3, joined by r².
    float s = r * r;
    float q = Math.fma(s, Math.fma(X4, r, X3), Math.fma(X2, r, X1));
    q = Math.fma(s, q, Math.fma(X0, r, 1f));
    int power = Math.min(Math.max(Float.floatToRawIntBits(t), ROUND_BITS), ROUND_255_BITS);
    return q * Float.intBitsToFloat(power << 23);
  }

  /** 2ˣ for −126 ≤ x ≤ 126. */
  static float exp2Bounded(float x) {
    float t = x + ROUND;
    float r = x - (t - ROUND);
    float q = Math.fma(X4, r, X3);
    q = Math.fma(q, r, X2);
    q = Math.fma(q, r, X1);
    q = Math.fma(q, r, X0);
    float p = Math.fma(q, r, 1f);
    // The low nine bits of ROUND_BITS are 0, so the shift drops it.
    return p * Float.intBitsToFloat((Float.floatToRawIntBits(t) + 127) << 23);
  }

  /** The natural logarithm. */
  public static float log(float x) {
    boolean small = x < Float.MIN_NORMAL;
    float scaled = small ? x * 0x1p23f : x;
    int bits = Float.floatToRawIntBits(scaled);
    int e = (bits - SQRT_HALF_BITS) >> 23;
    float f = Float.intBitsToFloat(bits - (e << 23)) - 1f;
    float k = (Float.intBitsToFloat(e + ROUND_BITS) - ROUND) - (small ? 23f : 0f);
    float q = Math.fma(L7, f, L6);
    q = Math.fma(q, f, L5);
    q = Math.fma(q, f, L4);
    q = Math.fma(q, f, L3);
    q = Math.fma(q, f, L2);
    q = Math.fma(q, f, L1);
    q = Math.fma(q, f, L0);
    float s = f * f;
    float y = Math.fma(f * s, q, k * LN2_LO);
    y = Math.fma(-0.5f, s, y) + f;
    y = Math.fma(k, LN2_HI, y);
    y = x < Float.POSITIVE_INFINITY ? y : x;
    y = x < 0f ? Float.NaN : y;
    return x == 0f ? Float.NEGATIVE_INFINITY : y;
  }

  /** The hyperbolic tangent. */
  public static float tanh(float x) {
    float a = Math.abs(x);
    float s = x * x;
    float q = Math.fma(T4, s, T3);
    q = Math.fma(q, s, T2);
    q = Math.fma(q, s, T1);
    q = Math.fma(q, s, T0);
    float small = Math.fma(x * s, q, x);
    float c = a > TANH_ONE ? TANH_ONE : a;
    float big = 1f - 2f / (exp2Bounded(c * TWO_LOG2_E) + 1f);
    return a < TANH_SMALL ? small : x < 0f ? -big : big;
  }

  /** The error function. */
  public static float erf(float x) {
    float y = erfOfMagnitude(Math.abs(x));
    return x < 0f ? -y : y;
  }

  /** The error function of a ≥ 0. */
  static float erfOfMagnitude(float a) {
    float s = a * a;
    float q = Math.fma(R5, s, R4);
    q = Math.fma(q, s, R3);
    q = Math.fma(q, s, R2);
    q = Math.fma(q, s, R1);
    q = Math.fma(q, s, R0);
    float small = Math.fma(a, q, a);
    float t = Math.min(a, ERF_ONE);
    float u = Math.fma(C5, t, C4);
    u = Math.fma(u, t, C3);
    u = Math.fma(u, t, C2);
    u = Math.fma(u, t, C1);
    u = Math.fma(u, t, C0);
    return a < 1f ? small : 1f - exp2Bounded(t * u);
  }

  /** 1 / (1 + e⁻ˣ). */
  public static float sigmoid(float x) {
    return 1f / (exp(-x) + 1f);
  }

  /** x·sigmoid(x). */
  public static float silu(float x) {
    return x / (exp(-x) + 1f);
  }

  /** x·Φ(x) = (x + |x|·erf(|x|/√2)) / 2. */
  public static float gelu(float x) {
    float a = Math.abs(x);
    return Math.fma(a, erfOfMagnitude(a * SQRT_HALF), x) * 0.5f;
  }

  /** x·sigmoid(1.702·x). */
  public static float quickGelu(float x) {
    return x / (exp(x * -QUICK) + 1f);
  }

  /** The sine, rounded from double: the same on every machine. */
  public static float sin(float x) {
    return (float) StrictMath.sin(x);
  }

  /** The cosine, rounded from double. */
  public static float cos(float x) {
    return (float) StrictMath.cos(x);
  }

  /** aᵇ, rounded from double. */
  public static float pow(float a, float b) {
    return (float) StrictMath.pow(a, b);
  }
}
