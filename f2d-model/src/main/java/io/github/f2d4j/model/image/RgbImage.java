package io.github.f2d4j.model.image;

import java.util.Arrays;

/** An 8-bit sRGB picture: rows from the top, pixels from the left, R, G, B interleaved. */
public final class RgbImage {
  /** Values per pixel. */
  public static final int CHANNELS = 3;

  private final int width;
  private final int height;
  private final byte[] rgb;

  private RgbImage(int width, int height, byte[] rgb) {
    if (width < 1 || height < 1 || (long) width * height * CHANNELS != rgb.length) {
      throw new IllegalArgumentException(
          "a picture of "
              + width
              + " x "
              + height
              + " pixels needs "
              + (long) width * height * CHANNELS
              + " bytes (and at least one pixel) but was given "
              + rgb.length);
    }
    this.width = width;
    this.height = height;
    this.rgb = rgb;
  }

  /**
   * A picture with a copy of these bytes.
   *
   * @param rgb {@code height * width * 3} bytes
   * @throws IllegalArgumentException if that is not their number
   */
  public static RgbImage of(int width, int height, byte[] rgb) {
    return new RgbImage(width, height, rgb.clone());
  }

  /** A picture that takes over the array; the caller must not write to it again. */
  static RgbImage wrap(int width, int height, byte[] rgb) {
    return new RgbImage(width, height, rgb);
  }

  /**
   * A decoded picture as bytes: {@code round((x/2 + 0.5) clamped to 0..1 * 255)}, halves to even,
   * as diffusers' {@code VaeImageProcessor} and numpy do.
   *
   * @param nhwc {@code height * width * 3} values, -1 black, 1 white
   * @throws IllegalArgumentException if a value is NaN or their number is wrong
   */
  public static RgbImage fromSigned(int width, int height, float[] nhwc) {
    byte[] rgb = new byte[nhwc.length];
    for (int i = 0; i < rgb.length; i++) {
      float x = nhwc[i];
      if (Float.isNaN(x)) {
        throw new IllegalArgumentException(
            "value " + i + " of the decoded picture is NaN; a weight or a step before is broken");
      }
      float unit = Math.clamp(x / 2f + 0.5f, 0f, 1f);
      rgb[i] = (byte) (int) Math.rint(unit * 255f);
    }
    return new RgbImage(width, height, rgb);
  }

  /** Pixels in a row. */
  public int width() {
    return width;
  }

  /** Rows. */
  public int height() {
    return height;
  }

  /** Channel 0 (red), 1 (green) or 2 (blue) of a pixel, 0..255. */
  public int get(int x, int y, int channel) {
    if (x < 0 || x >= width || y < 0 || y >= height || channel < 0 || channel >= CHANNELS) {
      throw new IndexOutOfBoundsException(
          "(" + x + "," + y + ") channel " + channel + " of " + this);
    }
    return rgb[(y * width + x) * CHANNELS + channel] & 0xff;
  }

  /** A copy of the bytes. */
  public byte[] rgb() {
    return rgb.clone();
  }

  /** The bytes themselves, for reading only. */
  byte[] bytes() {
    return rgb;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof RgbImage i && i.width == width && Arrays.equals(i.rgb, rgb);
  }

  @Override
  public int hashCode() {
    return 31 * width + Arrays.hashCode(rgb);
  }

  @Override
  public String toString() {
    return "picture of " + width + " x " + height + " pixels";
  }
}
