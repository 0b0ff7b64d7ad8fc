package io.github.f2d4j.model.face;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Landmarks as JSON. */
final class LandmarksJson {
  private static final long MAX_BYTES = 1 << 20;
  private static final String FORM =
      "expected [[x,y], …] or {\"landmarks\": [[x,y], …]} with 5 or 68 points";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private LandmarksJson() {}

  static double[][] read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(
          file.toString(), null, "no such landmarks file; check the path of --landmarks");
    }
    if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
      throw new LandmarksException(
          file + ": not a landmarks file; " + FORM + " in a file of at most 1 MB");
    }
    JsonNode root;
    try {
      root = JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new LandmarksException(
          file + ": not valid JSON (" + e.getOriginalMessage() + "); " + FORM, e);
    } catch (CharConversionException e) {
      // a file whose first bytes look like UTF-16 or UTF-32
      throw new LandmarksException(
          file + ": not text in UTF-8 (" + e.getMessage() + "); " + FORM, e);
    }
    return points(file, root.isObject() ? root.path("landmarks") : root);
  }

  private static double[][] points(Path file, JsonNode array) throws LandmarksException {
    if (!array.isArray()) {
      throw new LandmarksException(file + ": holds no array of points; " + FORM);
    }
    double[][] points = new double[array.size()][];
    for (int i = 0; i < points.length; i++) {
      JsonNode pair = array.get(i);
      if (pair.size() != 2 || !pair.path(0).isNumber() || !pair.path(1).isNumber()) {
        throw new LandmarksException(file + ": point " + i + " is not a pair of numbers; " + FORM);
      }
      points[i] = new double[] {pair.path(0).asDouble(), pair.path(1).asDouble()};
    }
    return points;
  }
}
