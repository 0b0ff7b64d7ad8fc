package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.engine.random.NoiseSource;
import java.util.ArrayDeque;
import java.util.Deque;

/** A stream of recorded draws; each must be asked for in its own length. */
final class ReplayedNoise implements NoiseSource {
  private final Deque<float[]> draws = new ArrayDeque<>();

  /** Appends draws of {@code length} from {@code values}. */
  ReplayedNoise then(float[] values, int length) {
    if (values.length % length != 0) {
      throw new AssertionError(values.length + " values are no draws of " + length);
    }
    for (int i = 0; i < values.length; i += length) {
      float[] draw = new float[length];
      System.arraycopy(values, i, draw, 0, length);
      draws.addLast(draw);
    }
    return this;
  }

  @Override
  public void fillNormal(float[] out) {
    float[] draw = draws.removeFirst();
    if (draw.length != out.length) {
      throw new AssertionError(
          "a draw of " + out.length + " was asked for, recorded is one of " + draw.length);
    }
    System.arraycopy(draw, 0, out, 0, out.length);
  }

  /** Whether all draws have been asked for. */
  boolean isUsedUp() {
    return draws.isEmpty();
  }
}
