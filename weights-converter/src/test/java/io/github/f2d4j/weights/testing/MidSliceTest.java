package io.github.f2d4j.weights.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.f2d4j.engine.types.Shape;
import org.junit.jupiter.api.Test;

class MidSliceTest {
  private static final Shape FULL = Shape.of(2, 3, 2, 2);

  /** The value of each element is its index. */
  private static float[] values() {
    float[] values = new float[24];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return values;
  }

  private static void check(String name, Shape shape, float... expected) {
    MidSlice slice = MidSlice.parse(name);
    assertEquals("layer1.0.conv", slice.module());
    assertEquals(shape, slice.shape(FULL));
    assertArrayEquals(expected, slice.cut(values(), FULL));
  }

  @Test
  void cutsAsNumpyDoes() {
    check("mid.layer1.0.conv[1,2]", Shape.of(2, 2), 20, 21, 22, 23);
    check("mid.layer1.0.conv[0:1,1:3,1]", Shape.of(1, 2, 2), 6, 7, 10, 11);
    check("layer1.0.conv[-1,:1,0,1]", Shape.of(1), 13);
    check("layer1.0.conv[1,2,1,1]", Shape.of(), 23);
    check("layer1.0.conv[0]", Shape.of(3, 2, 2), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    check("mid.layer1.0.conv", FULL, values());
    assertFalse(MidSlice.parse("mid.layer1").isSliced());
  }

  @Test
  void refusesWhatDoesNotFit() {
    for (String name : new String[] {"a[2]", "a[0,0,0,0,0]", "a[2:1]", "a[-3]"}) {
      assertThrows(AssertionError.class, () -> MidSlice.parse(name).cut(values(), FULL), name);
    }
    for (String name : new String[] {"a[x]", "a[0][1]", "a[0", "[0]", "a[1.5]", "a[::2]"}) {
      assertThrows(AssertionError.class, () -> MidSlice.parse(name), name);
    }
  }
}
