package io.github.f2d4j.model.card;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.face.Landmarks;
import io.github.f2d4j.model.image.ImageReader;
import io.github.f2d4j.model.origin.LibraryVersion;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.FaceIdentity;
import io.github.f2d4j.model.pipeline.FaceInput;
import io.github.f2d4j.model.pipeline.IdentityWords;
import io.github.f2d4j.model.testing.DemoCopy;
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
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityCardTest {
  private static Face2DiffusionPipeline pipeline;
  private static IdentityCard card;

  @TempDir Path folder;
  private Path file;

  @BeforeAll
  static void encode() throws Exception {
    DemoModel demo = DemoModel.open();
    pipeline = Face2DiffusionPipeline.load(demo.folder());
    DemoModel.SampleFace face = demo.face("face_2");
    FaceIdentity identity =
        pipeline.encode(
            FaceInput.photo(ImageReader.read(face.image()), Landmarks.read(face.landmarks())));
    card = IdentityCard.of(pipeline, identity, List.of("a.jpg", "\u6f22 \"b\".png"));
  }

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("card.safetensors");
    card.write(file);
  }

  @Test
  void comesBackAsItWas() throws IOException {
    IdentityCard read = IdentityCard.read(file);
    assertEquals(card, read);
    assertEquals(card.identity(), read.identityFor(pipeline, "card"));
    assertEquals(card.words(), pipeline.words(read.identity()));
    assertEquals(List.of("a.jpg", "\u6f22 \"b\".png"), read.photos());
    byte[] first = Files.readAllBytes(file);
    read.write(file);
    assertArrayEquals(first, Files.readAllBytes(file), "equal cards are equal files");
  }

  @Test
  void saysWhatItIsInTheOpenFormat() throws IOException {
    try (TensorSource source = SafetensorsFile.open(file)) {
      assertEquals(Set.of("identity", "word_first", "word_last"), Set.copyOf(source.names()));
      Map<String, String> metadata = source.metadata();
      assertEquals("f2d4j identity card", metadata.get("format"));
      assertEquals("1", metadata.get("format_version"));
      assertEquals("[\"a.jpg\",\"\u6f22 \\\"b\\\".png\"]", metadata.get("photos"));
      assertEquals("f2d4j " + LibraryVersion.VERSION, metadata.get("library"));
      assertEquals(pipeline.parts().requireDigests().of("msid"), metadata.get("encoder_sha256"));
      assertEquals(pipeline.parts().requireDigests().of("mapping"), metadata.get("mapping_sha256"));
    }
  }

  @Test
  void theBuildTellsTheVersion() {
    assertTrue(LibraryVersion.VERSION.matches("\\d+\\.\\d+\\.\\d+.*"), LibraryVersion.VERSION);
  }

  @Test
  void anotherEncoderRefusesItByName() throws IOException {
    Path other = DemoCopy.to(folder.resolve("model"));
    DemoCopy.changeWeight(other, "msid");
    Face2DiffusionPipeline another = Face2DiffusionPipeline.load(other);
    String message =
        assertThrows(CardException.class, () -> card.identityFor(another, "anna")).getMessage();
    String here = another.parts().requireDigests().of("msid");
    assertNotEquals(card.encoder(), here);
    for (String part :
        List.of("anna: ", card.encoder().substring(0, 12), here.substring(0, 12), "encode")) {
      assertTrue(message.contains(part), message);
    }
  }

  /** Features do not depend on the mapping network, and words are computed anew. */
  @Test
  void anotherMappingOrDenoiserAcceptsIt() throws IOException {
    Path other = DemoCopy.to(folder.resolve("model"));
    DemoCopy.changeWeight(other, "mapping");
    DemoCopy.changeWeight(other, "unet");
    Face2DiffusionPipeline another = Face2DiffusionPipeline.load(other);
    assertEquals(card.identity(), card.identityFor(another, "anna"));
    assertNotEquals(card.mapping(), another.parts().requireDigests().of("mapping"));
  }

  @Test
  void aPipelineOfPartsCannotTell() {
    var p = pipeline.parts();
    var parts =
        new io.github.f2d4j.model.pipeline.PipelineParts(
            p.tokenizer(),
            p.textEncoder(),
            p.unet(),
            p.vae(),
            p.identityEncoder(),
            p.mapping(),
            p.scheduler(),
            p.expressionEncoder(),
            p.defaults(),
            null);
    Face2DiffusionPipeline assembled = new Face2DiffusionPipeline(parts);
    String message =
        assertThrows(
                IllegalStateException.class,
                () -> IdentityCard.of(assembled, card.identity(), List.of()))
            .getMessage();
    assertTrue(message.contains("load it from a model folder"), message);
  }

  // ---- files that are no cards

  private void refused(String... parts) {
    String message = assertThrows(CardException.class, () -> IdentityCard.read(file)).getMessage();
    assertTrue(message.startsWith(file.toString()), message);
    for (String part : parts) {
      assertTrue(message.contains(part), message + " must contain " + part);
    }
  }

  private void rewrite(List<TensorEntry> tensors, String key, String value) throws IOException {
    Map<String, String> metadata;
    try (TensorSource source = SafetensorsFile.open(file)) {
      metadata = new TreeMap<>(source.metadata());
    }
    metadata.put(key, value);
    SafetensorsWriter.write(file, tensors, metadata);
  }

  private static List<TensorEntry> tensors(float[] identity, IdentityWords words) {
    return new ArrayList<>(
        List.of(
            TensorEntry.of("identity", Shape.of(identity.length), identity),
            TensorEntry.of("word_first", Shape.of(words.width()), words.first()),
            TensorEntry.of("word_last", Shape.of(words.width()), words.last())));
  }

  private static List<TensorEntry> good() {
    return tensors(card.identity().features(), card.words());
  }

  @Test
  void wrongMetadataIsNamed() throws IOException {
    rewrite(good(), "format", "pt");
    refused("not an identity card", "f2d encode");
    write();
    rewrite(good(), "format_version", "2\u001b[2J");
    refused("format version '2\\u001b[2J'", "reads version 1");
    write();
    rewrite(good(), "encoder_sha256", "abc");
    refused("encoder_sha256");
    write();
    rewrite(good(), "photos", "{");
    refused("photos");
    write();
    rewrite(good(), "photos", "7");
    refused("not a list");
    write();
    rewrite(good(), "library", "x\u001b[31m");
    assertEquals("x?[31m", IdentityCard.read(file).library());
  }

  @Test
  void wrongTensorsAreNamed() throws IOException {
    rewrite(good().subList(0, 2), "x", "");
    refused("without the tensor word_last");
    write();
    float[] nan = card.identity().features();
    nan[3] = Float.NaN;
    rewrite(tensors(nan, card.words()), "x", "");
    refused("identity", "NaN");
    write();
    List<TensorEntry> square = good();
    square.set(0, TensorEntry.of("identity", Shape.of(1, 2), 1, 2));
    rewrite(square, "x", "");
    refused("identity", "F32[1,2]");
    write();
    List<TensorEntry> uneven = good();
    uneven.set(1, TensorEntry.of("word_first", Shape.of(2), 1, 2));
    rewrite(uneven, "x", "");
    refused("two words");
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 5));
    refused("no identity card");
    Files.writeString(file, "a photo");
    refused("no identity card");
    Files.write(file, new byte[17 << 20]);
    refused("17825792 bytes");
    Files.delete(file);
    assertThrows(NoSuchFileException.class, () -> IdentityCard.read(file));
    assertFalse(Files.exists(file));
  }

  @Test
  void hashesAreChecked() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new IdentityCard(
                card.identity(), card.words(), "abc", card.mapping(), List.of(), "me"));
  }
}
