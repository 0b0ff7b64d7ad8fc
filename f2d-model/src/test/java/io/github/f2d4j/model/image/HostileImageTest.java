package io.github.f2d4j.model.image;

import static io.github.f2d4j.model.image.ImageReaderTest.SMALL;
import static io.github.f2d4j.model.image.ImageReaderTest.decode;
import static io.github.f2d4j.model.image.ImageReaderTest.encode;
import static io.github.f2d4j.model.image.ImageReaderTest.gradient;
import static io.github.f2d4j.model.image.ImageReaderTest.insert;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are damaged, incomplete, or made to do harm: one clear error each. */
class HostileImageTest {
  @TempDir Path folder;

  private static void assertMessage(byte[] file, String part) {
    ImageException e = assertThrows(ImageException.class, () -> decode(file));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  private static int indexOf(byte[] file, int... part) {
    for (int i = 0; i + part.length <= file.length; i++) {
      int k = 0;
      while (k < part.length && (file[i + k] & 0xff) == part[k]) {
        k++;
      }
      if (k == part.length) {
        return i;
      }
    }
    throw new AssertionError("not found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg", "gif", "bmp"})
  void everyTruncationIsOneClearError(String format) throws IOException {
    byte[] file = encode(gradient(BufferedImage.TYPE_INT_RGB), format);
    // a GIF or BMP without its very last bytes may still hold all pixels
    int spare = format.equals("png") || format.equals("jpeg") ? 0 : 3;
    for (int length = 0; length < file.length; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      if (length < file.length - spare) {
        ImageException e =
            assertThrows(ImageException.class, () -> decode(cut), "cut at " + length);
        assertTrue(e.getMessage().startsWith("photo: "), e.getMessage());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"png, 500", "jpeg, 20", "gif, 20", "bmp, 20"})
  void damageGivesAnImageExceptionOrAPicture(String format, int least) throws IOException {
    byte[] file = encode(gradient(BufferedImage.TYPE_INT_RGB), format);
    Random random = new Random(6);
    int refused = 0;
    for (int i = 0; i < 600; i++) {
      byte[] damaged = file.clone();
      for (int k = 0; k <= i % 4; k++) {
        damaged[random.nextInt(file.length)] = (byte) random.nextInt(256);
      }
      try {
        ImageReader.decode("photo", damaged, SMALL.withMaxPixels(100_000));
      } catch (ImageException e) {
        refused++;
      }
    }
    assertTrue(refused > least, format + " refused " + refused);
  }

  @Test
  void refusesPngBombs() throws IOException {
    byte[] png = encode(gradient(BufferedImage.TYPE_INT_RGB), "png");
    ByteBuffer header = ByteBuffer.wrap(png);
    header.putInt(16, 60_000).putInt(20, 60_000);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    header.putInt(29, (int) crc.getValue());
    assertMessage(png, "claims to have 60000 x 60000 pixels, allowed are 64000000");
  }

  @Test
  void refusesJpegBombs() throws IOException {
    byte[] jpeg = encode(gradient(BufferedImage.TYPE_INT_RGB), "jpeg");
    int frame = indexOf(jpeg, 0xff, 0xc0);
    ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) 60_000).putShort(frame + 7, (short) 60_000);
    assertMessage(jpeg, "claims to have 60000 x 60000 pixels");
  }

  @Test
  void refusesGifBombs() throws IOException {
    // the frame is larger than the screen that the header declares
    byte[] gif = encode(gradient(BufferedImage.TYPE_BYTE_INDEXED), "gif");
    int frame = indexOf(gif, 0x2c, 0, 0, 0, 0, 24, 0, 20, 0);
    Arrays.fill(gif, frame + 5, frame + 9, (byte) 0xff);
    assertMessage(gif, "claims to have 65535 x 65535 pixels");
  }

  @Test
  void refusesBmpBombs() throws IOException {
    byte[] bmp = encode(gradient(BufferedImage.TYPE_INT_RGB), "bmp");
    ByteBuffer.wrap(bmp).order(ByteOrder.LITTLE_ENDIAN).putInt(18, 1 << 30);
    assertMessage(bmp, "claims to have 1073741824 x 20 pixels");
  }

  @Test
  void refusesScanBombs() throws IOException {
    byte[] jpeg = encode(gradient(BufferedImage.TYPE_INT_RGB), "jpeg");
    int scan = indexOf(jpeg, 0xff, 0xda);
    byte[] one = Arrays.copyOfRange(jpeg, scan, jpeg.length - 2);
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    for (int i = 0; i < 300; i++) {
      many.writeBytes(one);
    }
    assertMessage(insert(jpeg, scan, many.toByteArray()), "more than 200 scans");
  }

  @Test
  void refusesKindsOfJpegThatJavaCannotRead() throws IOException {
    byte[] jpeg = encode(gradient(BufferedImage.TYPE_INT_RGB), "jpeg");
    int frame = indexOf(jpeg, 0xff, 0xc0);
    byte[] cmyk = jpeg.clone();
    cmyk[frame + 9] = 4;
    assertMessage(cmyk, "CMYK");
    byte[] arithmetic = jpeg.clone();
    arithmetic[frame + 1] = (byte) 0xc9;
    assertMessage(arithmetic, "unusual kind of JPEG");
  }

  @Test
  void refusesWrongChecksums() throws IOException {
    byte[] png = encode(gradient(BufferedImage.TYPE_INT_RGB), "png");
    png[45]++;
    assertMessage(png, "checksum of chunk IDAT is wrong");
  }

  @ParameterizedTest
  @CsvSource({
    "RIFF....WEBPVP8, WebP",
    "....ftypheic, HEIC",
    "II*\0...., TIFF",
    "%PDF-1.7, PDF",
    "PK\u0003\u0004, zip",
    "<svg/>, XML",
    "hello, starts with the bytes 68 65 6c 6c 6f"
  })
  void namesWhatIsNoPicture(String content, String part) {
    assertMessage(content.getBytes(StandardCharsets.ISO_8859_1), part);
  }

  @Test
  void saysWhatIsWrongWithTheFile() throws IOException {
    assertReason(folder.resolve("none.png"), "there is no such file");
    assertReason(folder, "a folder");
    assertReason(Files.write(folder.resolve("empty.png"), new byte[0]), "the file is empty");
    Path small = folder.resolve("small.png");
    PngWriter.write(small, RgbImage.of(15, 40, new byte[15 * 40 * 3]));
    assertReason(small, "it has only 15 x 40 pixels, at least 16 are needed");
    ImageLimits tiny = new ImageLimits(1000, 10, 1, 0);
    ImageException e = assertThrows(ImageException.class, () -> ImageReader.read(small, tiny));
    assertTrue(e.getMessage().contains("allowed are 10"), e.getMessage());
  }

  private static void assertReason(Path file, String part) {
    ImageException e = assertThrows(ImageException.class, () -> ImageReader.read(file));
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void refusesSenselessLimits() {
    assertThrows(IllegalArgumentException.class, () -> ImageLimits.DEFAULT.withMaxPixels(0));
    assertThrows(IllegalArgumentException.class, () -> ImageLimits.DEFAULT.withMinSide(0));
    assertThrows(
        IllegalArgumentException.class, () -> ImageLimits.DEFAULT.withBackground(0x1000000));
  }
}
