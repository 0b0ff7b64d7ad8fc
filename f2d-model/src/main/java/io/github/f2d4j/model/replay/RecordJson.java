package io.github.f2d4j.model.replay;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.pipeline.IdentityWords;
import io.github.f2d4j.model.pipeline.Tiles;
import io.github.f2d4j.model.scheduler.SchedulerConfig;
import io.github.f2d4j.model.scheduler.SchedulerKind;
import io.github.f2d4j.weights.io.QuotedText;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A {@link GenerationRecord} as JSON in ASCII. Reading is strict, for nobody vouches for a picture:
 * every key must be there and none besides, of its type and within its limits.
 *
 * <p>Beside the values stands a seal for each, the start of its hash. It does not protect against
 * anyone who wants to deceive, who can compute it too; it tells which value a person or a tool has
 * edited.
 */
final class RecordJson {
  static final String KEYWORD = "f2d4j";

  private static final String FORMAT = "f2d4j generation record";
  private static final int FORMAT_VERSION = 1;
  private static final String SEALS = "seals";
  private static final String DELETE = Character.toString(127);
  private static final int SEAL_DIGITS = 16;
  private static final int MAX_TEXT = 2 << 20;
  private static final int MAX_PARTS = 32;
  private static final int MAX_COEFFICIENTS = 4096;
  private static final int MAX_WIDTH = 16_384;
  private static final String SHA256 = "[0-9a-f]{64}";

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(8)
                          .maxDocumentLength(MAX_TEXT)
                          .maxStringLength(MAX_TEXT)
                          .maxNameLength(200)
                          .maxNumberLength(40)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * A record that was read.
   *
   * @param broken keys whose seal is that of another value
   */
  record Sealed(GenerationRecord record, Set<String> broken) {}

  private final String name;
  private final JsonNode root;

  private RecordJson(String name, JsonNode root) {
    this.name = name;
    this.root = root;
  }

  // ---- writing

  static String write(GenerationRecord record) {
    ObjectNode values = values(record);
    ObjectNode seals = JsonNodeFactory.instance.objectNode();
    values.properties().forEach(e -> seals.put(e.getKey(), seal(e.getKey(), e.getValue())));
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("format", FORMAT).put("format_version", FORMAT_VERSION);
    root.setAll(values);
    root.set(SEALS, seals);
    // The one control character that JSON need not escape, and Jackson does not.
    return text(root).replace(DELETE, "\\u007f");
  }

  private static String text(JsonNode node) {
    try {
      return JSON.writeValueAsString(node);
    } catch (JacksonException e) {
      throw new IllegalStateException("a record that JSON cannot hold", e);
    }
  }

  private static ObjectNode values(GenerationRecord record) {
    GenerationRequest r = record.request();
    ObjectNode o = JsonNodeFactory.instance.objectNode();
    o.put("prompt", r.prompt());
    o.put("negative_prompt", r.negativePrompt());
    o.put("seed", r.seed());
    o.put("noise", record.noise());
    o.put("scheduler", r.scheduler().label());
    o.set("scheduler_config", tree(record.scheduler().json()));
    o.put("eta", r.eta());
    o.put("steps", r.steps());
    o.put("guidance_scale", r.guidanceScale());
    o.put("width", r.width());
    o.put("height", r.height());
    o.put("tiles", r.tiles().name().toLowerCase(Locale.ROOT));
    ArrayNode expression = o.putArray("expression");
    if (r.expression() != null) {
      // As doubles, which hold every float exactly.
      r.expression().forEach(c -> expression.add((double) c));
    }
    ObjectNode identity = o.putObject("identity");
    identity.put("check", record.identityCheck());
    if (record.words() != null) {
      identity.put("words", base64(record.words()));
    }
    ObjectNode weights = o.putObject("weights");
    record.weights().forEach(weights::put);
    o.put("f2d4j_version", record.version());
    o.put("backend", record.backend());
    o.put("pixels", record.pixels());
    return o;
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (JacksonException e) {
      throw new IllegalStateException("settings of a scheduler that are not JSON", e);
    }
  }

