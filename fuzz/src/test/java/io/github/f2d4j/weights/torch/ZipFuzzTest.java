package io.github.f2d4j.weights.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.f2d4j.fuzz.Attempt;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.io.TempDir;

/**
 * Zip archives. Input: the file.
 *
 * <p>An archive is refused by {@link TorchFormatException} alone, or its records lie within it and
 * have the size they claim, and Java's own reader, where it accepts the archive, finds the same
 * names and, in undamaged records, the same bytes. As a checkpoint it holds what {@link
 * Checkpoints} says.
 */
class ZipFuzzTest {
  private static final long BOUND = 32L << 20;

  @TempDir private static Path folder;

  @FuzzTest
  void archive(byte[] input) throws Exception {
    Faults faults = new Faults(Path.of("the input"));
    MemorySegment bytes = MemorySegment.ofArray(input);
    Optional<Map<String, ZipRecord>> records =
        Attempt.of(TorchFormatException.class, BOUND, () -> ZipDirectory.read(faults, bytes));
    if (records.isPresent()) {
      compare(input, contents(faults, records.get()));
    }
    Checkpoints.check(input, folder);
  }

  private static Map<String, Optional<byte[]>> contents(
      Faults faults, Map<String, ZipRecord> records) throws Exception {
    Map<String, Optional<byte[]>> contents = new HashMap<>();
    for (Map.Entry<String, ZipRecord> record : records.entrySet()) {
      Optional<byte[]> content =
          Attempt.of(
              TorchFormatException.class,
              BOUND,
              () -> record.getValue().content(faults).toArray(ValueLayout.JAVA_BYTE));
      content.ifPresent(c -> assertEquals(record.getValue().size(), c.length));
      contents.put(record.getKey(), content);
    }
    return contents;
  }

  private static void compare(byte[] input, Map<String, Optional<byte[]>> ours) throws IOException {
    Path file = folder.resolve("input.zip");
    Files.write(file, input);
    List<String> names = new ArrayList<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        names.add(entry.getName());
        assertTrue(ours.containsKey(entry.getName()), entry::getName);
        compare(zip, entry, ours.get(entry.getName()));
      }
    } catch (IOException | IllegalArgumentException e) {
      return; // Java refuses what has nothing to do with the records, such as odd extra fields
    }
    assertEquals(ours.size(), names.size());
  }

  private static void compare(ZipFile zip, ZipEntry entry, Optional<byte[]> ours) {
    byte[] theirs;
    try (InputStream in = zip.getInputStream(entry)) {
      theirs = in.readAllBytes();
    } catch (IOException | RuntimeException e) {
      return;
    }
    ours.ifPresent(content -> assertArrayEquals(theirs, content, entry.getName()));
  }
}
