package io.github.f2d4j.model.replay;

import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.model.image.ImageLimits;
import io.github.f2d4j.model.image.ImageReader;
import io.github.f2d4j.model.image.PngTexts;
import io.github.f2d4j.model.image.PngWriter;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.origin.LibraryVersion;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.FaceIdentity;
import io.github.f2d4j.model.pipeline.GenerationListener;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.pipeline.GenerationResult;
import io.github.f2d4j.model.pipeline.IdentityWords;
import io.github.f2d4j.weights.io.QuotedText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes a picture again from the record in its file, and says what stands in the way. Immutable.
 * The file is not trusted: its record is checked strictly, and the picture itself bounds the size
 * of what is made.
 */
public final class Replay {
  private static final int SHOWN_DIGITS = 12;
  private static final long MAX_PIXELS =
      (long) GenerationRequest.MAX_SIDE * GenerationRequest.MAX_SIDE;

  private final byte[] file;
  private final Map<String, String> texts;
  private final GenerationRecord record;
  private final Set<String> broken;
  private final String pixels;

  /**
   * What came of it.
   *
   * @param image the picture that was made now
   * @param texts of its file
   * @param sameBytes whether the file is the same, byte for byte
   * @param samePixels whether the picture is the same; a file may still differ where another
   *     program has saved it again, or where Java brings another zlib
   */
  public record Outcome(
      RgbImage image, Map<String, String> texts, boolean sameBytes, boolean samePixels) {
    /** Keeps the order of the texts. */
    public Outcome {
      texts = Collections.unmodifiableMap(new LinkedHashMap<>(texts));
    }

    /** The bytes of its file. */
    public byte[] png() {
      return PngWriter.encode(image, texts);
    }
  }

  private Replay(
      byte[] file,
      Map<String, String> texts,
      GenerationRecord record,
      Set<String> broken,
      String pixels) {
    this.file = file;
    this.texts = texts;
    this.record = record;
    this.broken = broken;
    this.pixels = pixels;
  }

  /**
   * Reads a picture.
   *
   * @throws io.github.f2d4j.model.image.ImageException if it is no PNG file, or damaged
   * @throws RecordException if it has no record, or one that cannot be right
   */
  public static Replay read(Path picture) throws IOException {
    String name = picture.toString();
    ImageLimits limits = ImageLimits.DEFAULT.withMinSide(1).withMaxPixels(MAX_PIXELS);
    byte[] file = ImageReader.load(picture, limits);
    Map<String, String> texts = PngTexts.parse(name, file);
    String json = texts.get(RecordJson.KEYWORD);
    if (json == null) {
      throw new RecordException(
          name,
          "this picture has no record of how it was made; only files that f2d generate wrote have"
              + " one, and many programs and sites remove it");
    }
    RecordJson.Sealed sealed = RecordJson.read(name, json);
    RgbImage image = ImageReader.decode(name, file, limits);
    GenerationRequest r = sealed.record().request();
    if (!Objects.equals(r.width(), image.width()) || !Objects.equals(r.height(), image.height())) {
      throw new RecordException(
          name,
          "its record is of a picture of "
              + r.width()
              + " x "
              + r.height()
              + " pixels, but this is a "
              + image
              + "; take the original, which has not been resized or cropped");
    }
    return new Replay(
        file, texts, sealed.record(), sealed.broken(), GenerationRecord.pixels(image));
  }

  /** The record. */
  public GenerationRecord record() {
    return record;
  }

  /**
   * The words of the person: those of {@code person} with the recorded expression, or else those in
   * the record.
   *
   * @param person encoded from the photos or cards that the picture was made from; null for none
   * @return null if there are none
   */
  public @Nullable IdentityWords words(
      Face2DiffusionPipeline pipeline, @Nullable FaceIdentity person) {
    return person == null ? record.words() : pipeline.words(person, record.request().expression());
  }

  // ---- what differs

  /**
   * Everything that is not as it was when the picture was made; if nothing, {@link #run} makes the
   * same picture.
   *
   * @param words as {@link #words} gives them
   * @throws IllegalStateException if the pipeline was not loaded from a folder
   * @throws IOException if the hash of the model cannot be computed
   */
  public List<Difference> differences(
      Face2DiffusionPipeline pipeline, @Nullable IdentityWords words) throws IOException {
    List<Difference> differences = new ArrayList<>();
    edited(differences);
    weights(pipeline, differences);
    scheduler(pipeline, differences);
    add(
        differences,
        "version of f2d4j",
        record.version(),
        LibraryVersion.VERSION,
        "use that version, or try whether this one makes the same");
    add(
        differences,
        "backend",
        record.backend(),
        Backends.current().name(),
        "choose it with " + BackendFlags.between(Backends.current().name(), record.backend()));
    add(
        differences,
        "noise",
        record.noise(),
        GenerationRecord.TORCH_CPU,
        "only the program that brought this noise can make it again");
    identity(words, differences);
    return differences;
  }

