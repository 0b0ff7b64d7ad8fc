package io.github.f2d4j.engine.cpu.tile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.f2d4j.engine.cpu.simd.Lanes;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every tile, also those that this processor would not choose, against one chain per element. */
class TileTest {
  /** The tiles; those of vectors are loaded only where there are vectors. */
  enum Kind {
    SCALAR,
    SIX_BY_TWO,
    SIX_BY_FOUR;

    Tile tile() {
      assumeTrue(this == SCALAR || Lanes.VECTOR, "this run has no vectors");
      return switch (this) {
        case SCALAR -> new TileScalar();
        case SIX_BY_TWO -> new Tile6x2();
        case SIX_BY_FOUR -> new Tile6x4();
      };
    }
  }

  private final Random random = new Random(5);

  private float[] values(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat(-1, 1);
    }
    return values;
  }

  /** {@code depth} more steps of every element's chain. */
  private static float[] chains(Tile tile, float[] a, float[] b, int depth, float[] from) {
    float[] sums = from.clone();
    for (int row = 0; row < tile.rows(); row++) {
      for (int column = 0; column < tile.columns(); column++) {
        int i = row * tile.columns() + column;
        for (int k = 0; k < depth; k++) {
          sums[i] = Math.fma(a[row * Tile.PITCH + k], b[k * tile.columns() + column], sums[i]);
        }
      }
    }
    return sums;
  }

  @ParameterizedTest
  @EnumSource
  void everyElementIsOneChain(Kind kind) {
    Tile tile = kind.tile();
    for (int depth : new int[] {0, 1, 2, 3, 39, 40, 384, Tile.PITCH}) {
      float[] a = values(tile.rows() * Tile.PITCH + 1);
      float[] b = values(depth * tile.columns());
      int size = tile.rows() * tile.columns();
      float[] around = values(size + 7);
      float[] expected = around.clone();
      float[] fresh = chains(tile, a, b, depth, new float[size]);
      System.arraycopy(fresh, 0, expected, 3, size);
      float[] sums = around.clone();
      tile.multiply(a, b, depth, sums, 3, true);
      assertArrayEquals(expected, sums, kind + " begins, depth " + depth);

      float[] more = chains(tile, a, b, depth, fresh);
      System.arraycopy(more, 0, expected, 3, size);
      tile.multiply(a, b, depth, sums, 3, false);
      assertArrayEquals(expected, sums, kind + " continues, depth " + depth);
    }
  }

  /** Rows are operands, so only the place behind them may be written to. */
  @ParameterizedTest
  @EnumSource
  void theRowsAreKept(Kind kind) {
    Tile tile = kind.tile();
    float[] a = values(tile.rows() * Tile.PITCH + 1);
    float[] before = a.clone();
    tile.multiply(a, values(8 * tile.columns()), 8, new float[1000], 0, true);
    int rows = tile.rows() * Tile.PITCH;
    assertArrayEquals(Arrays.copyOf(before, rows), Arrays.copyOf(a, rows));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void theChainsOfThisTestSeeEveryOperand(int operand) {
    Tile tile = new TileScalar();
    float[] a = values(tile.rows() * Tile.PITCH + 1);
    float[] b = values(3 * tile.columns());
    float[] none = new float[tile.rows() * tile.columns()];
    float[] before = chains(tile, a, b, 3, none);
    (operand == 0 ? a : b)[2] += 1;
    assertNotEquals(Arrays.hashCode(before), Arrays.hashCode(chains(tile, a, b, 3, none)));
    assertEquals(none.length, before.length);
  }
}
