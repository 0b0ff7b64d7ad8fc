package io.github.f2d4j.model.origin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.model.origin.ModelDigests.PartFile;
import io.github.f2d4j.model.origin.ModelDigests.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDigestsTest {
  @TempDir Path folder;
  private Path cache;
  private Path config;
  private Path weights;

  @BeforeEach
  void write() throws IOException {
    cache = folder.resolve("cache");
    config = Files.writeString(folder.resolve("config.json"), "{\"b\": 1, \"a\": [2.5, null]}");
    weights = Files.writeString(folder.resolve("model.safetensors"), "weights");
  }

  private static String sha256(String text) throws Exception {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  /** Everything is worth remembering, and every file is old enough. */
  private FileDigests eager() {
    return new FileDigests(cache, 0, () -> Instant.now().plusSeconds(60));
  }

  private ModelDigests digests(FileDigests files) throws IOException {
    return ModelDigests.of(
        Map.of(
            "unet",
            List.of(
                new PartFile(config, "config", Role.CONFIG),
                new PartFile(weights, "weights", Role.CONTENT))),
        files);
  }

  private String unet() throws IOException {
    return digests(new FileDigests(cache)).of("unet");
  }

  @Test
  void aPartsHashIsThatOfItsFiles() throws Exception {
    String text =
        "config " + sha256("{\"a\":[2.5,null],\"b\":1}") + "\nweights " + sha256("weights") + "\n";
    assertEquals(sha256(text), unet());
    assertEquals(Map.of("unet", sha256(text)), digests(new FileDigests(cache)).all());
    assertTrue(Files.notExists(cache), "small files are not remembered");
  }

  @Test
  void theMeaningOfAConfigurationCounts() throws Exception {
    String before = unet();
    Files.writeString(config, "{\n  \"a\": [2.5, null],\n  \"b\": 1, \"_diffusers_version\": 3}");
    assertEquals(before, unet());
    Files.writeString(config, "{\"b\": 2, \"a\": [2.5, null]}");
    assertNotEquals(before, unet());
  }

  @Test
  void everyByteOfTheWeightsCounts() throws Exception {
    String before = unet();
    Files.writeString(weights, "weightz");
    assertNotEquals(before, unet());
  }

  @Test
  void aFileThatChangedSinceItWasLoadedHasNoHash() throws Exception {
    ModelDigests digests = digests(new FileDigests(cache));
    Files.writeString(weights, "other weights");
    String message = assertThrows(IOException.class, () -> digests.of("unet")).getMessage();
    assertTrue(message.contains("model.safetensors"), message);
    assertTrue(message.contains("load the model again"), message);
    assertThrows(IOException.class, digests::all);
  }

  @Test
  void anUnknownPartIsNamed() throws Exception {
    ModelDigests digests = digests(new FileDigests(cache));
    assertEquals(Set.of("unet"), digests.parts());
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> digests.of("vae"))
            .getMessage()
            .contains("vae"));
  }

  // ---- the memory of hashes

  private List<Path> entries() throws IOException {
    try (Stream<Path> files = Files.list(cache)) {
      return files.toList();
    }
  }

  /** Puts another hash into the memory of the weights, so that its use can be seen. */
  private void forge(String hash) throws IOException {
    for (Path entry : entries()) {
      List<String> lines = new ArrayList<>(Files.readAllLines(entry));
      if (lines.get(1).endsWith("model.safetensors")) {
        lines.set(lines.size() - 1, hash);
        Files.write(entry, lines);
      }
    }
  }

  private String weightsHash() throws IOException {
    return eager().of(FileStamp.of(weights));
  }

  @Test
  void aHashIsRememberedAndBelievedWhileTheFileIsTheSame() throws Exception {
    assertEquals(sha256("weights"), weightsHash());
    assertEquals(1, entries().size());
    forge("0".repeat(64));
    assertEquals("0".repeat(64), weightsHash(), "the second time it comes from memory");
  }

  @Test
  void aChangedFileIsReadAgainEvenIfItsTimeIsPutBack() throws Exception {
    weightsHash();
    FileTime time = Files.getLastModifiedTime(weights);
    Files.writeString(weights, "WEIGHTS"); // as long as before
    assertEquals(sha256("WEIGHTS"), weightsHash());
    if (weights.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      Files.writeString(weights, "wEIGHTS");
      Files.setLastModifiedTime(weights, time);
      assertEquals(sha256("wEIGHTS"), weightsHash());
    }
    Path other = Files.writeString(folder.resolve("other"), "another");
    Files.move(other, weights, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertEquals(sha256("another"), weightsHash());
  }

  @Test
  void aFileThatWasWrittenJustNowIsNotRemembered() throws Exception {
    FileStamp stamp = FileStamp.of(weights);
    Instant now = stamp.changed().plusSeconds(1);
    assertEquals(sha256("weights"), new FileDigests(cache, 0, () -> now).of(stamp));
    assertTrue(Files.notExists(cache));
  }

  @Test
  void aDamagedMemoryIsNotBelieved() throws Exception {
    weightsHash();
    for (String damaged : List.of("", "0".repeat(63), "not a hash", "0".repeat(65))) {
      forge(damaged);
      assertEquals(sha256("weights"), weightsHash(), damaged);
    }
    Path entry = entries().getFirst();
    Files.write(entry, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    assertEquals(sha256("weights"), weightsHash());
  }

  @Test
  void aMemoryThatCannotBeWrittenDoesNoHarm() throws Exception {
    Files.writeString(cache, "a file where the folder should be");
    assertEquals(sha256("weights"), weightsHash());
  }
}
