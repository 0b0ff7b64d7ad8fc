package io.github.f2d4j.model.replay;

import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.model.image.PngTexts;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.origin.LibraryVersion;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.pipeline.GenerationResult;
import io.github.f2d4j.model.pipeline.IdentityWords;
import io.github.f2d4j.model.scheduler.SchedulerConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything that made one picture. The number of threads, the width of vectors, the size of the
 * batch and the picture's place in it are missing because they make no difference.
 *
 * <p>Who is in the picture is not said: {@link #identityCheck()} can only confirm a photo or card
 * that is already there, and as it depends on the picture too, it does not tell whether two
 * pictures show the same person. {@link #withIdentity} puts the two words of the person into the
 * record, so that it needs neither photo nor card; with them anyone can make other pictures of the
 * person.
 *
 * @param version of this library
 * @param backend that computed, such as {@code cpu}
 * @param request without gaps, for this one picture and its seed
 * @param noise the generator of the noise, such as {@value #TORCH_CPU}
 * @param scheduler the sampler's settings
 * @param weights the hash of every part of the model that makes pictures, by its name
 * @param pixels SHA-256 of the picture's RGB bytes
 * @param identityCheck SHA-256 of the pixels' hash and the two words
 * @param words the two words of the person, or null
 */
public record GenerationRecord(
    String version,
    String backend,
    GenerationRequest request,
    String noise,
    SchedulerConfig scheduler,
    SortedMap<String, String> weights,
    String pixels,
    String identityCheck,
    @Nullable IdentityWords words) {
  /** The noise of torch's CPU generator. */
  public static final String TORCH_CPU = "torch-cpu";

  /** The part of a model that no picture depends on: its coefficients are in the request. */
  private static final String EXPRESSION = "expression";

  /**
   * Copies the map.
   *
   * @throws IllegalArgumentException if the request has gaps
   */
  public GenerationRecord {
    if (request.steps() == null
        || request.guidanceScale() == null
        || request.width() == null
        || request.height() == null) {
      throw new IllegalArgumentException(
          "the request has gaps; take that of the GenerationResult, or complete it by the"
              + " pipeline");
    }
    weights = Collections.unmodifiableSortedMap(new TreeMap<>(weights));
  }

  /**
   * The record of a picture that this pipeline has just made, without the person.
   *
   * <p>The first record reads the model's files once more for their hashes, some seconds for a
   * large model; {@code pipeline.parts().requireDigests().all()} does that at another time.
   *
   * @param words that it was made with
   * @param index of the picture in the result
   * @throws IllegalStateException if the pipeline was not loaded from a folder
   * @throws IOException if the hash of the model cannot be computed
   */
  public static GenerationRecord of(
      Face2DiffusionPipeline pipeline, IdentityWords words, GenerationResult result, int index)
      throws IOException {
    SortedMap<String, String> weights = new TreeMap<>(pipeline.parts().requireDigests().all());
    weights.remove(EXPRESSION);
    String pixels = pixels(result.images().get(index));
    return new GenerationRecord(
        LibraryVersion.VERSION,
        Backends.current().name(),
        result.request().toBuilder().images(1).seed(result.seeds().get(index)).build(),
        TORCH_CPU,
        pipeline.parts().scheduler(),
        weights,
        pixels,
        check(pixels, words),
        null);
  }

  /**
   * This record with the two words of the person.
   *
   * @throws IllegalArgumentException if the picture was made with others
   */
  public GenerationRecord withIdentity(IdentityWords person) {
    if (!isOf(person)) {
      throw new IllegalArgumentException("the picture was made with other words");
    }
    return new GenerationRecord(
        version, backend, request, noise, scheduler, weights, pixels, identityCheck, person);
  }

  /**
   * This record with the name of the noise, for a pipeline with noise of its own ({@link
   * Face2DiffusionPipeline#withNoise}), which {@link #of} takes for {@value #TORCH_CPU}.
   */
  public GenerationRecord withNoise(String name) {
    return new GenerationRecord(
        version, backend, request, name, scheduler, weights, pixels, identityCheck, words);
  }

  /** Whether the picture was made with these words. */
  public boolean isOf(IdentityWords person) {
    return check(pixels, person).equals(identityCheck);
  }

  /** The texts of the picture's PNG file: for other tools, for {@link Replay}, and as XMP. */
  public Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(Parameters.KEYWORD, Parameters.of(this));
    texts.put(RecordJson.KEYWORD, RecordJson.write(this));
    texts.put(PngTexts.XMP, Xmp.packet());
    return texts;
  }

  // ---- hashes

  static String pixels(RgbImage image) {
    return hash(image.rgb());
  }

  private static String check(String pixels, IdentityWords words) {
    float[] first = words.first();
    float[] last = words.last();
    ByteBuffer bytes =
        ByteBuffer.allocate(pixels.length() + 4 * (first.length + last.length))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(pixels.getBytes(StandardCharsets.US_ASCII));
    for (float f : first) {
      bytes.putFloat(f);
    }
    for (float f : last) {
      bytes.putFloat(f);
    }
    return hash(bytes.array());
  }

  static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
