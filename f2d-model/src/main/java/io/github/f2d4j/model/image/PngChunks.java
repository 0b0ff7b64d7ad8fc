package io.github.f2d4j.model.image;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;

/** Walks the chunks of a PNG file: W3C PNG specification, section 5. */
final class PngChunks {
  private static final int SIGNATURE = 8;
  private static final int OVERHEAD = 12; // length, type, checksum
  private static final int IHDR_BYTES = 13;

  private PngChunks() {}

  static ImageHeader parse(String name, byte[] file) throws ImageException {
    ByteBuffer bytes = ByteBuffer.wrap(file);
    int at = SIGNATURE;
    long width = 0;
    long height = 0;
    boolean data = false;
    int orientation = Orientation.UPRIGHT;
    while (true) {
      if (file.length - at < OVERHEAD) {
        throw truncated(name);
      }
      int length = bytes.getInt(at);
      if (length < 0 || length > file.length - at - OVERHEAD) {
        throw truncated(name);
      }
      String type = new String(file, at + 4, 4, StandardCharsets.ISO_8859_1);
      // Ancillary chunks begin with a small letter: a picture with a bad comment is still fine.
      if (Character.isUpperCase(type.charAt(0))) {
        requireChecksum(name, file, at, length, type);
      }
      if ((at == SIGNATURE) != type.equals("IHDR")) {
        throw new ImageException(name, "damaged PNG: chunk " + type + " is out of place");
      }
      switch (type) {
        case "IHDR" -> {
          if (length != IHDR_BYTES) {
            throw new ImageException(name, "damaged PNG: header of " + length + " bytes, not 13");
          }
          width = Integer.toUnsignedLong(bytes.getInt(at + 8));
          height = Integer.toUnsignedLong(bytes.getInt(at + 12));
        }
        case "IDAT" -> data = true;
        case "eXIf" ->
            orientation = Orientation.of(Arrays.copyOfRange(file, at + 8, at + 8 + length));
        case "IEND" -> {
          if (!data) {
            throw new ImageException(name, "damaged PNG: it holds no pixels");
          }
          return new ImageHeader("png", width, height, orientation);
        }
        default -> {}
      }
      at += length + OVERHEAD;
    }
  }

  static void requireChecksum(String name, byte[] file, int at, int length, String type)
      throws ImageException {
    CRC32 crc = new CRC32();
    crc.update(file, at + 4, length + 4);
    if ((int) crc.getValue() != ByteBuffer.wrap(file).getInt(at + 8 + length)) {
      throw new ImageException(
          name, "damaged PNG: the checksum of chunk " + type + " is wrong; fetch the file again");
    }
  }

  private static ImageException truncated(String name) {
    return new ImageException(name, "the PNG file is cut off; fetch it again");
  }
}
