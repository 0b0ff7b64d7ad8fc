package io.github.f2d4j.model.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PngWriterTest {
  /** Noise, gradients and flat parts, so that every filter type is chosen somewhere. */
  private static RgbImage picture(int width, int height, long seed) {
    Random random = new Random(seed);
    byte[] rgb = new byte[width * height * 3];
    for (int y = 0; y < height; y++) {
      for (int i = 0; i < width * 3; i++) {
        int value =
            switch ((y / 3) % 5) {
              case 0 -> 7 * i;
              case 1 -> 9 * y + i % 3;
              case 2 -> 4 * (i + y);
              case 3 -> 200;
              default -> random.nextInt(256);
            };
        rgb[y * width * 3 + i] = (byte) value;
      }
    }
    return RgbImage.of(width, height, rgb);
  }

  @Property(tries = 100)
  void writesWhatADecoderOfTheSpecificationReads(
      @ForAll @IntRange(min = 1, max = 40) int width,
      @ForAll @IntRange(min = 1, max = 40) int height,
      @ForAll long seed)
      throws DataFormatException {
    RgbImage image = picture(width, height, seed);
    byte[] png = PngWriter.encode(image, Map.of());
    assertEquals(image, decode(png));
    assertArrayEquals(png, PngWriter.encode(image, Map.of()));
  }

  @Test
  void writesWhatJavaReads(@TempDir Path folder) throws IOException {
    RgbImage image = picture(33, 40, 5);
    Path file = folder.resolve("a.png");
    PngWriter.write(file, image, Map.of("Software", "f2d4j"));
    assertEquals(image, ImageReader.read(file));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void keepsTextsInOrder() {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("parameters", "a photo of f l\nsteps 30, caf\u00e9");
    texts.put("Author", "\u6f22\u5b57\0x");
    Map<String, byte[]> chunks = chunks(PngWriter.encode(picture(1, 1, 1), texts));
    assertEquals(List.of("IHDR", "tEXt", "iTXt", "IDAT", "IEND"), List.copyOf(chunks.keySet()));
    assertArrayEquals(
        "parameters\0a photo of f l\nsteps 30, caf\u00e9".getBytes(StandardCharsets.ISO_8859_1),
        chunks.get("tEXt"));
    assertArrayEquals(
        "Author\0\0\0\0\0\u6f22\u5b57 x".getBytes(StandardCharsets.UTF_8), chunks.get("iTXt"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " a", "a\nb", "\u6f22", "a\u007fb"})
  void refusesKeywordsThatPngDoesNotKnow(String keyword) {
    RgbImage image = picture(1, 1, 1);
    assertThrows(
        IllegalArgumentException.class, () -> PngWriter.encode(image, Map.of(keyword, "x")));
    assertThrows(
        IllegalArgumentException.class, () -> PngWriter.encode(image, Map.of("k".repeat(80), "x")));
  }

  /** The chunks by type; the order is that of the file, checksums are verified. */
  private static Map<String, byte[]> chunks(byte[] png) {
    ByteBuffer in = ByteBuffer.wrap(png);
    assertEquals(0x89504e470d0a1a0aL, in.getLong());
    Map<String, byte[]> chunks = new LinkedHashMap<>();
    while (in.hasRemaining()) {
      byte[] typeAndData = new byte[in.getInt() + 4];
      in.get(typeAndData);
      CRC32 crc = new CRC32();
      crc.update(typeAndData);
      assertEquals((int) crc.getValue(), in.getInt());
      chunks.put(
          new String(typeAndData, 0, 4, StandardCharsets.US_ASCII),
          java.util.Arrays.copyOfRange(typeAndData, 4, typeAndData.length));
    }
    return chunks;
  }

  /** The slow twin: a decoder written from the PNG specification alone. */
  private static RgbImage decode(byte[] png) throws DataFormatException {
    Map<String, byte[]> chunks = chunks(png);
    ByteBuffer header = ByteBuffer.wrap(chunks.get("IHDR"));
    int width = header.getInt();
    int height = header.getInt();
    assertEquals(0x08020000, header.getInt());
    assertEquals(0, header.get());
    byte[] filtered = inflate(chunks.get("IDAT"));
    int stride = 3 * width;
    assertEquals(height * (stride + 1), filtered.length);
    int[][] out = new int[height + 1][stride + 3]; // a row above and a pixel at the left, all 0
    byte[] rgb = new byte[height * stride];
    for (int y = 0; y < height; y++) {
      for (int i = 0; i < stride; i++) {
        int a = out[y + 1][i];
        int b = out[y][i + 3];
        int c = out[y][i];
        int predicted =
            switch (filtered[y * (stride + 1)]) {
              case 0 -> 0;
              case 1 -> a;
              case 2 -> b;
              case 3 -> (a + b) >> 1;
              case 4 -> paeth(a, b, c);
              default -> throw new AssertionError("filter type");
            };
        int value = (filtered[y * (stride + 1) + 1 + i] + predicted) & 0xff;
        out[y + 1][i + 3] = value;
        rgb[y * stride + i] = (byte) value;
      }
    }
    return RgbImage.of(width, height, rgb);
  }

  private static byte[] inflate(byte[] data) throws DataFormatException {
    Inflater inflater = new Inflater();
    inflater.setInput(data);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[1000];
    while (!inflater.finished()) {
      out.write(buffer, 0, inflater.inflate(buffer));
    }
    inflater.end();
    return out.toByteArray();
  }

  private static int paeth(int a, int b, int c) {
    int p = a + b - c;
    int best = a;
    for (int candidate : new int[] {b, c}) {
      if (Math.abs(p - candidate) < Math.abs(p - best)) {
        best = candidate;
      }
    }
    return best;
  }
}
