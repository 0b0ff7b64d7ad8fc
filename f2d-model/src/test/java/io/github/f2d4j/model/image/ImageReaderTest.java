package io.github.f2d4j.model.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read, and how; hostile files are in {@link HostileImageTest}. */
class ImageReaderTest {
  static final ImageLimits SMALL = ImageLimits.DEFAULT.withMinSide(1);

  static byte[] encode(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, format, out), format);
    return out.toByteArray();
  }

  static RgbImage decode(byte[] file) throws ImageException {
    return ImageReader.decode("photo", file, SMALL);
  }

  /** A smooth picture of 24 x 20 pixels, so that JPEG keeps it nearly. */
  static BufferedImage gradient(int type) {
    BufferedImage image = new BufferedImage(24, 20, type);
    for (int y = 0; y < 20; y++) {
      for (int x = 0; x < 24; x++) {
        image.setRGB(x, y, 0xff000000 | ((10 * x) << 16) | ((12 * y) << 8) | (5 * (x + y)));
      }
    }
    return image;
  }

  static byte[] insert(byte[] file, int at, byte[] part) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(file, 0, at);
    out.writeBytes(part);
    out.write(file, at, file.length - at);
    return out.toByteArray();
  }

  @ParameterizedTest
  @CsvSource({"png,0", "bmp,0", "jpeg,24"})
  void readsColours(String format, int tolerance) throws IOException {
    BufferedImage image = gradient(BufferedImage.TYPE_INT_RGB);
    RgbImage read = decode(encode(image, format));
    for (int y = 0; y < 20; y++) {
      for (int x = 0; x < 24; x++) {
        for (int c = 0; c < 3; c++) {
          int expected = (image.getRGB(x, y) >> (16 - 8 * c)) & 0xff;
          assertEquals(expected, read.get(x, y, c), tolerance, x + "," + y + "," + c);
        }
      }
    }
  }

  @Test
  void readsPalettes() throws IOException {
    for (String format : new String[] {"png", "gif", "bmp"}) {
      BufferedImage image = new BufferedImage(20, 20, BufferedImage.TYPE_BYTE_INDEXED);
      image.setRGB(3, 4, 0xffff0000);
      image.setRGB(5, 6, 0xff00ff00);
      RgbImage read = decode(encode(image, format));
      assertEquals(255, read.get(3, 4, 0), format);
      assertEquals(0, read.get(3, 4, 1), format);
      assertEquals(255, read.get(5, 6, 1), format);
    }
  }

  /** Grey values stay what they are: Java's grey colour space would brighten them. */
  @Test
  void readsGreyAsStored() throws IOException {
    BufferedImage eight = new BufferedImage(256, 16, BufferedImage.TYPE_BYTE_GRAY);
    BufferedImage sixteen = new BufferedImage(256, 16, BufferedImage.TYPE_USHORT_GRAY);
    for (int x = 0; x < 256; x++) {
      for (int y = 0; y < 16; y++) {
        eight.getRaster().setSample(x, y, 0, x);
        sixteen.getRaster().setSample(x, y, 0, x * 257 + (x < 255 ? 100 : 0));
      }
    }
    RgbImage png = decode(encode(eight, "png"));
    RgbImage deep = decode(encode(sixteen, "png"));
    RgbImage jpeg = decode(encode(eight, "jpeg"));
    for (int x = 0; x < 256; x++) {
      for (int c = 0; c < 3; c++) {
        assertEquals(x, png.get(x, 7, c));
        assertEquals(x, deep.get(x, 7, c));
        assertEquals(x, jpeg.get(x, 7, c), 3);
      }
    }
  }

  @Test
  void flattensTransparency() throws IOException {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0x80ff0000);
    image.setRGB(1, 0, 0xff102030);
    byte[] png = encode(image, "png");
    assertArrayEquals(
        new int[] {255, 127, 127, 0x10, 0x20, 0x30, 255, 255, 255}, firstThree(decode(png)));
    RgbImage green = ImageReader.decode("photo", png, SMALL.withBackground(0x00ff00));
    assertArrayEquals(new int[] {128, 127, 0, 0x10, 0x20, 0x30, 0, 255, 0}, firstThree(green));
  }

  @Test
  void readsBlackAndWhite() throws IOException {
    BufferedImage image = new BufferedImage(20, 20, BufferedImage.TYPE_BYTE_BINARY);
    image.setRGB(1, 0, 0xffffffff);
    assertArrayEquals(
        new int[] {0, 0, 0, 255, 255, 255, 0, 0, 0}, firstThree(decode(encode(image, "png"))));
  }

  private static int[] firstThree(RgbImage image) {
    int[] values = new int[9];
    for (int i = 0; i < 9; i++) {
      values[i] = image.get(i / 3, 0, i % 3);
    }
    return values;
  }

  /** An EXIF block with the orientation alone, in either byte order. */
  private static byte[] exif(int orientation, ByteOrder order) {
    ByteBuffer tiff = ByteBuffer.allocate(26).order(order);
    String mark = order == ByteOrder.LITTLE_ENDIAN ? "II" : "MM";
    tiff.put(mark.getBytes(StandardCharsets.US_ASCII));
    tiff.putShort((short) 42).putInt(8).putShort((short) 1);
    tiff.putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) orientation);
    return tiff.array();
  }

  private static byte[] pngChunk(String type, byte[] data) {
    ByteBuffer chunk = ByteBuffer.allocate(12 + data.length);
    chunk.putInt(data.length).put(type.getBytes(StandardCharsets.US_ASCII)).put(data);
    CRC32 crc = new CRC32();
    crc.update(chunk.array(), 4, 4 + data.length);
    return chunk.putInt((int) crc.getValue()).array();
  }

  private static byte[] jpegSegment(byte[] exif) {
    ByteBuffer segment = ByteBuffer.allocate(10 + exif.length);
    segment.putShort((short) 0xffe1).putShort((short) (8 + exif.length));
    return segment.put("Exif\0\0".getBytes(StandardCharsets.US_ASCII)).put(exif).array();
  }

  /**
   * The stored quarters are 0 1 / 2 3; which of them are at the top left, top right, bottom left
   * and bottom right of the upright picture is the table of the EXIF specification.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 0, 1, 2, 3",
    "2, 1, 0, 3, 2",
    "3, 3, 2, 1, 0",
    "4, 2, 3, 0, 1",
    "5, 0, 2, 1, 3",
    "6, 2, 0, 3, 1",
    "7, 3, 1, 2, 0",
    "8, 1, 3, 0, 2",
    "9, 0, 1, 2, 3"
  })
  void appliesExifOrientation(int orientation, int a, int b, int c, int d) throws IOException {
    BufferedImage image = new BufferedImage(32, 16, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 16; y++) {
      for (int x = 0; x < 32; x++) {
        image.setRGB(x, y, ((y < 8 ? 0 : 2) + (x < 16 ? 0 : 1)) * 0x505050);
      }
    }
    byte[] jpeg =
        insert(encode(image, "jpeg"), 2, jpegSegment(exif(orientation, ByteOrder.LITTLE_ENDIAN)));
    byte[] png =
        insert(encode(image, "png"), 33, pngChunk("eXIf", exif(orientation, ByteOrder.BIG_ENDIAN)));
    for (byte[] file : new byte[][] {jpeg, png}) {
      RgbImage read = decode(file);
      boolean turned = orientation >= 5 && orientation <= 8;
      assertEquals(turned ? 16 : 32, read.width());
      assertEquals(turned ? 32 : 16, read.height());
      int right = read.width() - 2;
      int bottom = read.height() - 2;
      assertEquals(a * 0x50, read.get(1, 1, 0), 3);
      assertEquals(b * 0x50, read.get(right, 1, 0), 3);
      assertEquals(c * 0x50, read.get(1, bottom, 0), 3);
      assertEquals(d * 0x50, read.get(right, bottom, 0), 3);
    }
  }

  @Test
  void ignoresDamagedExif() throws IOException {
    byte[] png = encode(gradient(BufferedImage.TYPE_INT_RGB), "png");
    RgbImage plain = decode(png);
    Random random = new Random(4);
    for (int i = 0; i < 200; i++) {
      byte[] block = new byte[random.nextInt(40)];
      random.nextBytes(block);
      byte[] start = exif(1, ByteOrder.LITTLE_ENDIAN);
      System.arraycopy(start, 0, block, 0, Math.min(8, block.length));
      assertEquals(plain, decode(insert(png, 33, pngChunk("eXIf", block))));
    }
  }

  @Test
  void theContentCountsAndNotTheEnding(@TempDir Path folder) throws IOException {
    byte[] png = encode(gradient(BufferedImage.TYPE_INT_RGB), "png");
    assertEquals(24, ImageReader.read(Files.write(folder.resolve("photo.jpg"), png)).width());
  }
}
