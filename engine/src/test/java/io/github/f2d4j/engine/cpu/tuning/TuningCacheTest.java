package io.github.f2d4j.engine.cpu.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of measured choices. */
class TuningCacheTest {
  private static final ConvolveShape SHAPE = new ConvolveShape(64, 48, 320, 640);
  private static final ConvolveShape OTHER = new ConvolveShape(48, 64, 320, 640);

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("below").resolve("tuning.txt");
  }

  @Test
  void keepsChoicesByMachineAndShape() throws IOException {
    TuningCache cache = new TuningCache(file(), "A  machine\n(1)");
    assertNull(cache.get(SHAPE));
    assertEquals(ConvolveAlgorithm.WINOGRAD_F4, cache.add(SHAPE, ConvolveAlgorithm.WINOGRAD_F4));
    assertEquals(ConvolveAlgorithm.WINOGRAD_F2, cache.add(OTHER, ConvolveAlgorithm.WINOGRAD_F2));
    TuningCache again = new TuningCache(file(), "A machine (1)");
    assertEquals(ConvolveAlgorithm.WINOGRAD_F4, again.get(SHAPE));
    assertEquals(ConvolveAlgorithm.WINOGRAD_F2, again.get(OTHER));
    assertNull(new TuningCache(file(), "B machine").get(SHAPE));
    assertEquals(
        List.of(
            "conv3x3 48x64 320->640 WINOGRAD_F2 on A machine (1)",
            "conv3x3 64x48 320->640 WINOGRAD_F4 on A machine (1)"),
        Files.readAllLines(file()));
  }

  @Test
  void theFirstChoiceStays() throws IOException {
    TuningCache cache = new TuningCache(file(), "m");
    cache.add(SHAPE, ConvolveAlgorithm.DIRECT);
    assertEquals(ConvolveAlgorithm.DIRECT, cache.add(SHAPE, ConvolveAlgorithm.WINOGRAD_F4));
    assertEquals(ConvolveAlgorithm.DIRECT, cache.get(SHAPE));
  }

  @Test
  void damageCostsOnlyTheLinesItHit() throws IOException {
    TuningCache cache = new TuningCache(file(), "m");
    cache.add(SHAPE, ConvolveAlgorithm.WINOGRAD_F2);
    String good = Files.readString(file());
    String bad =
        """
        conv3x3 64x48 320->640 WINOGRAD_F9 on m
        conv3x3 64x48 320->640 WINOGRAD_F4
        conv3x3 99999999999x48 320->640 DIRECT on m
        conv3x3 -1x48 320->640 DIRECT on m
        \0\u0001 conv3x3
        """;
    byte[] junk = {(byte) 0xff, (byte) 0xc0, '\n'};
    Files.write(file(), bad.getBytes(StandardCharsets.UTF_8));
    Files.write(file(), junk, StandardOpenOption.APPEND);
    assertNull(cache.get(SHAPE));
    Files.writeString(file(), good, StandardOpenOption.APPEND);
    assertEquals(ConvolveAlgorithm.WINOGRAD_F2, cache.get(SHAPE));
    cache.add(OTHER, ConvolveAlgorithm.DIRECT);
    assertEquals(2, Files.readAllLines(file()).size());
  }

  @Test
  void anotherProgramsFileIsNotRead() throws IOException {
    TuningCache cache = new TuningCache(file(), "m");
    Files.createDirectories(file().getParent());
    Files.write(file(), new byte[(1 << 22) + 1]);
    assertNull(cache.get(SHAPE));
    assertEquals(ConvolveAlgorithm.DIRECT, cache.add(SHAPE, ConvolveAlgorithm.DIRECT));
    assertEquals(1, Files.readAllLines(file()).size());
  }

  @Test
  void nothingIsLeftBesideTheFile() throws IOException {
    new TuningCache(file(), "m").add(SHAPE, ConvolveAlgorithm.DIRECT);
    Set<String> names = new TreeSet<>();
    try (Stream<Path> paths = Files.list(file().getParent())) {
      paths.forEach(p -> names.add(p.getFileName().toString()));
    }
    assertEquals(Set.of("tuning.txt", "tuning.txt.lock"), names);
  }

  @Test
  void aFolderThatCannotBeMadeIsAnError() throws IOException {
    Path inTheWay = Files.writeString(folder.resolve("file"), "x");
    TuningCache cache = new TuningCache(inTheWay.resolve("tuning.txt"), "m");
    assertNull(cache.get(SHAPE));
    assertThrows(IOException.class, () -> cache.add(SHAPE, ConvolveAlgorithm.DIRECT));
  }

  @Test
  void theUsersFileLiesInTheCacheFolder() {
    assertEquals("tuning.txt", TuningCache.userFile().getFileName().toString());
    String before = System.getProperty(TuningCache.FOLDER);
    try {
      System.setProperty(TuningCache.FOLDER, folder.toString());
      assertEquals(folder.resolve("tuning.txt"), TuningCache.userFile());
    } finally {
      if (before == null) {
        System.clearProperty(TuningCache.FOLDER);
      } else {
        System.setProperty(TuningCache.FOLDER, before);
      }
    }
  }
}
