package io.github.f2d4j.model.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PngTextsTest {
  private static final RgbImage PICTURE = RgbImage.of(2, 1, new byte[] {1, 2, 3, 4, 5, 6});
  private static final int IHDR_END = 8 + 25;

  @Property(tries = 200)
  void whatWasWrittenIsRead(@ForAll String text, @ForAll String other) throws ImageException {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("parameters", stored(text));
    texts.put("b c", stored(other));
    texts.put(PngTexts.XMP, stored(text + other));
    byte[] png = PngWriter.encode(PICTURE, texts);
    Map<String, String> read = PngTexts.parse("a.png", png);
    assertEquals(texts, read);
    assertEquals(List.copyOf(texts.keySet()), List.copyOf(read.keySet()));
  }

  /** Without what no file can hold: NUL, and halves of characters. */
  private static String stored(String text) {
    byte[] utf8 = text.replace('\0', ' ').getBytes(StandardCharsets.UTF_8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  @Test
  void xmpIsInternationalTextEvenInAscii() throws Exception {
    byte[] png = PngWriter.encode(PICTURE, Map.of(PngTexts.XMP, "<x/>", "a", "b"));
    String bytes = new String(png, StandardCharsets.ISO_8859_1);
    assertTrue(bytes.contains("iTXt" + PngTexts.XMP + "\0\0\0\0\0<x/>"), bytes);
    assertTrue(bytes.contains("tEXta\0b"), bytes);
  }

  // ---- chunks as other programs write them

  private static byte[] with(String type, byte[] data) {
    byte[] png = PngWriter.encode(PICTURE, Map.of());
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    ByteBuffer out = ByteBuffer.allocate(png.length + 12 + data.length);
    out.put(png, 0, IHDR_END).putInt(data.length).put(name).put(data).putInt((int) crc.getValue());
    return out.put(png, IHDR_END, png.length - IHDR_END).array();
  }

  private static byte[] deflated(byte[] plain) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Deflater deflater = new Deflater()) {
      deflater.setInput(plain);
      deflater.finish();
      byte[] block = new byte[1 << 16];
      while (!deflater.finished()) {
        out.write(block, 0, deflater.deflate(block));
      }
    }
    return out.toByteArray();
  }

  private static byte[] join(String ascii, byte[] rest) {
    byte[] head = ascii.getBytes(StandardCharsets.ISO_8859_1);
    byte[] all = Arrays.copyOf(head, head.length + rest.length);
    System.arraycopy(rest, 0, all, head.length, rest.length);
    return all;
  }

  @Test
  void compressedTextsAreRead() throws Exception {
    byte[] latin = deflated("caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
    assertEquals(Map.of("a", "caf\u00e9"), PngTexts.parse("z", with("zTXt", join("a\0\0", latin))));
    byte[] utf8 = deflated("\u6f22\u5b57".getBytes(StandardCharsets.UTF_8));
    assertEquals(
        Map.of("a", "\u6f22\u5b57"),
        PngTexts.parse("z", with("iTXt", join("a\0\1\0en\0b\0", utf8))));
  }

  private static void refused(byte[] file, String part) {
    String message =
        assertThrows(ImageException.class, () -> PngTexts.parse("in.png", file)).getMessage();
    assertTrue(message.startsWith("in.png: ") && message.contains(part), message);
    assertTrue(message.chars().noneMatch(Character::isISOControl), message);
  }

  @Test
  void malformedTextsAreRefused() {
    byte[] none = new byte[0];
    refused(with("tEXt", join("no end", none)), "separators");
    refused(with("iTXt", join("a\0", none)), "malformed iTXt");
    refused(with("iTXt", join("a\0\2\0\0\0x", none)), "malformed iTXt");
    refused(with("iTXt", join("a\0\0\0en", none)), "separators");
    refused(with("iTXt", join("a\0\0\0\0\0\u00ff", none)), "not UTF-8");
    refused(with("zTXt", join("a\0\1x", none)), "unknown method");
    refused(with("zTXt", join("a\0\0not zlib", none)), "cannot be unpacked");
    byte[] half = deflated(new byte[1000]);
    refused(with("zTXt", join("a\0\0", Arrays.copyOf(half, half.length - 6))), "cut off");
    refused(with("zTXt", join("a\0\0", deflated(new byte[64 << 20]))), "4 MB");
    refused(with("tEXt", join("a\0", new byte[5 << 20])), "4 MB");
  }

  @Test
  void aKeywordTwiceIsRefused() {
    byte[] png = PngWriter.encode(PICTURE, Map.of("a\u00e9", "1"));
    byte[] chunk = Arrays.copyOfRange(png, IHDR_END, IHDR_END + 12 + 4);
    ByteBuffer twice = ByteBuffer.allocate(png.length + chunk.length);
    twice.put(png, 0, IHDR_END).put(chunk).put(png, IHDR_END, png.length - IHDR_END);
    refused(twice.array(), "twice");
  }

  @Test
  void aWrongChecksumIsRefused() {
    byte[] png = PngWriter.encode(PICTURE, Map.of("a", "1"));
    png[IHDR_END + 8 + 2] ^= 1;
    refused(png, "checksum of chunk tEXt");
  }

  @Test
  void otherFilesAreRefused(@TempDir Path folder) throws Exception {
    refused("GIF89a0000000000000".getBytes(StandardCharsets.US_ASCII), "no PNG file");
    Path none = folder.resolve("none.png");
    assertThrows(ImageException.class, () -> PngTexts.read(none));
    Path file = Files.write(none, PngWriter.encode(PICTURE, Map.of("k", "v")));
    assertEquals(Map.of("k", "v"), PngTexts.read(file));
  }

  /** Whatever is changed or cut off, there is an answer or a message. */
  @Property(tries = 500)
  void damageIsNeverAnythingElse(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] png = with("iTXt", join("a\0\1\0en\0b\0", deflated(new byte[50])));
    for (int i = 0; i < 1 + random.nextInt(4); i++) {
      png[8 + random.nextInt(png.length - 8)] = (byte) random.nextInt(256);
    }
    byte[] file = Arrays.copyOf(png, png.length - random.nextInt(3) * random.nextInt(20));
    try {
      assertTrue(PngTexts.parse("in.png", file).size() <= 1);
    } catch (ImageException e) {
      assertTrue(e.getMessage().startsWith("in.png: "), e.getMessage());
    }
  }
}
