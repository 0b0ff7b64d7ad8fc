package io.github.f2d4j.weights.safetensors;

import static io.github.f2d4j.weights.io.QuotedText.quote;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.weights.io.QuotedText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The JSON header of a safetensors file, parsed as a stream and checked against every rule of the
 * format: <a href="https://github.com/huggingface/safetensors#format">huggingface/safetensors</a>.
 *
 * @param tensors the tensors in the order of their data
 * @param metadata the strings of {@code __metadata__}
 */
record SafetensorsHeader(List<Span> tensors, Map<String, String> metadata) {
  /** The key that holds strings instead of a tensor. */
  static final String METADATA = "__metadata__";

  /** More dimensions than any tensor library knows; keeps hostile shapes small. */
  private static final int MAX_RANK = 64;

  private static final String DAMAGED =
      "The file is damaged or was not written by a safetensors writer; fetch or convert it again";

  /** A tensor and the bytes {@code [begin, end)} of the data section that hold it. */
  record Span(String name, TensorType type, long begin, long end) {}

  /**
   * Parses a header.
   *
   * @param file for messages
   * @param json the header's bytes, padding included
   * @param dataBytes size of the data section that follows the header
   * @throws SafetensorsException if any rule is broken
   */
  static SafetensorsHeader parse(Path file, byte[] json, long dataBytes) throws IOException {
    if (json.length == 0 || json[0] != '{') {
      throw broken(
          file,
          "the header must start with '{'",
          json.length == 0 ? "an empty header" : String.format("byte 0x%02x", json[0]),
          "'{' (0x7b)");
    }
    String text = StrictJson.decodeUtf8(file, json, "the header");
    try (JsonParser parser = StrictJson.parser(text)) {
      Reader reader = new Reader(file, parser);
      reader.header();
      requireSpacePadding(file, text, (int) parser.currentLocation().getCharOffset());
      List<Span> spans = reader.spans;
      spans.sort(Comparator.comparingLong(Span::begin).thenComparingLong(Span::end));
      requireGapless(file, spans, dataBytes);
      return new SafetensorsHeader(List.copyOf(spans), reader.metadata);
    } catch (StreamConstraintsException e) {
      throw new SafetensorsException(
          file,
          "the header exceeds the limits of the parser",
          e.getOriginalMessage(),
          "at most " + StrictJson.MAX_DEPTH + " nested levels and numbers of ordinary length",
          DAMAGED,
          e);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new SafetensorsException(
          file,
          "the header must be one JSON object",
          "malformed JSON (" + e.getOriginalMessage() + ")",
          "valid JSON",
          DAMAGED,
          e);
    }
  }

  private static void requireSpacePadding(Path file, String text, int from)
      throws SafetensorsException {
    for (int i = from; i < text.length(); i++) {
      if (text.charAt(i) != ' ') {
        throw broken(
            file,
            "only spaces may follow the JSON object of the header",
            String.format("character U+%04X at offset %d", (int) text.charAt(i), i),
            "spaces (U+0020) or the end of the header");
      }
    }
  }

  private static void requireGapless(Path file, List<Span> spans, long dataBytes)
      throws SafetensorsException {
    long end = 0;
    String previous = "the start of the data";
    for (Span span : spans) {
      if (span.begin() != end) {
        throw broken(
            file,
            "tensors must follow each other without "
                + (span.begin() > end ? "gaps" : "overlaps")
                + " in the data",
            "tensor " + quote(span.name()) + " at byte " + span.begin(),
            "byte " + end + ", where " + previous + " ends");
      }
      end = span.end();
      previous = "tensor " + quote(span.name());
    }
    if (end != dataBytes) {
      throw broken(
          file,
          end > dataBytes
              ? "the data is shorter than the header says (truncated file)"
              : "bytes follow the last tensor",
          dataBytes + " bytes of data",
          end + " bytes");
    }
  }

  private static SafetensorsException broken(
      Path file, String rule, String found, String expected) {
    return new SafetensorsException(file, rule, found, expected, DAMAGED);
  }

  /** One pass over the tokens. */
  private static final class Reader {
    private final Path file;
    private final JsonParser parser;
    private final List<Span> spans = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private Map<String, String> metadata = Map.of();

    Reader(Path file, JsonParser parser) {
      this.file = file;
      this.parser = parser;
    }

    void header() throws IOException {
      require(parser.nextToken(), JsonToken.START_OBJECT, "the header must be one JSON object");
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        StrictJson.requireWholeCharacters(file, name, "a tensor name");
        if (!names.add(name)) {
          throw broken(file, "names must be unique", quote(name) + " twice", "each name once");
        }
        if (name.equals(METADATA)) {
          metadata = StrictJson.strings(file, parser, METADATA);
        } else {
          spans.add(tensor(name));
        }
      }
    }