  private static void add(
      List<Difference> differences, String what, String recorded, String here, String remedy) {
    if (!recorded.equals(here)) {
      differences.add(new Difference(what, recorded, here, remedy));
    }
  }

  /** The record against its seals, the parameters text and the pixels. */
  private void edited(List<Difference> differences) {
    Map<String, String> expected = Parameters.parse(Parameters.stored(record));
    String parameters = texts.get(Parameters.KEYWORD);
    Map<String, String> told = parameters == null ? expected : Parameters.parse(parameters);
    for (String key : broken) {
      String name = key.replace('_', ' ');
      String other = told.getOrDefault(name, "");
      boolean known = !other.isEmpty() && !other.equals(expected.get(name));
      differences.add(
          new Difference(
              name,
              known ? QuotedText.quote(other) : "another value",
              value(key),
              "the record was edited after the picture was made; take the original"));
    }
    Set<String> keys = new TreeSet<>(expected.keySet());
    keys.addAll(told.keySet());
    for (String key : keys) {
      String is = told.getOrDefault(key, "");
      String was = expected.getOrDefault(key, "");
      if (!is.equals(was) && !broken.contains(key.replace(' ', '_'))) {
        differences.add(
            new Difference(
                key + " in the text parameters",
                QuotedText.quote(was),
                QuotedText.quote(is),
                "that text was edited after the picture was made; the record counts"));
      }
    }
    if (!pixels.equals(record.pixels())) {
      differences.add(
          new Difference(
              "pixels",
              shown(record.pixels()),
              shown(pixels),
              "the picture was changed after it was made; take the original"));
    }
  }

  private String value(String key) {
    return switch (key) {
      case "prompt" -> QuotedText.quote(record.request().prompt());
      case "negative_prompt" -> QuotedText.quote(record.request().negativePrompt());
      case "seed" -> Long.toString(record.request().seed());
      case "steps" -> String.valueOf(record.request().steps());
      case "guidance_scale" -> String.valueOf(record.request().guidanceScale());
      case "scheduler" -> record.request().scheduler().label();
      case "f2d4j_version" -> record.version();
      default -> "an edited one";
    };
  }

  private void weights(Face2DiffusionPipeline pipeline, List<Difference> differences)
      throws IOException {
    Map<String, String> here = new TreeMap<>(pipeline.parts().requireDigests().all());
    for (Map.Entry<String, String> part : record.weights().entrySet()) {
      String hash = here.getOrDefault(part.getKey(), "");
      if (!hash.equals(part.getValue())) {
        differences.add(
            new Difference(
                (part.getKey().equals("tokenizer") ? "" : "weights of ") + part.getKey(),
                shown(part.getValue()),
                hash.isEmpty() ? "no such part" : shown(hash),
                "name the folder of the model that made the picture (--model)"));
      }
    }
  }

  private void scheduler(Face2DiffusionPipeline pipeline, List<Difference> differences) {
    if (!record.scheduler().equals(pipeline.parts().scheduler())) {
      differences.add(
          new Difference(
              "settings of the scheduler",
              QuotedText.quote(record.scheduler().json()),
              QuotedText.quote(pipeline.parts().scheduler().json()),
              "put the recorded ones into scheduler/scheduler_config.json of a copy of the model"));
    }
  }

  private void identity(@Nullable IdentityWords words, List<Difference> differences) {
    String recorded = "check " + shown(record.identityCheck());
    if (words == null) {
      differences.add(
          new Difference(
              "identity",
              recorded,
              "none, for pictures do not say who is in them unless asked to",
              "give the photos or cards that it was made from (--face, --card, --blend)"));
    } else if (!record.isOf(words)) {
      differences.add(
          new Difference(
              "identity",
              recorded,
              "another",
              "give the same photos, landmarks, cards and blend that it was made from"));
    }
  }

  private static String shown(String hash) {
    return hash.substring(0, SHOWN_DIGITS) + "…";
  }

  // ---- making it again

  /**
   * Makes the picture again.
   *
   * @throws IllegalArgumentException if the model cannot do what the record asks for
   * @throws io.github.f2d4j.model.pipeline.CancelledException if the listener asks for it
   * @throws IOException if the hash of the model cannot be computed
   */
  public Outcome run(
      Face2DiffusionPipeline pipeline, IdentityWords words, GenerationListener listener)
      throws IOException {
    GenerationResult result = pipeline.generate(words, record.request(), listener);
    GenerationRecord again = GenerationRecord.of(pipeline, words, result, 0);
    if (record.words() != null) {
      again = again.withIdentity(words);
    }
    RgbImage image = result.images().getFirst();
    Map<String, String> now = again.texts();
    return new Outcome(
        image,
        now,
        Arrays.equals(PngWriter.encode(image, now), file),
        again.pixels().equals(pixels));
  }
}
