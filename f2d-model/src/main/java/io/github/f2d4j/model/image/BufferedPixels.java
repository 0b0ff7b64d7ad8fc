package io.github.f2d4j.model.image;

import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;

/** Pixels of a decoded picture as 8-bit RGB over an opaque background. */
final class BufferedPixels {
  private BufferedPixels() {}

  static RgbImage toRgb(BufferedImage image, int background) {
    boolean samples =
        image.getColorModel() instanceof ComponentColorModel
            && (image.getRaster().getTransferType() == DataBuffer.TYPE_BYTE
                || image.getRaster().getTransferType() == DataBuffer.TYPE_USHORT);
    return samples ? fromSamples(image.getRaster(), background) : fromColors(image, background);
  }

  /**
   * Grey, grey with alpha, RGB or RGBA of 8 or 16 bits, taken as stored: the colour model of Java
   * would read grey as linear light and brighten it.
   */
  private static RgbImage fromSamples(Raster raster, int background) {
    int w = raster.getWidth();
    int h = raster.getHeight();
    int bands = raster.getNumBands();
    if (bands > 4) {
      throw new IllegalArgumentException(bands + " colour components");
    }
    int max = raster.getTransferType() == DataBuffer.TYPE_USHORT ? 0xffff : 0xff;
    byte[] out = new byte[Math.multiplyExact(Math.multiplyExact(w, h), 3)];
    int[] row = new int[w * bands];
    boolean color = bands >= 3;
    boolean alpha = bands == 2 || bands == 4;
    for (int y = 0; y < h; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, w, 1, row);
      for (int x = 0; x < w; x++) {
        int a = alpha ? to8(row[x * bands + bands - 1], max) : 255;
        for (int c = 0; c < 3; c++) {
          int value = to8(row[x * bands + (color ? c : 0)], max);
          out[(y * w + x) * 3 + c] = blend(value, a, background, c);
        }
      }
    }
    return RgbImage.wrap(w, h, out);
  }

  /** Palettes and packed pixels, whose colours are sRGB. */
  private static RgbImage fromColors(BufferedImage image, int background) {
    int w = image.getWidth();
    int h = image.getHeight();
    byte[] out = new byte[Math.multiplyExact(Math.multiplyExact(w, h), 3)];
    int[] row = new int[w];
    for (int y = 0; y < h; y++) {
      image.getRGB(0, y, w, 1, row, 0, w);
      for (int x = 0; x < w; x++) {
        for (int c = 0; c < 3; c++) {
          int value = row[x] >> (16 - 8 * c) & 0xff;
          out[(y * w + x) * 3 + c] = blend(value, row[x] >>> 24, background, c);
        }
      }
    }
    return RgbImage.wrap(w, h, out);
  }

  private static int to8(int value, int max) {
    return max == 0xff ? value : (value * 255 + max / 2) / max;
  }

  private static byte blend(int value, int alpha, int background, int channel) {
    int behind = background >> (16 - 8 * channel) & 0xff;
    return (byte) ((value * alpha + behind * (255 - alpha) + 127) / 255);
  }
}
