package io.github.f2d4j.engine.cpu.multiply;

import java.util.Arrays;

/** Scratch arrays that grow as they are needed; what was in them is lost. */
public final class Room {
  private Room() {}

  /** {@code array} if it is long enough. */
  public static float[] atLeast(int length, float[] array) {
    return array.length >= length ? array : new float[length];
  }

  /** Keeps the arrays that are long enough, and all beyond {@code count}. */
  public static float[][] atLeast(int count, int length, float[][] arrays) {
    float[][] all = arrays.length >= count ? arrays : Arrays.copyOf(arrays, count);
    for (int i = 0; i < count; i++) {
      if (all[i] == null || all[i].length < length) {
        all[i] = new float[length];
      }
    }
    return all;
  }
}
