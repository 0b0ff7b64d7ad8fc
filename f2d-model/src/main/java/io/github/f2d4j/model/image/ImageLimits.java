package io.github.f2d4j.model.image;

/**
 * What a picture may be at most and must be at least, checked before anything is decoded.
 *
 * @param maxPixels width times height
 * @param maxFileBytes size of the file
 * @param minSide smallest width and height
 * @param background 0xRRGGBB that shows through transparent pixels
 */
public record ImageLimits(long maxPixels, long maxFileBytes, int minSide, int background) {
  /** 64 million pixels, 256 MB, at least 16 pixels each way, white behind transparency. */
  public static final ImageLimits DEFAULT = new ImageLimits(64_000_000, 256_000_000, 16, 0xffffff);

  /** Checks that the limits make sense. */
  public ImageLimits {
    if (maxPixels < 1 || maxPixels > Integer.MAX_VALUE / 4 || minSide < 1) {
      throw new IllegalArgumentException(
          "maxPixels must be from 1 to 2^29-1 and minSide at least 1, but were given "
              + maxPixels
              + " and "
              + minSide);
    }
    if (maxFileBytes < 1 || maxFileBytes > Integer.MAX_VALUE - 8 || background >>> 24 != 0) {
      throw new IllegalArgumentException(
          "maxFileBytes must be from 1 to 2^31-9 and background from 0 to 0xffffff, but were given "
              + maxFileBytes
              + " and "
              + background);
    }
  }

  /** These limits with another number of pixels. */
  public ImageLimits withMaxPixels(long pixels) {
    return new ImageLimits(pixels, maxFileBytes, minSide, background);
  }

  /** These limits with another smallest side. */
  public ImageLimits withMinSide(int pixels) {
    return new ImageLimits(maxPixels, maxFileBytes, pixels, background);
  }

  /** These limits with another colour behind transparent pixels, 0xRRGGBB. */
  public ImageLimits withBackground(int rgb) {
    return new ImageLimits(maxPixels, maxFileBytes, minSide, rgb);
  }
}