    private Span tensor(String name) throws IOException {
      String tensor = "tensor " + quote(name);
      require(parser.nextToken(), JsonToken.START_OBJECT, tensor + " must be a JSON object");
      DType dtype = null;
      long[] dims = null;
      long[] offsets = null;
      Set<String> fields = new HashSet<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String field = parser.currentName();
        if (!fields.add(field)) {
          throw broken(
              file, tensor + " must hold each field once", quote(field) + " twice", "it once");
        }
        parser.nextToken();
        switch (field) {
          case "dtype" -> dtype = dtype(tensor);
          case "shape" -> dims = integers(tensor, "shape", MAX_RANK);
          case "data_offsets" -> offsets = integers(tensor, "data_offsets", 2);
          default -> parser.skipChildren(); // upstream readers ignore further fields, too
        }
      }
      if (dtype == null || dims == null || offsets == null) {
        throw broken(
            file,
            tensor + " must hold dtype, shape and data_offsets",
            "only " + fields.stream().sorted().map(QuotedText::quote).toList(),
            "all three fields");
      }
      return span(name, tensor, dtype, dims, offsets);
    }

    private Span span(String name, String tensor, DType dtype, long[] dims, long[] offsets)
        throws SafetensorsException {
      if (offsets.length != 2 || offsets[0] > offsets[1]) {
        throw broken(
            file,
            tensor + " must have data_offsets [begin, end] with begin <= end",
            Arrays.toString(offsets),
            "two ascending offsets");
      }
      long bytes = bytes(tensor, dtype, dims);
      if (bytes != offsets[1] - offsets[0]) {
        throw broken(
            file,
            "data_offsets of " + tensor + " must span shape × size of dtype",
            (offsets[1] - offsets[0]) + " bytes for " + dtype + Arrays.toString(dims),
            bytes + " bytes");
      }
      int[] extents = new int[dims.length];
      for (int i = 0; i < dims.length; i++) {
        if (dims[i] > Integer.MAX_VALUE) {
          throw new SafetensorsException(
              file,
              "an extent of " + tensor + " is larger than this library can index",
              Arrays.toString(dims),
              "extents below 2^31",
              "Reshape the tensor before saving it");
        }
        extents[i] = (int) dims[i];
      }
      TensorType type = new TensorType(dtype, Shape.of(extents));
      return new Span(name, type, offsets[0], offsets[1]);
    }

    /** Size in bytes; overflow is refused even where a later extent of 0 would hide it. */
    private long bytes(String tensor, DType dtype, long[] dims) throws SafetensorsException {
      try {
        long n = 1;
        for (long d : dims) {
          n = Math.multiplyExact(n, d);
        }
        return Math.multiplyExact(n, (long) dtype.bytes());
      } catch (ArithmeticException e) {
        throw new SafetensorsException(
            file,
            "the size of " + tensor + " overflows",
            dtype + Arrays.toString(dims),
            "fewer than 2^63 bytes",
            DAMAGED,
            e);
      }
    }

    private DType dtype(String tensor) throws IOException {
      require(parser.currentToken(), JsonToken.VALUE_STRING, "dtype of " + tensor + " is a string");
      String name = parser.getText();
      for (DType dtype : DType.values()) {
        if (dtype.name().equals(name)) {
          return dtype;
        }
      }
      throw new SafetensorsException(
          file,
          tensor + " has an unknown dtype",
          quote(name),
          "one of " + Arrays.toString(DType.values()),
          "Convert the tensor to one of these types before saving it");
    }

    private long[] integers(String tensor, String field, int most) throws IOException {
      String rule = field + " of " + tensor + " must be an array of non-negative integers";
      require(parser.currentToken(), JsonToken.START_ARRAY, rule);
      long[] values = new long[most];
      int n = 0;
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        require(parser.currentToken(), JsonToken.VALUE_NUMBER_INT, rule);
        // "-0" is not an unsigned integer; a value over 63 bits is a BIG_INTEGER to the parser
        if (parser.getText().startsWith("-")
            || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
          throw broken(file, rule, quote(parser.getText()), "an integer from 0 to 2^63-1");
        }
        if (n == most) {
          throw broken(file, rule, "more than " + most + " values", "at most " + most);
        }
        values[n++] = parser.getLongValue();
      }
      return Arrays.copyOf(values, n);
    }

    private void require(@Nullable JsonToken found, JsonToken wanted, String rule)
        throws SafetensorsException {
      if (found != wanted) {
        throw broken(file, rule, describe(found), describe(wanted));
      }
    }

    private static String describe(@Nullable JsonToken token) {
      return token == null
          ? "the end of the header"
          : token.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /** The spans by name, in the order of the data. */
  Map<String, Span> byName() {
    Map<String, Span> map = LinkedHashMap.newLinkedHashMap(tensors.size());
    for (Span span : tensors) {
      map.put(span.name(), span);
    }
    return map;
  }
}
