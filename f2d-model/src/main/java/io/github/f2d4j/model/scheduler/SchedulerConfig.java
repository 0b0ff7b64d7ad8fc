package io.github.f2d4j.model.scheduler;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a scheduler: diffusers' {@code scheduler_config.json}. A key that a scheduler
 * does not know is ignored, one that is missing has that scheduler's default in diffusers, so one
 * file serves all schedulers. Immutable.
 */
public final class SchedulerConfig {
  private static final int MAX_TRAIN_TIMESTEPS = 1_000_000;

  private final String source;
  private final Map<String, JsonNode> values;

  private SchedulerConfig(String source, Map<String, JsonNode> values) {
    this.source = source;
    this.values = values;
  }

  /** The settings of Stable Diffusion 1.x. */
  public static SchedulerConfig stableDiffusion() {
    return parse(
        "Stable Diffusion 1.x",
        """
        {"num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012,
         "beta_schedule": "scaled_linear", "clip_sample": false, "set_alpha_to_one": false,
         "steps_offset": 1, "skip_prk_steps": true}
        """);
  }

  /**
   * Reads a {@code scheduler_config.json}.
   *
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException if it is not a JSON object
   */
  public static SchedulerConfig read(Path file) throws IOException {
    return parse(file.toString(), Files.readString(file));
  }

