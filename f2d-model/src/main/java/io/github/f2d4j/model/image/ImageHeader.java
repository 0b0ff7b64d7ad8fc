package io.github.f2d4j.model.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * What a file says of its picture, found without decoding it.
 *
 * @param format name of the ImageIO reader
 * @param width pixels in a row, as stored
 * @param height rows, as stored
 * @param orientation the EXIF orientation, 1 to 8; 1 is upright
 */
record ImageHeader(String format, long width, long height, int orientation) {
  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};
  private static final byte[] JPEG = {(byte) 0xff, (byte) 0xd8, (byte) 0xff};
  private static final int GIF_HEADER = 13;
  private static final int OLD_BMP_HEADER = 26;
  private static final int BMP_HEADER = 54;
  private static final Set<Integer> BMP_BITS = Set.of(1, 4, 8, 16, 24, 32);
  private static final int BMP_BIT_FIELDS = 3;

  /** Reads the header by the content's first bytes; the file's ending does not matter. */
  static ImageHeader parse(String name, byte[] file) throws ImageException {
    if (startsWith(file, PNG)) {
      return PngChunks.parse(name, file);
    }
    if (startsWith(file, JPEG)) {
      return JpegSegments.parse(name, file);
    }
    if (startsWith(file, ascii("GIF87a")) || startsWith(file, ascii("GIF89a"))) {
      ByteBuffer header = header(name, file, GIF_HEADER);
      return new ImageHeader(
          "gif", header.getShort(6) & 0xffff, header.getShort(8) & 0xffff, Orientation.UPRIGHT);
    }
    if (startsWith(file, ascii("BM"))) {
      return bmp(name, file);
    }
    throw new ImageException(
        name,
        "not a picture that can be read ("
            + guess(file)
            + "); convert it to PNG or JPEG (BMP and GIF can be read, too)");
  }

  /** Wrapped JPEG and PNG files (compression 4 and 5) are refused: they have sizes of their own. */
  private static ImageHeader bmp(String name, byte[] file) throws ImageException {
    ByteBuffer header = header(name, file, OLD_BMP_HEADER);
    if (header.getInt(14) == 12) { // BITMAPCOREHEADER has 16-bit sizes
      return new ImageHeader(
          "bmp", header.getShort(18) & 0xffff, header.getShort(20) & 0xffff, Orientation.UPRIGHT);
    }
    header(name, file, BMP_HEADER);
    int bits = header.getShort(28) & 0xffff;
    long compression = Integer.toUnsignedLong(header.getInt(30));
    if (!BMP_BITS.contains(bits) || compression > BMP_BIT_FIELDS) {
      throw new ImageException(
          name,
          "an unusual kind of BMP ("
              + bits
              + " bits a pixel, compression "
              + compression
              + "); save it again as PNG");
    }
    return new ImageHeader(
        "bmp", header.getInt(18), Math.abs((long) header.getInt(22)), Orientation.UPRIGHT);
  }

  private static ByteBuffer header(String name, byte[] file, int bytes) throws ImageException {
    if (file.length < bytes) {
      throw new ImageException(name, "the file is cut off within its header; fetch it again");
    }
    return ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String guess(byte[] file) {
    if (startsWith(file, ascii("RIFF")) && contains(file, 8, "WEBP")) {
      return "a WebP picture";
    }
    if (contains(file, 4, "ftyp")) {
      return "a HEIC, AVIF or video file";
    }
    if (startsWith(file, ascii("II*\0")) || startsWith(file, ascii("MM\0*"))) {
      return "a TIFF picture";
    }
    if (startsWith(file, ascii("%PDF"))) {
      return "a PDF document";
    }
    if (startsWith(file, ascii("PK"))) {
      return "a zip archive";
    }
    if (startsWith(file, ascii("<"))) {
      return "XML or HTML text";
    }
    StringBuilder hex = new StringBuilder("it starts with the bytes");
    for (int i = 0; i < Math.min(8, file.length); i++) {
      hex.append(String.format(" %02x", file[i]));
    }
    return hex.toString();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static boolean contains(byte[] file, int at, String text) {
    return file.length >= at + text.length()
        && new String(file, at, text.length(), StandardCharsets.US_ASCII).equals(text);
  }

  private static boolean startsWith(byte[] file, byte[] magic) {
    return file.length >= magic.length
        && java.util.Arrays.equals(file, 0, magic.length, magic, 0, magic.length);
  }
}