  private static String seal(String key, JsonNode value) {
    String text = key + '\n' + text(value);
    return GenerationRecord.hash(text.getBytes(StandardCharsets.UTF_8)).substring(0, SEAL_DIGITS);
  }

  private static String base64(IdentityWords words) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * words.width()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(words.first()).put(words.last());
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  // ---- reading

  /**
   * Reads a record.
   *
   * @param name what messages call the picture
   */
  static Sealed read(String name, String text) throws RecordException {
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JacksonException e) {
      throw new RecordException(
          name, "its record is not JSON (" + e.getOriginalMessage() + "); take the original", e);
    }
    return new RecordJson(name, root).sealed();
  }

  private Sealed sealed() throws RecordException {
    if (!root.isObject() || !root.path("format").asText().equals(FORMAT)) {
      throw wrong("format", "\"" + FORMAT + "\"");
    }
    if (integer("format_version", 1, Integer.MAX_VALUE) != FORMAT_VERSION) {
      throw new RecordException(
          name,
          "its record has format version "
              + root.path("format_version").asInt()
              + ", but this f2d4j reads version "
              + FORMAT_VERSION
              + "; use the version that made the picture");
    }
    GenerationRecord record = record();
    ObjectNode expected = values(record);
    Set<String> keys = new LinkedHashSet<>(List.of("format", "format_version", SEALS));
    expected.fieldNames().forEachRemaining(keys::add);
    requireKeys("", root, keys);
    JsonNode seals = root.path(SEALS);
    Set<String> broken = new TreeSet<>();
    for (var e : expected.properties()) {
      if (!seals.path(e.getKey()).asText().equals(seal(e.getKey(), e.getValue()))) {
        broken.add(e.getKey());
      }
    }
    return new Sealed(record, broken);
  }

  private GenerationRecord record() throws RecordException {
    JsonNode identity = root.path("identity");
    requireKeys("identity.", identity, Set.of("check", "words"));
    return new GenerationRecord(
        text("f2d4j_version", root.path("f2d4j_version"), "[\\w.+-]{1,100}"),
        text("backend", root.path("backend"), "[\\w.+-]{1,100}"),
        request(),
        text("noise", root.path("noise"), "[\\w.+-]{1,100}"),
        scheduler(),
        weights(),
        text("pixels", root.path("pixels"), SHA256),
        text("identity.check", identity.path("check"), SHA256),
        identity.has("words") ? words(identity.path("words")) : null);
  }

  private GenerationRequest request() throws RecordException {
    List<Float> expression = expression();
    try {
      return GenerationRequest.of(anyText("prompt"))
          .negativePrompt(anyText("negative_prompt"))
          .seed(integer("seed", Long.MIN_VALUE, Long.MAX_VALUE))
          .scheduler(kind(anyText("scheduler")))
          .eta(number("eta"))
          .steps((int) integer("steps", 1, GenerationRequest.MAX_STEPS))
          .guidanceScale(number("guidance_scale"))
          .size(
              (int) integer("width", 1, GenerationRequest.MAX_SIDE),
              (int) integer("height", 1, GenerationRequest.MAX_SIDE))
          .expression(expression.isEmpty() ? null : expression)
          .tiles(
              Tiles.valueOf(
                  text("tiles", root.path("tiles"), "auto|always|never").toUpperCase(Locale.ROOT)))
          .build();
    } catch (IllegalArgumentException e) {
      throw new RecordException(name, "its record cannot be right: " + e.getMessage(), e);
    }
  }

  private SchedulerKind kind(String label) throws RecordException {
    for (SchedulerKind kind : SchedulerKind.values()) {
      if (kind.label().equals(label)) {
        return kind;
      }
    }
    throw wrong("scheduler", "the label of a sampler, such as euler-ancestral");
  }

  private SchedulerConfig scheduler() throws RecordException {
    JsonNode config = root.path("scheduler_config");
    if (!config.isObject()) {
      throw wrong("scheduler_config", "an object");
    }
    return SchedulerConfig.parse("the record of " + name, text(config));
  }

  private List<Float> expression() throws RecordException {
    JsonNode list = root.path("expression");
    if (!list.isArray() || list.size() > MAX_COEFFICIENTS) {
      throw wrong("expression", "a list of numbers");
    }
    List<Float> coefficients = new ArrayList<>();
    for (JsonNode c : list) {
      float value = (float) c.asDouble(Double.NaN);
      if (!c.isNumber() || !Float.isFinite(value)) {
        throw wrong("expression", "a list of finite numbers");
      }
      coefficients.add(value);
    }
    return coefficients;
  }

  private SortedMap<String, String> weights() throws RecordException {
    JsonNode object = root.path("weights");
    if (!object.isObject() || object.isEmpty() || object.size() > MAX_PARTS) {
      throw wrong("weights", "an object of the parts of a model and their hashes");
    }
    SortedMap<String, String> weights = new TreeMap<>();
    for (var e : object.properties()) {
      if (!e.getKey().matches("\\w{1,50}")) {
        throw wrong("weights", "names of parts such as unet");
      }
      weights.put(e.getKey(), text("weights." + e.getKey(), e.getValue(), SHA256));
    }
    return weights;
  }

  private IdentityWords words(JsonNode node) throws RecordException {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text("identity.words", node, "[A-Za-z0-9+/]{8,}={0,2}"));
    } catch (IllegalArgumentException e) {
      throw new RecordException(
          name, "its record has identity.words that are not base64; take the original", e);
    }
    if (bytes.length % 8 != 0 || bytes.length > 8 * MAX_WIDTH) {
      throw wrong("identity", "two words of at most " + MAX_WIDTH + " values");
    }
    float[] all = new float[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(all);
    for (float f : all) {
      if (!Float.isFinite(f)) {
        throw wrong("identity", "words of finite values");
      }
    }
    int width = all.length / 2;
    return new IdentityWords(
        java.util.Arrays.copyOf(all, width), java.util.Arrays.copyOfRange(all, width, 2 * width));
  }

  private void requireKeys(String where, JsonNode object, Set<String> known)
      throws RecordException {
    if (!object.isObject()) {
      throw wrong(where.isEmpty() ? "format" : where.replace(".", ""), "an object");
    }
    for (var e : object.properties()) {
      if (!known.contains(e.getKey())) {
        throw new RecordException(
            name,
            "its record has a key "
                + QuotedText.quote(where + e.getKey())
                + " that version "
                + FORMAT_VERSION
                + " does not know; take the original");
      }
    }
  }

  private String anyText(String key) throws RecordException {
    return text(key, root.path(key), null);
  }

  private String text(String key, JsonNode value, @Nullable String pattern) throws RecordException {
    if (!value.isTextual() || (pattern != null && !value.textValue().matches(pattern))) {
      throw wrong(key, pattern == null ? "a text" : "a text of the form " + pattern);
    }
    return value.textValue();
  }

  private long integer(String key, long least, long most) throws RecordException {
    JsonNode value = root.path(key);
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < least
        || value.longValue() > most) {
      throw wrong(key, "a whole number from " + least + " to " + most);
    }
    return value.longValue();
  }

  private double number(String key) throws RecordException {
    JsonNode value = root.path(key);
    if (!value.isNumber()) {
      throw wrong(key, "a number");
    }
    return value.doubleValue();
  }

  private RecordException wrong(String key, String expected) {
    JsonNode value = root;
    for (String step : key.split("\\.", -1)) {
      value = value.path(step);
    }
    String given =
        value.isMissingNode() ? "is missing" : "is " + QuotedText.quote(value.toString());
    return new RecordException(
        name, "its record is damaged: " + key + " " + given + ", expected " + expected);
  }
}
