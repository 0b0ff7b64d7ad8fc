package io.github.f2d4j.model.card;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.model.origin.LibraryVersion;
import io.github.f2d4j.model.origin.ModelDigests;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.FaceIdentity;
import io.github.f2d4j.model.pipeline.IdentityWords;
import io.github.f2d4j.weights.io.QuotedText;
import io.github.f2d4j.weights.safetensors.SafetensorsException;
import io.github.f2d4j.weights.safetensors.SafetensorsFile;
import io.github.f2d4j.weights.safetensors.SafetensorsWriter;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import io.github.f2d4j.weights.safetensors.TensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a model knows of a face: the identity encoder's features and the two words that stand for
 * the person in a prompt. It takes the place of the photo. Whoever has a card can make pictures of
 * the person: it deserves the same care.
 *
 * <p>The file is in safetensors format: {@code identity} F32 [features], {@code word_first} and
 * {@code word_last} F32 [width of the text encoder]; as metadata {@code format}, {@code
 * format_version}, {@code encoder_sha256} and {@code mapping_sha256} (as {@link ModelDigests}
 * computes them), {@code photos} (a JSON list of names) and {@code library}. Equal content gives
 * equal bytes.
 *
 * <p>The features belong to one identity encoder, and another refuses the card. The words follow
 * from the features and the mapping network; they are stored for other programs, and this library
 * computes them anew, so a card serves every mapping network of its encoder.
 *
 * @param identity the features
 * @param words the words of the person with an expression left to the prompt
 * @param encoder the hash of the identity encoder
 * @param mapping the hash of the mapping network that made the words
 * @param photos names of the photos that it was made from, without their folders
 * @param library name and version of the library that wrote it
 */
