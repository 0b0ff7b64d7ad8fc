package io.github.f2d4j.engine.cpu.attend;

import io.github.f2d4j.engine.cpu.math.FloatMath;
import io.github.f2d4j.engine.cpu.tile.Tile;
import java.util.Arrays;

/**
 * What the online softmax of a panel of queries knows: rows of one float per query.
 *
 * <p>The usual form subtracts the maximum so far, and multiplies what was summed whenever it grows.
 * But any reference will do that keeps powers of two and their sums far from overflow and
 * underflow. So it starts at 0 and stays there as long as a tile's sum is at most 2⁴⁸ and the whole
 * sum at least 2⁻⁴⁸, which in practice is always: then no maximum is looked for and nothing is
 * multiplied. Otherwise the reference moves to the maximum, rounded to a whole number, by slow
 * scalar loops. Each query decides for itself, by its own scores, so the bits depend on nothing
 * else.
 */
final class SoftmaxState {
  private static final int COLUMNS = Tile.BEST.columns();

  /** {@link FloatMath#exp2Shift} of the reference; NaN if the reference is {@link #FAR} away. */
  static final int SHIFT = 0;

  /** Σ 2^(score − reference) so far. */
  static final int SUM = COLUMNS;

  /** The same of the last tile of keys. */
  static final int TILE_SUM = 2 * COLUMNS;

  /** By what earlier results must be multiplied after {@link #move}. */
  static final int FACTOR = 3 * COLUMNS;

  private static final int REFERENCE = 4 * COLUMNS;

  /** Floats of a panel's state. */
  static final int LENGTH = 5 * COLUMNS;

  /** The largest sum of a tile that may be added; NaN may not. */
  static final float MOST = 0x1p48f;

  /** The smallest sum that may be left. */
  static final float LEAST = 0x1p-48f;

  /** The score of a key that is hidden: its power is 0 at any reference that is near. */
  static final float HIDDEN = -1e12f;

  /** Beyond this a reference cannot be shifted to without loss. */
  private static final float FAR = 0x1p21f;

  private SoftmaxState() {}

  /** Sets the state of a panel that has seen no keys. */
  static void start(float[] state, int at) {
    Arrays.fill(state, at, at + LENGTH, 0f);
    Arrays.fill(state, at + SHIFT, at + SHIFT + COLUMNS, FloatMath.exp2Shift(0f));
  }

  /**
   * Finishes a step that {@link AttendLoops#softmax} could not: moves the reference of the queries
   * whose sums are not fit, and adds all sums. Arguments as there; keys that are hidden have the
   * score −∞ here. Results so far must then be multiplied by {@link #FACTOR}.
   */
  static void move(float[] scores, int keys, float[] p, float[] state, int at) {
    for (int j = 0; j < COLUMNS; j++) {
      float tileSum = state[at + TILE_SUM + j];
      float sum = state[at + SUM + j] + tileSum;
      if (tileSum <= MOST && sum >= LEAST) {
        state[at + SUM + j] = sum;
        state[at + FACTOR + j] = 1f;
      } else {
        move(scores, keys, p, state, at, j);
      }
    }
  }

  private static void move(float[] scores, int keys, float[] p, float[] state, int at, int j) {
    float sum = state[at + SUM + j];
    Moved moved = move(scores, j, COLUMNS, keys, p, sum, state[at + REFERENCE + j]);
    state[at + SHIFT + j] = moved.shift;
    state[at + REFERENCE + j] = moved.reference;
    state[at + SUM + j] = moved.sum;
    state[at + FACTOR + j] = moved.factor;
  }

  /**
   * What one query knows after its reference has moved.
   *
   * @param shift {@link FloatMath#exp2Shift} of the reference
   * @param sum of all powers so far
   * @param factor by which earlier results must be multiplied
   */
  record Moved(float shift, float reference, float sum, float factor) {}

  /**
   * Moves the reference of one query to the maximum of its scores.
   *
   * @param scores every {@code step} floats from {@code first}; its powers go to the same places of
   *     {@code p}
   * @param sum of its powers before these keys
   * @param old its reference
   */
  static Moved move(
      float[] scores, int first, int step, int keys, float[] p, float sum, float old) {
    int end = first + keys * step;
    float max = Float.NEGATIVE_INFINITY;
    float total = 0;
    for (int i = first; i < end; i += step) {
      float v = scores[i];
      max = v > max ? v : max;
      total += v;
    }
    float reference = sum > 0 ? Math.max(max, old) : max;
    if (reference == Float.NEGATIVE_INFINITY) {
      reference = old;
    }
    boolean near = Math.abs(reference) <= FAR;
    if (near) {
      reference = (float) Math.rint(reference);
    }
    float shift = near ? FloatMath.exp2Shift(reference) : Float.NaN;
    float tileSum = 0;
    for (int i = first; i < end; i += step) {
      float v = scores[i];
      float e =
          near
              ? FloatMath.exp2Above(v < HIDDEN ? HIDDEN : v, shift)
              : FloatMath.exp2Negated(reference - v);
      p[i] = e;
      tileSum += e;
    }
    // exp2Negated does not know NaN.
    boolean lost = Float.isNaN(total) || max == Float.POSITIVE_INFINITY;
    float factor = sum > 0 ? FloatMath.exp2Negated(reference - old) : 1f;
    return new Moved(shift, reference, lost ? Float.NaN : Math.fma(sum, factor, tileSum), factor);
  }
}
