package io.github.f2d4j.weights.convert;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The files of a model folder that hold no weights and no network's configuration.
 *
 * @param layout where they come from
 * @param predictionType what the scheduler's settings are to say; empty to leave them
 */
record SmallFiles(ModelLayout layout, String predictionType) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String INDEX = "model_index.json";
  private static final String SCHEDULER = "scheduler/scheduler_config.json";

  /** What the parts bring along: the denoiser its scheduler, the text encoder its tokenizer. */
  Map<String, byte[]> of(Collection<PlannedPart> parts, List<String> notes)
      throws ConversionException {
    Set<String> folders = parts.stream().map(PlannedPart::folder).collect(Collectors.toSet());
    Map<String, byte[]> files = new TreeMap<>();
    if (folders.contains("unet")) {
      layout.file(INDEX).ifPresent(bytes -> files.put(INDEX, bytes));
      Optional<byte[]> scheduler = layout.file(SCHEDULER);
      if (scheduler.isPresent()) {
        files.put(SCHEDULER, predicting(scheduler.get()));
      } else {
        notes.add("there is no " + SCHEDULER + "; name a folder that holds one with --layout");
      }
    }
    if (folders.contains("text_encoder")) {
      Map<String, byte[]> tokenizer = layout.under("tokenizer");
      files.putAll(tokenizer);
      if (!tokenizer.containsKey("tokenizer/vocab.json")
          || !tokenizer.containsKey("tokenizer/merges.txt")) {
        notes.add(
            "there is no tokenizer/vocab.json or no tokenizer/merges.txt; name a folder that holds"
                + " both with --layout");
      }
    }
    return files;
  }

  private byte[] predicting(byte[] scheduler) throws ConversionException {
    if (predictionType.isEmpty()) {
      return scheduler;
    }
    try {
      if (JSON.readTree(scheduler) instanceof ObjectNode o) {
        o.put("prediction_type", predictionType);
        return (o.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
      }
      throw new ConversionException(SCHEDULER + " is no JSON object; fetch it again");
    } catch (JacksonException e) {
      throw new ConversionException(SCHEDULER + " is not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new ConversionException(SCHEDULER + " cannot be read: " + e.getMessage(), e);
    }
  }
}
