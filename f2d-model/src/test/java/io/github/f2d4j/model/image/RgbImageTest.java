package io.github.f2d4j.model.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RgbImageTest {
  @Test
  void roundsAsNumpyDoes() {
    // half of 255 is 127.5, which rounds to the even 128; 126.5 rounds to 126
    float odd = (float) (126.5 / 255 * 2 - 1);
    RgbImage image = RgbImage.fromSigned(2, 1, new float[] {-1, 1, 0, odd, -7, 1e30f});
    assertArrayEquals(new byte[] {0, (byte) 255, (byte) 128, 126, 0, (byte) 255}, image.rgb());
  }

  @Test
  void refusesNan() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> RgbImage.fromSigned(1, 1, new float[] {0, Float.NaN, 0}));
    assertTrue(e.getMessage().contains("value 1 of the decoded picture is NaN"), e.getMessage());
  }

  @Test
  void keepsItsOwnCopy() {
    byte[] rgb = {1, 2, 3};
    RgbImage image = RgbImage.of(1, 1, rgb);
    rgb[0] = 9;
    image.rgb()[1] = 9;
    assertArrayEquals(new byte[] {1, 2, 3}, image.rgb());
    assertEquals(3, image.get(0, 0, 2));
  }

  @Test
  void refusesWrongSizes() {
    assertThrows(IllegalArgumentException.class, () -> RgbImage.of(2, 1, new byte[3]));
    assertThrows(IllegalArgumentException.class, () -> RgbImage.of(0, 0, new byte[0]));
    assertThrows(IllegalArgumentException.class, () -> RgbImage.of(-1, -1, new byte[3]));
    RgbImage image = RgbImage.of(1, 1, new byte[3]);
    assertThrows(IndexOutOfBoundsException.class, () -> image.get(1, 0, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> image.get(0, -1, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> image.get(0, 0, 3));
  }
}
