package io.github.f2d4j.model.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads photographs that nobody vouches for: PNG, JPEG, BMP, and the first picture of a GIF. The
 * size is read from the header and checked before anything is decoded; truncated and damaged files
 * are refused; EXIF orientation is applied, transparency is flattened. Colour profiles are ignored,
 * as the image libraries of the reference implementation do.
 */
public final class ImageReader {
  private static final Pattern STRAY_BYTES = Pattern.compile("(\\d+) extraneous bytes");

  private ImageReader() {}

  /**
   * Reads a picture within the {@linkplain ImageLimits#DEFAULT usual limits}.
   *
   * @throws ImageException if that is not possible, for whatever reason
   */
  public static RgbImage read(Path file) throws ImageException {
    return read(file, ImageLimits.DEFAULT);
  }

  /**
   * Reads a picture.
   *
   * @throws ImageException if that is not possible, for whatever reason
   */
  public static RgbImage read(Path file, ImageLimits limits) throws ImageException {
    return decode(file.toString(), load(file, limits), limits);
  }

  /**
   * Reads the bytes of a picture's file, which {@link #decode} and {@link PngTexts} understand.
   *
   * @throws ImageException if that is not possible, or the file is larger than allowed
   */
  public static byte[] load(Path file, ImageLimits limits) throws ImageException {
    String name = file.toString();
    if (!Files.exists(file)) {
      throw new ImageException(name, "there is no such file; check the path");
    }
    if (!Files.isRegularFile(file)) {
      throw new ImageException(
          name, (Files.isDirectory(file) ? "a folder" : "not a file") + "; name a picture");
    }
    try {
      long size = Files.size(file);
      if (size == 0) {
        throw new ImageException(name, "the file is empty; fetch it again");
      }
      if (size > limits.maxFileBytes()) {
        throw new ImageException(
            name,
            "the file has "
                + size
                + " bytes, allowed are "
                + limits.maxFileBytes()
                + "; save it smaller");
      }
      return Files.readAllBytes(file);
    } catch (ImageException e) {
      throw e;
    } catch (IOException e) {
      throw new ImageException(name, "cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /**
   * Decodes a picture that is in memory.
   *
   * @param name what messages call it
   * @throws ImageException if that is not possible, for whatever reason
   */
  public static RgbImage decode(String name, byte[] file, ImageLimits limits)
      throws ImageException {
    ImageHeader header = ImageHeader.parse(name, file);
    requireSize(name, header.width(), header.height(), limits);
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      RgbImage stored = decode(name, in, header, limits);
      return Orientation.apply(stored, header.orientation());
    } catch (ImageException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // decoders answer hostile data with exceptions of many kinds
      throw new ImageException(
          name, "the " + header.format() + " data is damaged or unusual; save it again", e);
    } catch (OutOfMemoryError e) {
      throw new ImageException(
          name,
          "not enough memory for "
              + header.width()
              + " x "
              + header.height()
              + " pixels; save it smaller, or give Java more memory (-Xmx)",
          e);
    }
  }

  private static void requireSize(String name, long width, long height, ImageLimits limits)
      throws ImageException {
    String size = width + " x " + height + " pixels";
    if (width < 1 || height < 1) {
      throw new ImageException(name, "damaged: its size is " + size);
    }
    if (width > limits.maxPixels() || height > limits.maxPixels() / width) {
      throw new ImageException(
          name,
          "it claims to have "
              + size
              + ", allowed are "
              + limits.maxPixels()
              + " in all; save it smaller");
    }
    if (width < limits.minSide() || height < limits.minSide()) {
      throw new ImageException(
          name,
          "it has only "
              + size
              + ", at least "
              + limits.minSide()
              + " are needed each way; use a larger picture");
    }
  }

  private static RgbImage decode(
      String name, ImageInputStream in, ImageHeader header, ImageLimits limits) throws IOException {
    Iterator<javax.imageio.ImageReader> readers =
        ImageIO.getImageReadersByFormatName(header.format());
    if (!readers.hasNext()) {
      throw new ImageException(
          name, "this Java has no reader for " + header.format() + "; convert it to PNG");
    }
    javax.imageio.ImageReader reader = readers.next();
    List<String> warnings = new ArrayList<>();
    try {
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      reader.setInput(in, true, true);
      // a frame of a GIF may be larger than its screen
      requireSize(name, reader.getWidth(0), reader.getHeight(0), limits.withMinSide(1));
      BufferedImage image = reader.read(0);
      String damage = damage(warnings);
      if (damage != null) {
        throw new ImageException(name, "the data is damaged (" + damage + "); fetch it again");
      }
      return BufferedPixels.toRgb(image, limits.background());
    } finally {
      reader.dispose();
    }
  }

  /** Decoders only warn of lost data; a few stray bytes between JPEG segments lose none. */
  private static @Nullable String damage(List<String> warnings) {
    return warnings.stream().filter(ImageReader::isDamage).findFirst().orElse(null);
  }

  private static boolean isDamage(String warning) {
    Matcher stray = STRAY_BYTES.matcher(warning);
    if (stray.find()) {
      return stray.group(1).length() > 2; // 100 or more: the decoder lost its way
    }
    return warning.contains("Corrupt")
        || warning.contains("Premature")
        || warning.contains("Truncated")
        || warning.contains("Out-of-sequence");
  }
}
