package io.github.f2d4j.model.face;

import io.github.f2d4j.model.image.RgbImage;

/** A face at the place, size and angle that identity encoders are trained on: 112×112 pixels. */
public final class AlignedFace {
  /** Width and height. */
  public static final int SIZE = 112;

  private final RgbImage image;

  private AlignedFace(RgbImage image) {
    this.image = image;
  }

  /**
   * A crop that is aligned already.
   *
   * @throws IllegalArgumentException if it is not 112×112 pixels
   */
  public static AlignedFace of(RgbImage crop) {
    if (!isCropSize(crop)) {
      throw new IllegalArgumentException(
          "an aligned face has "
              + SIZE
              + " x "
              + SIZE
              + " pixels but this is a "
              + crop
              + "; give landmarks for a photograph that is not aligned");
    }
    return new AlignedFace(crop);
  }

  /** Whether a picture has the size of an aligned face. */
  public static boolean isCropSize(RgbImage image) {
    return image.width() == SIZE && image.height() == SIZE;
  }

  /** The pixels. */
  public RgbImage image() {
    return image;
  }

  /** {@code (x / 255 − 0.5) / 0.5} as [112,112,3]: rows, columns, R G B. */
  public float[] toNhwc() {
    byte[] rgb = image.rgb();
    float[] out = new float[rgb.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = scale(rgb[i]);
    }
    return out;
  }

  /** {@code (x / 255 − 0.5) / 0.5} as [3,112,112]: R G B, rows, columns. */
  public float[] toNchw() {
    byte[] rgb = image.rgb();
    int pixels = SIZE * SIZE;
    float[] out = new float[rgb.length];
    for (int i = 0; i < out.length; i++) {
      out[i % 3 * pixels + i / 3] = scale(rgb[i]);
    }
    return out;
  }

  private static float scale(byte value) {
    return ((value & 0xff) / 255f - 0.5f) / 0.5f;
  }
}
