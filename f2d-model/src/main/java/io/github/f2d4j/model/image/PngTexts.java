package io.github.f2d4j.model.image;

import io.github.f2d4j.weights.io.QuotedText;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads the texts of PNG files that nobody vouches for: tEXt, zTXt and iTXt chunks (W3C PNG
 * specification, section 11.3.3). What {@link PngWriter} writes comes back as it was.
 */
public final class PngTexts {
  /** The keyword under which PNG files hold XMP. */
  public static final String XMP = "XML:com.adobe.xmp";

  /** The longest text that is read, in bytes, compressed or not. */
  private static final int MAX_TEXT = 4 << 20;

  private static final int MAX_TEXTS = 1000;
  private static final int SIGNATURE = 8;
  private static final int OVERHEAD = 12; // length, type, checksum

  private final String name;
  private final Map<String, String> texts = new LinkedHashMap<>();
  private int total;

  private PngTexts(String name) {
    this.name = name;
  }

  /**
   * Reads the texts of a file, keyword → text in the order of the file.
   *
   * @throws ImageException if it is no PNG file, is damaged, holds a keyword twice, or holds more
   *     text than any picture needs
   */
  public static Map<String, String> read(Path file) throws ImageException {
    return parse(file.toString(), ImageReader.load(file, ImageLimits.DEFAULT));
  }

  /**
   * Reads the texts of a file in memory; see {@link #read}.
   *
   * @param name what messages call it
   * @throws ImageException as {@link #read}
   */
  public static Map<String, String> parse(String name, byte[] file) throws ImageException {
    if (!ImageHeader.parse(name, file).format().equals("png")) {
      throw new ImageException(
          name, "this is no PNG file, and only those carry the record of how they were made");
    }
    PngTexts reader = new PngTexts(name);
    ByteBuffer bytes = ByteBuffer.wrap(file);
    int at = SIGNATURE;
    // The header's parser has walked all chunks: lengths are right, and there is an end.
    for (String type = ""; !type.equals("IEND"); ) {
      int length = bytes.getInt(at);
      type = new String(file, at + 4, 4, StandardCharsets.ISO_8859_1);
      if (type.equals("tEXt") || type.equals("zTXt") || type.equals("iTXt")) {
        PngChunks.requireChecksum(name, file, at, length, type);
        reader.add(type, Arrays.copyOfRange(file, at + 8, at + 8 + length));
      }
      at += length + OVERHEAD;
    }
    return reader.texts;
  }

  private void add(String type, byte[] data) throws ImageException {
    int end = end(data, 0);
    String keyword = new String(data, 0, end, StandardCharsets.ISO_8859_1);
    String text =
        switch (type) {
          case "tEXt" -> text(data, end + 1, false, StandardCharsets.ISO_8859_1);
          case "zTXt" -> {
            requireMethod(data, end + 1);
            yield text(data, end + 2, true, StandardCharsets.ISO_8859_1);
          }
          default -> international(data, end + 1);
        };
    if (texts.size() >= MAX_TEXTS) {
      throw damaged("more than " + MAX_TEXTS + " texts");
    }
    if (texts.putIfAbsent(keyword, text) != null) {
      throw damaged("the text " + QuotedText.quote(keyword) + " twice");
    }
  }

  /** Compression flag, compression method, language, translated keyword, text. */
  private String international(byte[] data, int at) throws ImageException {
    if (data.length < at + 2 || data[at] < 0 || data[at] > 1) {
      throw damaged("a malformed iTXt chunk");
    }
    boolean compressed = data[at] == 1;
    if (compressed) {
      requireMethod(data, at + 1);
    }
    int language = end(data, at + 2);
    int translated = end(data, language + 1);
    return text(data, translated + 1, compressed, StandardCharsets.UTF_8);
  }

  private int end(byte[] data, int from) throws ImageException {
    for (int i = from; i < data.length; i++) {
      if (data[i] == 0) {
        return i;
      }
    }
    throw damaged("a text chunk without its separators");
  }

  private void requireMethod(byte[] data, int at) throws ImageException {
    if (at >= data.length || data[at] != 0) {
      throw damaged("a text compressed by an unknown method");
    }
  }

  private String text(byte[] data, int from, boolean compressed, Charset charset)
      throws ImageException {
    byte[] bytes = Arrays.copyOfRange(data, Math.min(from, data.length), data.length);
    byte[] plain = compressed ? inflate(bytes) : bytes;
    total += plain.length;
    if (total > MAX_TEXT) {
      throw tooLong();
    }
    try {
      return charset.newDecoder().decode(ByteBuffer.wrap(plain)).toString();
    } catch (java.nio.charset.CharacterCodingException e) {
      throw damaged("a text that is not " + charset);
    }
  }

  private byte[] inflate(byte[] data) throws ImageException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] block = new byte[1 << 14];
    try (Inflater inflater = new Inflater()) {
      inflater.setInput(data);
      while (!inflater.finished()) {
        int n = inflater.inflate(block);
        if (n == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          throw damaged("a compressed text that is cut off");
        }
        out.write(block, 0, n);
        if (out.size() > MAX_TEXT) {
          throw tooLong();
        }
      }
    } catch (DataFormatException e) {
      throw new ImageException(name, "damaged PNG: a compressed text cannot be unpacked", e);
    }
    return out.toByteArray();
  }

  private ImageException tooLong() {
    return new ImageException(
        name, "it holds more than " + (MAX_TEXT >> 20) + " MB of text; no picture needs that");
  }

  private ImageException damaged(String what) {
    return new ImageException(name, "damaged PNG: it holds " + what);
  }
}
