package io.github.f2d4j.model.image;

import com.drew.lang.ByteArrayReader;
import com.drew.metadata.Metadata;
import com.drew.metadata.MetadataException;
import com.drew.metadata.exif.ExifIFD0Directory;
import com.drew.metadata.exif.ExifReader;
import org.jspecify.annotations.Nullable;

/**
 * The EXIF orientation of a photograph (CIPA DC-008, tag 0x0112): how the stored rows and columns
 * are to be turned so that the picture stands upright. The values are 1 to 8.
 */
final class Orientation {
  static final int UPRIGHT = 1;

  private Orientation() {}

  /** The orientation in an EXIF block; upright if there is none, or it makes no sense. */
  static int of(byte @Nullable [] exif) {
    if (exif == null) {
      return UPRIGHT;
    }
    try {
      Metadata metadata = new Metadata();
      new ExifReader().extract(new ByteArrayReader(exif), metadata);
      ExifIFD0Directory directory = metadata.getFirstDirectoryOfType(ExifIFD0Directory.class);
      int value = directory == null ? UPRIGHT : directory.getInt(ExifIFD0Directory.TAG_ORIENTATION);
      return value >= 1 && value <= 8 ? value : UPRIGHT;
    } catch (MetadataException | RuntimeException e) {
      return UPRIGHT; // no such tag, or a damaged block: viewers show such a picture as stored
    }
  }

  /** The picture turned upright. */
  static RgbImage apply(RgbImage stored, int orientation) {
    if (orientation == UPRIGHT) {
      return stored;
    }
    int w = stored.width();
    int h = stored.height();
    boolean transposed = orientation >= 5;
    int outWidth = transposed ? h : w;
    int outHeight = transposed ? w : h;
    byte[] in = stored.bytes();
    byte[] out = new byte[in.length];
    for (int y = 0; y < outHeight; y++) {
      for (int x = 0; x < outWidth; x++) {
        int from =
            switch (orientation) {
              case 2 -> y * w + (w - 1 - x);
              case 3 -> (h - 1 - y) * w + (w - 1 - x);
              case 4 -> (h - 1 - y) * w + x;
              case 5 -> x * w + y;
              case 6 -> (h - 1 - x) * w + y;
              case 7 -> (h - 1 - x) * w + (w - 1 - y);
              case 8 -> x * w + (w - 1 - y);
              default -> throw new IllegalArgumentException("orientation " + orientation);
            };
        System.arraycopy(in, 3 * from, out, 3 * (y * outWidth + x), 3);
      }
    }
    return RgbImage.wrap(outWidth, outHeight, out);
  }
}
