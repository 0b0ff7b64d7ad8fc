package io.github.f2d4j.model.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.f2d4j.fuzz.Attempt;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * Pictures: PNG, JPEG, BMP and GIF with their EXIF. Input: the file. A PNG is read a second time
 * with its checksums put right, so that changes of its content get as far as the decoder.
 *
 * <p>A picture is refused by {@link ImageException} alone, or it lies within the limits, is the
 * same when decoded again, and comes out equal when written as PNG and read again.
 */
class ImageFuzzTest {
  private static final ImageLimits LIMITS = new ImageLimits(1 << 18, 1 << 20, 1, 0xffffff);

  /** Sixteen bits of four channels, the same as integers and as bytes, and room for the decoder. */
  private static final long BOUND = (32L << 20) + (1 << 18) * 64L;

  @FuzzTest
  void image(byte[] input) throws Exception {
    check(input);
    byte[] repaired = Chunks.repair(input);
    if (!Arrays.equals(input, repaired)) {
      check(repaired);
    }
  }

  private static void check(byte[] input) throws Exception {
    Optional<RgbImage> decoded =
        Attempt.of(
            ImageException.class, BOUND, () -> ImageReader.decode("the input", input, LIMITS));
    if (decoded.isEmpty()) {
      return;
    }
    RgbImage image = decoded.get();
    assertTrue((long) image.width() * image.height() <= LIMITS.maxPixels());
    ImageHeader header = ImageHeader.parse("the input", input);
    assertTrue(header.orientation() >= 1 && header.orientation() <= 8);
    if (!header.format().equals("gif")) {
      boolean turned = header.orientation() > 4;
      assertEquals(header.width(), turned ? image.height() : image.width());
      assertEquals(header.height(), turned ? image.width() : image.height());
    }
    assertEquals(image, ImageReader.decode("the input", input, LIMITS));
    byte[] png = PngWriter.encode(image, Map.of("Software", "fuzz"));
    assertEquals(image, ImageReader.decode("the copy", png, LIMITS));
  }
}