  /**
   * Reads settings from JSON text.
   *
   * @param source what error messages call it
   * @throws IllegalArgumentException if it is not a JSON object
   */
  public static SchedulerConfig parse(String source, String json) {
    JsonNode node;
    try {
      node = new ObjectMapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          source + " is not valid JSON: " + e.getOriginalMessage(), e);
    }
    if (!node.isObject()) {
      throw new IllegalArgumentException(
          source
              + " is no JSON object; expected the settings of a scheduler as diffusers saves them");
    }
    Map<String, JsonNode> values = new TreeMap<>();
    node.properties().forEach(e -> values.put(e.getKey(), e.getValue()));
    return new SchedulerConfig(source, values);
  }

  /** These settings with one replaced or added. */
  public SchedulerConfig with(String key, boolean value) {
    return with(key, JsonNodeFactory.instance.booleanNode(value));
  }

  /** These settings with one replaced or added. */
  public SchedulerConfig with(String key, double value) {
    return with(
        key,
        value == Math.rint(value) && Math.abs(value) < Integer.MAX_VALUE
            ? JsonNodeFactory.instance.numberNode((int) value)
            : JsonNodeFactory.instance.numberNode(value));
  }

  /** These settings with one replaced or added. */
  public SchedulerConfig with(String key, String value) {
    return with(key, JsonNodeFactory.instance.textNode(value));
  }

  private SchedulerConfig with(String key, JsonNode value) {
    Map<String, JsonNode> copy = new TreeMap<>(values);
    copy.put(key, value);
    return new SchedulerConfig(source, copy);
  }

  /**
   * These settings as diffusers' {@code StableDiffusionPipeline} corrects them for latents: clean
   * samples are not clipped to ±1, timesteps are offset by 1, and PNDM skips its Runge-Kutta steps
   * where the file does not ask for them.
   */
  public SchedulerConfig forLatents() {
    SchedulerConfig c = with("clip_sample", false).with("steps_offset", 1);
    return value("skip_prk_steps") == null ? c.with("skip_prk_steps", true) : c;
  }

  /** {@code _class_name}: the scheduler that saved the settings, if they name one. */
  public @Nullable String className() {
    JsonNode v = value("_class_name");
    return v == null ? null : v.asText();
  }

  /**
   * The noise schedule that the settings describe.
   *
   * @throws IllegalArgumentException if they are not usable
   */
  public NoiseSchedule noiseSchedule() {
    int n = integer("num_train_timesteps", 1000);
    JsonNode trained = value("trained_betas");
    if (trained != null) {
      return new NoiseSchedule(trainedBetas(trained));
    }
    if (n < 1 || n > MAX_TRAIN_TIMESTEPS) {
      throw wrong("num_train_timesteps", Integer.toString(n), "1.." + MAX_TRAIN_TIMESTEPS);
    }
    double start = number("beta_start", 0.0001);
    double end = number("beta_end", 0.02);
    BetaSchedule form = BetaSchedule.parse(text("beta_schedule", "linear"));
    if (form != BetaSchedule.SQUAREDCOS_CAP_V2
        && !(start >= 0 && start < 1 && end >= start && end < 1 && end > 0)) {
      throw wrong(
          "beta_start, beta_end", start + ", " + end, "0 <= beta_start <= beta_end < 1, above 0");
    }
    return new NoiseSchedule(form.betas(start, end, n));
  }

  private float[] trainedBetas(JsonNode trained) {
    if (!trained.isArray() || trained.isEmpty() || trained.size() > MAX_TRAIN_TIMESTEPS) {
      throw wrong("trained_betas", trained.getNodeType().toString(), "a list of numbers");
    }
    float[] betas = new float[trained.size()];
    for (int i = 0; i < betas.length; i++) {
      betas[i] = (float) trained.get(i).asDouble(Double.NaN);
      if (!(betas[i] >= 0 && betas[i] < 1)) {
        throw wrong("trained_betas[" + i + "]", trained.get(i).toString(), "0 <= beta < 1");
      }
    }
    return betas;
  }

  PredictionType predictionType(PredictionType... supported) {
    PredictionType type = PredictionType.parse(text("prediction_type", "epsilon"));
    if (!Arrays.asList(supported).contains(type)) {
      throw wrong("prediction_type", lower(type.toString()), lower(Arrays.toString(supported)));
    }
    return type;
  }

  private static String lower(String s) {
    return s.toLowerCase(Locale.ROOT);
  }

  /** Fails if the settings ask for dynamic thresholding, which is of no use for latents. */
  void refuseThresholding() {
    if (flag("thresholding", false)) {
      throw wrong("thresholding", "true", "false: dynamic thresholding is for pixels, not latents");
    }
  }

  boolean flag(String key, boolean fallback) {
    JsonNode v = value(key);
    if (v == null) {
      return fallback;
    }
    if (!v.isBoolean()) {
      throw wrong(key, v.toString(), "true or false");
    }
    return v.booleanValue();
  }

  double number(String key, double fallback) {
    JsonNode v = value(key);
    if (v == null) {
      return fallback;
    }
    // JSON has no infinities; diffusers writes them as text.
    if (v.isTextual() && v.textValue().matches("-?(inf|Infinity)")) {
      return v.textValue().startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    if (!v.isNumber()) {
      throw wrong(key, v.toString(), "a number");
    }
    return v.doubleValue();
  }

  int integer(String key, int fallback) {
    double v = number(key, fallback);
    if (v != Math.rint(v) || Math.abs(v) > Integer.MAX_VALUE) {
      throw wrong(key, Double.toString(v), "a whole number");
    }
    return (int) v;
  }

  /** A text, which must be one of {@code allowed} if any are given. */
  String text(String key, String fallback, String... allowed) {
    JsonNode v = value(key);
    if (v == null) {
      return fallback;
    }
    if (!v.isTextual() || (allowed.length > 0 && !Arrays.asList(allowed).contains(v.textValue()))) {
      throw wrong(key, v.toString(), allowed.length > 0 ? Arrays.toString(allowed) : "a text");
    }
    return v.textValue();
  }

  private @Nullable JsonNode value(String key) {
    JsonNode v = values.get(key);
    return v == null || v.isNull() ? null : v;
  }

  IllegalArgumentException wrong(String key, String given, String expected) {
    return new IllegalArgumentException(
        "scheduler setting " + key + " of " + source + " is " + given + "; expected " + expected);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof SchedulerConfig c && values.equals(c.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  /** The settings as a JSON object, keys in order; {@link #parse} reads it. */
  public String json() {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.setAll(values);
    return object.toString();
  }

  /** The settings as JSON. */
  @Override
  public String toString() {
    return json();
  }
}