public record IdentityCard(
    FaceIdentity identity,
    IdentityWords words,
    String encoder,
    String mapping,
    List<String> photos,
    String library) {
  private static final String MAKE = "; make one with f2d encode --face PHOTO";
  private static final String FORMAT = "f2d4j identity card";
  private static final int FORMAT_VERSION = 1;
  private static final long MAX_BYTES = 16 << 20;
  private static final int MAX_VALUES = 1 << 20;
  private static final int MAX_PHOTOS = 10_000;
  private static final int SHOWN_DIGITS = 12;
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /**
   * Checks the hashes.
   *
   * @throws IllegalArgumentException if one is not 64 hexadecimal digits
   */
  public IdentityCard {
    photos = List.copyOf(photos);
    for (String hash : List.of(encoder, mapping)) {
      if (!SHA256.matcher(hash).matches()) {
        throw new IllegalArgumentException(
            "the hash of a network is \"" + hash + "\"; expected 64 hexadecimal digits");
      }
    }
  }

  /**
   * The card of an identity that this pipeline has encoded.
   *
   * @param photos names of the photos that it was made from
   * @throws IllegalStateException if the pipeline was not loaded from a folder
   * @throws IOException if the hash of the model cannot be computed
   */
  public static IdentityCard of(
      Face2DiffusionPipeline pipeline, FaceIdentity identity, List<String> photos)
      throws IOException {
    ModelDigests digests = pipeline.parts().requireDigests();
    return new IdentityCard(
        identity,
        pipeline.words(identity),
        digests.of("msid"),
        digests.of("mapping"),
        photos,
        LibraryVersion.NAME_AND_VERSION);
  }

  /**
   * The features, for the pipeline that they belong to.
   *
   * @param name what messages call the card
   * @throws CardException if the card was made with another identity encoder
   * @throws IllegalStateException if the pipeline was not loaded from a folder
   * @throws IOException if the hash of the model cannot be computed
   */
  public FaceIdentity identityFor(Face2DiffusionPipeline pipeline, String name) throws IOException {
    String here = pipeline.parts().requireDigests().of("msid");
    if (!here.equals(encoder)) {
      throw new CardException(
          name,
          "this identity card was made with another identity encoder (sha256 "
              + shown(encoder)
              + ") than the model's msid (sha256 "
              + shown(here)
              + "), whose features mean something else; encode the photo again with this model"
              + " (f2d encode --face PHOTO --model FOLDER), or name the model that the card was"
              + " made with");
    }
    return identity;
  }

  private static String shown(String hash) {
    return hash.substring(0, SHOWN_DIGITS) + "…";
  }

  // ---- the file

  /**
   * Writes the card; a file of that name is replaced as a whole, or not at all.
   *
   * @throws IOException if writing fails; nothing is left behind then
   */
  public void write(Path file) throws IOException {
    float[] features = identity.features();
    Shape width = Shape.of(words.width());
    SafetensorsWriter.write(
        file,
        List.of(
            TensorEntry.of("identity", Shape.of(features.length), features),
            TensorEntry.of("word_first", width, words.first()),
            TensorEntry.of("word_last", width, words.last())),
        new TreeMap<>(
            Map.of(
                "format", FORMAT,
                "format_version", Integer.toString(FORMAT_VERSION),
                "encoder_sha256", encoder,
                "mapping_sha256", mapping,
                "photos", JSON.writeValueAsString(photos),
                "library", library)));
  }

  /**
   * Reads a card, which nobody vouches for.
   *
   * @throws CardException if it is no card or is damaged
   * @throws IOException if the file cannot be read
   */
  public static IdentityCard read(Path file) throws IOException {
    String name = file.toString();
    if (!Files.exists(file)) {
      throw new NoSuchFileException(name);
    }
    if (Files.isRegularFile(file) && Files.size(file) > MAX_BYTES) {
      throw new CardException(
          name,
          "a file of " + Files.size(file) + " bytes is no identity card; they have few" + MAKE);
    }
    try (TensorSource source = SafetensorsFile.open(file)) {
      return parse(name, source);
    } catch (SafetensorsException e) {
      throw new CardException(name, "no identity card (" + e.getMessage() + ")" + MAKE, e);
    }
  }

  private static IdentityCard parse(String name, TensorSource source) throws CardException {
    Map<String, String> metadata = source.metadata();
    if (!FORMAT.equals(metadata.get("format"))) {
      throw new CardException(
          name, "these are weights or other tensors, not an identity card" + MAKE);
    }
    String version = metadata.getOrDefault("format_version", "");
    if (!version.equals(Integer.toString(FORMAT_VERSION))) {
      throw new CardException(
          name,
          "an identity card of format version "
              + QuotedText.quote(version)
              + ", but this f2d4j reads version "
              + FORMAT_VERSION
              + "; use the version that wrote it, or encode the photo again");
    }
    try {
      return new IdentityCard(
          FaceIdentity.of(values(name, source, "identity")),
          new IdentityWords(values(name, source, "word_first"), values(name, source, "word_last")),
          hash(name, metadata, "encoder_sha256"),
          hash(name, metadata, "mapping_sha256"),
          photos(name, metadata.getOrDefault("photos", "[]")),
          plain(metadata.getOrDefault("library", "")));
    } catch (IllegalArgumentException e) {
      throw new CardException(name, "a damaged identity card: " + e.getMessage() + MAKE, e);
    }
  }

  private static float[] values(String name, TensorSource source, String tensor)
      throws CardException {
    if (!source.contains(tensor)) {
      throw new CardException(name, "an identity card without the tensor " + tensor + MAKE);
    }
    TensorEntry entry = source.get(tensor);
    Shape shape = entry.shape();
    if (entry.dtype() != DType.F32
        || shape.rank() != 1
        || shape.elements() < 1
        || shape.elements() > MAX_VALUES) {
      throw new CardException(
          name,
          "the tensor "
              + tensor
              + " of the identity card is "
              + entry.type()
              + ", expected F32 with one dimension of 1 to "
              + MAX_VALUES
              + MAKE);
    }
    float[] values = entry.toFloats();
    for (float v : values) {
      if (!Float.isFinite(v)) {
        throw new CardException(
            name, "the tensor " + tensor + " of the identity card holds " + v + MAKE);
      }
    }
    return values;
  }

  private static String hash(String name, Map<String, String> metadata, String key)
      throws CardException {
    String hash = metadata.getOrDefault(key, "");
    if (!SHA256.matcher(hash).matches()) {
      throw new CardException(
          name, "an identity card whose " + key + " is not 64 hexadecimal digits" + MAKE);
    }
    return hash;
  }

  private static List<String> photos(String name, String json) throws CardException {
    List<String> photos = new ArrayList<>();
    try {
      JsonNode list = JSON.readTree(json);
      if (list.isArray() && list.size() <= MAX_PHOTOS) {
        list.forEach(p -> photos.add(p.isTextual() ? plain(p.textValue()) : "?"));
        return photos;
      }
    } catch (JacksonException e) {
      throw new CardException(name, "an identity card whose photos are not JSON" + MAKE, e);
    }
    throw new CardException(name, "an identity card whose photos are not a list" + MAKE);
  }

  /** Without characters that would steer a terminal. */
  private static String plain(String untrusted) {
    return untrusted.replaceAll("\\p{Cntrl}", "?");
  }
}
