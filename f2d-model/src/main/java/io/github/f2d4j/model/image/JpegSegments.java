package io.github.f2d4j.model.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Walks the segments of a JPEG file: ITU-T T.81, annex B. */
final class JpegSegments {
  private static final int SOI = 0xd8;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int APP1 = 0xe1;
  private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);

  /** More scans than any encoder writes: each one is a pass over all pixels. */
  private static final int MAX_SCANS = 200;

  private final String name;
  private final byte[] file;
  private int at = 2;
  private long width;
  private long height;
  private int scans;
  private byte @Nullable [] exif;

  private JpegSegments(String name, byte[] file) {
    this.name = name;
    this.file = file;
  }

  static ImageHeader parse(String name, byte[] file) throws ImageException {
    JpegSegments segments = new JpegSegments(name, file);
    segments.walk();
    return new ImageHeader("jpeg", segments.width, segments.height, Orientation.of(segments.exif));
  }

  private void walk() throws ImageException {
    for (int marker = nextMarker(); marker != EOI; marker = nextMarker()) {
      if (marker == SOI || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
        continue; // stand alone
      }
      int length = at + 2 <= file.length ? u16(at) : 0;
      if (length < 2 || length > file.length - at) {
        throw truncated();
      }
      if (isFrame(marker)) {
        frame(marker, length);
      } else if (marker == APP1 && exif == null && startsWithExif(length)) {
        exif = Arrays.copyOfRange(file, at + 2 + EXIF.length, at + length);
      } else if (marker == SOS && ++scans > MAX_SCANS) {
        throw new ImageException(
            name, "the JPEG file has more than " + MAX_SCANS + " scans; save it again");
      }
      at += length;
    }
    if (scans == 0 || width == 0) {
      throw new ImageException(name, "damaged JPEG: it holds no pixels");
    }
  }

  /** The next marker; what lies before it is the data of a scan, or filling. */
  private int nextMarker() throws ImageException {
    while (at + 1 < file.length) {
      int marker = file[at + 1] & 0xff;
      if (file[at] == (byte) 0xff && marker != 0 && marker != 0xff) {
        at += 2;
        return marker;
      }
      at++;
    }
    throw truncated();
  }

  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  private void frame(int marker, int length) throws ImageException {
    if (length < 8) {
      throw truncated();
    }
    int precision = file[at + 2] & 0xff;
    int components = file[at + 7] & 0xff;
    if (marker > 0xc2 || precision != 8) {
      throw new ImageException(
          name,
          "an unusual kind of JPEG (process "
              + (marker - 0xc0)
              + ", "
              + precision
              + " bits); save it as an ordinary JPEG or as PNG");
    }
    if (components != 1 && components != 3) {
      throw new ImageException(
          name,
          "a JPEG of "
              + components
              + " colour components"
              + (components == 4 ? " (CMYK, for printing)" : "")
              + "; save it as RGB");
    }
    height = u16(at + 3);
    width = u16(at + 5);
  }

  private boolean startsWithExif(int length) {
    return length >= 2 + EXIF.length
        && Arrays.equals(file, at + 2, at + 2 + EXIF.length, EXIF, 0, EXIF.length);
  }

  private int u16(int index) {
    return (file[index] & 0xff) << 8 | (file[index + 1] & 0xff);
  }

  private ImageException truncated() {
    return new ImageException(name, "the JPEG file is cut off; fetch it again");
  }
}
