package io.github.f2d4j.model.image;

import io.github.f2d4j.weights.io.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Writes PNG files (W3C PNG specification, 8-bit RGB, not interlaced). Equal pixels and texts give
 * equal bytes: there are no time stamps, and the filter of each row is chosen by a fixed rule. Only
 * the compression is {@link Deflater}'s, so a Java runtime with another zlib may pack the same
 * pixels differently.
 */
public final class PngWriter {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};
  private static final int FILTERS = 5;
  private static final int MAX_KEYWORD = 79;

  private PngWriter() {}

  /**
   * Writes a picture; a file of that name is replaced as a whole, or not at all.
   *
   * @throws IOException if writing fails; nothing is left behind then
   */
  public static void write(Path file, RgbImage image) throws IOException {
    write(file, image, Map.of());
  }

  /**
   * Writes a picture with texts such as {@code Software} or {@code parameters}.
   *
   * @param texts keyword → text, written in the order of the map
   * @throws IllegalArgumentException if a keyword is not 1 to 79 characters of Latin-1
   * @throws IOException if writing fails; nothing is left behind then
   */
  public static void write(Path file, RgbImage image, Map<String, String> texts)
      throws IOException {
    write(file, encode(image, texts));
  }

  /**
   * Writes the bytes that {@link #encode} gave; a file of that name is replaced as a whole, or not
   * at all.
   *
   * @throws IOException if writing fails; nothing is left behind then
   */
  public static void write(Path file, byte[] png) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(png);
    AtomicFile.write(
        file,
        out -> {
          while (bytes.hasRemaining()) {
            out.write(bytes);
          }
        });
  }

  /** The bytes of the file that {@link #write} writes. */
  public static byte[] encode(RgbImage image, Map<String, String> texts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(SIGNATURE);
    ByteBuffer header = ByteBuffer.allocate(13);
    header.putInt(image.width()).putInt(image.height());
    header.put((byte) 8).put((byte) 2).put((byte) 0).put((byte) 0).put((byte) 0);
    chunk(out, "IHDR", header.array());
    new LinkedHashMap<>(texts).forEach((keyword, text) -> text(out, keyword, text));
    chunk(out, "IDAT", deflate(filter(image)));
    chunk(out, "IEND", new byte[0]);
    return out.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream out, String type, byte[] data) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    out.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
    out.writeBytes(name);
    out.writeBytes(data);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }

  /**
   * A tEXt chunk, or iTXt (uncompressed) where the text is more than Latin-1 or the keyword is
   * {@link PngTexts#XMP}, whose specification wants it there.
   */
  private static void text(ByteArrayOutputStream out, String keyword, String text) {
    boolean plain = StandardCharsets.ISO_8859_1.newEncoder().canEncode(keyword);
    if (!plain
        || keyword.isEmpty()
        || keyword.length() > MAX_KEYWORD
        || !keyword.equals(keyword.strip())
        || keyword.chars().anyMatch(c -> c < 32 || (c > 126 && c < 161))) {
      throw new IllegalArgumentException(
          "the PNG keyword '" + keyword + "' must be 1 to 79 printable characters of Latin-1");
    }
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    data.writeBytes(keyword.getBytes(StandardCharsets.ISO_8859_1));
    data.write(0);
    // a NUL would end the text
    String clean = text.replace('\0', ' ');
    if (!keyword.equals(PngTexts.XMP)
        && StandardCharsets.ISO_8859_1.newEncoder().canEncode(clean)) {
      data.writeBytes(clean.getBytes(StandardCharsets.ISO_8859_1));
      chunk(out, "tEXt", data.toByteArray());
    } else {
      data.writeBytes(new byte[] {0, 0, 0, 0}); // not compressed, no language, no translation
      data.writeBytes(clean.getBytes(StandardCharsets.UTF_8));
      chunk(out, "iTXt", data.toByteArray());
    }
  }

  /** Rows with the filter type before each: section 9 of the specification. */
  private static byte[] filter(RgbImage image) {
    int stride = image.width() * RgbImage.CHANNELS;
    byte[] rgb = image.bytes();
    byte[] out = new byte[Math.multiplyExact(image.height(), stride + 1)];
    byte[][] tries = new byte[FILTERS][stride];
    for (int y = 0; y < image.height(); y++) {
      int best = 0;
      long least = Long.MAX_VALUE;
      for (int type = 0; type < FILTERS; type++) {
        long sum = filterRow(type, rgb, y * stride, stride, tries[type]);
        if (sum < least) {
          least = sum;
          best = type;
        }
      }
      out[y * (stride + 1)] = (byte) best;
      System.arraycopy(tries[best], 0, out, y * (stride + 1) + 1, stride);
    }
    return out;
  }

  /** Filters one row; the sum of absolute values is small where it will compress well. */
  private static long filterRow(int type, byte[] rgb, int row, int stride, byte[] out) {
    long sum = 0;
    for (int i = 0; i < stride; i++) {
      int a = i < 3 ? 0 : rgb[row + i - 3] & 0xff;
      int b = row == 0 ? 0 : rgb[row + i - stride] & 0xff;
      int c = i < 3 || row == 0 ? 0 : rgb[row + i - stride - 3] & 0xff;
      int predicted =
          switch (type) {
            case 1 -> a;
            case 2 -> b;
            case 3 -> (a + b) / 2;
            case 4 -> paeth(a, b, c);
            default -> 0;
          };
      out[i] = (byte) (rgb[row + i] - predicted);
      sum += Math.abs(out[i]);
    }
    return sum;
  }

  private static int paeth(int a, int b, int c) {
    int p = a + b - c;
    int pa = Math.abs(p - a);
    int pb = Math.abs(p - b);
    int pc = Math.abs(p - c);
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
  }

  private static byte[] deflate(byte[] data) {
    try (Deflater deflater = new Deflater(6)) {
      deflater.setInput(data);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[1 << 16];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    }
  }
}
