package io.github.f2d4j.model.cli;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.f2d4j.model.expression.ExpressionEncoder;
import io.github.f2d4j.model.image.ImageReader;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which expression, if the prompt is not to decide. */
final class ExpressionOptions {
  private static final long MAX_BYTES = 1 << 20;

  @Option(
      names = "--expression",
      paramLabel = "X,X...|FILE",
      description =
          "Expression coefficients, comma-separated, or a file with them, as a JSON list or"
              + " separated by commas or spaces; what is missing of the model's number (64) is 0"
              + " (default: left to the prompt).")
  private @Nullable String expression;

  @Option(
      names = "--expression-from",
      paramLabel = "IMAGE",
      description =
          "Take the expression of another face: a 224x224 crop aligned as Deep3DFaceRecon does it."
              + " Needs the folder expression in the model.")
  private @Nullable Path expressionFrom;

  /** The coefficients that were given as numbers, or null. */
  @Nullable List<Float> coefficients() throws IOException {
    if (expression != null && expressionFrom != null) {
      throw new UsageException("--expression and --expression-from exclude each other; give one");
    }
    if (expression == null) {
      return null;
    }
    if (expression.matches("[-+.,0-9eE\\s]+")) {
      return numbers("--expression", expression);
    }
    Path file = Path.of(expression);
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString());
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new UsageException(file + " is too large for a list of coefficients");
    }
    String text = Files.readString(file).strip();
    return text.startsWith("[") ? list(file, text) : numbers(file.toString(), text);
  }

  private static List<Float> numbers(String source, String text) {
    List<Float> values = new ArrayList<>();
    for (String number : text.strip().split("\\s*,\\s*|\\s+", -1)) {
      try {
        values.add(Float.valueOf(number));
      } catch (NumberFormatException e) {
        throw new UsageException(
            source
                + ": \""
                + number
                + "\" is not a number; expected coefficients such as 0.8,0,-1");
      }
    }
    return values;
  }

  private static List<Float> list(Path file, String json) {
    List<Float> values = new ArrayList<>();
    try {
      for (JsonNode value : new ObjectMapper().readTree(json)) {
        if (!value.isNumber()) {
          throw new UsageException(file + ": expected a JSON list of numbers");
        }
        values.add(value.floatValue());
      }
    } catch (JacksonException e) {
      throw new UsageException(
          file + ": expected a JSON list of numbers (" + e.getOriginalMessage() + ")");
    }
    return values;
  }

  /** The other face's crop, or null. */
  @Nullable RgbImage crop() throws IOException {
    if (expressionFrom == null) {
      return null;
    }
    RgbImage crop = ImageReader.read(expressionFrom);
    int side = ExpressionEncoder.INPUT_SIZE;
    if (crop.width() != side || crop.height() != side) {
      throw new UsageException(
          "--expression-from needs a face crop of %d x %d pixels, aligned as Deep3DFaceRecon does it, but %s is a %s; crop it so, or give the coefficients (--expression)"
              .formatted(side, side, expressionFrom, crop));
    }
    return crop;
  }

  /** What the crop's expression is to this model. */
  static List<Float> encode(Face2DiffusionPipeline pipeline, RgbImage crop) {
    try {
      return pipeline.encodeExpression(crop);
    } catch (IllegalStateException e) {
      throw new UsageException(new IllegalArgumentException(e.getMessage(), e));
    }
  }
}
