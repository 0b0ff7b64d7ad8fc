package io.github.f2d4j.weights.convert;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.f2d4j.weights.io.AtomicFile;
import io.github.f2d4j.weights.io.QuotedText;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a model folder was made of: the file {@value #NAME} in it. It is renewed after every file
 * that is finished, so that an interrupted conversion can go on, and tells at the end that it is
 * complete.
 */
public final class ConversionRecord {
  /** The record's name in the model folder. */
  public static final String NAME = "conversion.json";

  private static final String FORMAT = "f2d4j conversion 1";
  private static final long MAX_BYTES = 64L << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * One file of the folder.
   *
   * @param hash its size and content
   * @param recipe the hash of all that it was made of; empty for a copy
   * @param part how it was made: family, tensors, element types, values that did not fit
   */
  record Entry(FileHash hash, String recipe, @Nullable ObjectNode part) {}

  /**
   * One file that something was made of.
   *
   * @param path as it was given
   * @param family what it holds
   * @param hash its size and content
   */
  record Input(String path, String family, FileHash hash) {}

  private final Set<String> outstanding = new TreeSet<>();
  private final List<Input> inputs = new ArrayList<>();
  private final Map<String, Entry> files = new TreeMap<>();

  /** A record of nothing. */
  ConversionRecord() {}

  /**
   * The record of a folder; empty if it has none.
   *
   * @throws ConversionException if it is malformed
   * @throws IOException if it cannot be read
   */
  public static Optional<ConversionRecord> read(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    if (Files.size(file) > MAX_BYTES) {
      throw malformed(file, "has " + Files.size(file) + " bytes", null);
    }
    try {
      JsonNode root = JSON.readTree(Files.readAllBytes(file));
      if (root == null || !root.path("format").asText().equals(FORMAT)) {
        throw malformed(file, "has no \"format\": \"" + FORMAT + "\"", null);
      }
      return Optional.of(parse(file, root));
    } catch (JacksonException e) {
      throw malformed(file, "is not JSON (" + e.getOriginalMessage() + ")", e);
    } catch (CharConversionException e) {
      throw malformed(file, "is not JSON (" + e.getMessage() + ")", e);
    }
  }

  private static ConversionRecord parse(Path file, JsonNode root) throws ConversionException {
    ConversionRecord record = new ConversionRecord();
    for (JsonNode path : root.path("outstanding")) {
      record.outstanding.add(path.asText());
    }
    for (JsonNode input : root.path("inputs")) {
      record.inputs.add(
          new Input(input.path("path").asText(), input.path("family").asText(), hash(file, input)));
    }
    for (Map.Entry<String, JsonNode> e : root.path("files").properties()) {
      if (!isInside(e.getKey())) {
        throw malformed(
            file,
            "names the file " + QuotedText.quote(e.getKey()) + " outside of the folder",
            null);
      }
      JsonNode part = e.getValue().get("part");
      record.files.put(
          e.getKey(),
          new Entry(
              hash(file, e.getValue()),
              e.getValue().path("recipe").asText(""),
              part instanceof ObjectNode o ? o : null));
    }
    return record;
  }

  private static boolean isInside(String name) {
    try {
      Path path = Path.of(name);
      return !name.isEmpty()
          && !path.isAbsolute()
          && path.normalize().equals(path)
          && !path.startsWith("..");
    } catch (InvalidPathException e) {
      return false; // No file can have that name.
    }
  }

  private static FileHash hash(Path file, JsonNode node) throws ConversionException {
    String sha256 = node.path("sha256").asText("");
    JsonNode bytes = node.path("bytes");
    if (!sha256.matches("[0-9a-f]{64}")
        || !bytes.isIntegralNumber()
        || !bytes.canConvertToLong()
        || bytes.asLong() < 0) {
      throw malformed(file, "holds an entry without bytes and sha256", null);
    }
    return new FileHash(bytes.asLong(), sha256);
  }

  private static ConversionException malformed(
      Path file, String problem, @Nullable Throwable cause) {
    String message =
        file + " " + problem + "; it is no record of a conversion: delete it and convert again";
    return cause == null
        ? new ConversionException(message)
        : new ConversionException(message, cause);
  }

  /** Whether every file was finished. */
  public boolean isComplete() {
    return outstanding.isEmpty();
  }

  /** Whether a file of that name must be respected: it was finished, or nobody recorded it. */
  boolean isCompleteOrUnknown(String path) {
    return isComplete() || !(files.containsKey(path) || outstanding.contains(path));
  }

  /** Notes that these files are about to be written. */
  void expect(Collection<String> paths) {
    outstanding.addAll(paths);
  }

  void addInput(Input input) {
    inputs.removeIf(i -> i.path.equals(input.path));
    inputs.add(input);
  }

  void put(String path, Entry entry) {
    files.put(path, entry);
    outstanding.remove(path);
  }

  @Nullable Entry entry(String path) {
    return files.get(path);
  }

  /** The recorded files by their path in the folder. */
  public Set<String> files() {
    return files.keySet();
  }

  /**
   * The recorded size and content of a file.
   *
   * @throws IllegalArgumentException if it is not recorded
   */
  public FileHash hash(String path) {
    Entry entry = files.get(path);
    if (entry == null) {
      throw new IllegalArgumentException(path + " is not in the record of " + files.keySet());
    }
    return entry.hash;
  }

  /** Writes the record in one step. */
  void write(Path folder) throws IOException {
    byte[] bytes = toString().getBytes(StandardCharsets.UTF_8);
    SmallFile.write(folder.resolve(NAME), bytes);
  }

  /** The record as JSON. */
  public ObjectNode toJson() {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", FORMAT).put("complete", isComplete());
    if (!isComplete()) {
      outstanding.forEach(root.putArray("outstanding")::add);
    }
    ArrayNode given = root.putArray("inputs");
    for (Input i : inputs) {
      given
          .addObject()
          .put("path", i.path)
          .put("family", i.family)
          .put("bytes", i.hash.bytes())
          .put("sha256", i.hash.sha256());
    }
    ObjectNode made = root.putObject("files");
    files.forEach(
        (path, e) -> {
          ObjectNode o = made.putObject(path);
          o.put("bytes", e.hash.bytes()).put("sha256", e.hash.sha256());
          if (!e.recipe.isEmpty()) {
            o.put("recipe", e.recipe);
          }
          if (e.part != null) {
            o.set("part", e.part);
          }
        });
    return root;
  }

  /** The record as JSON text. */
  @Override
  public String toString() {
    return toJson().toPrettyString() + "\n";
  }

  /** Small files, written like large ones: complete or not at all. */
  static final class SmallFile {
    private SmallFile() {}

    static void write(Path file, byte[] bytes) throws IOException {
      AtomicFile.write(
          file,
          out -> {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
              out.write(buffer);
            }
          });
    }
  }
}
