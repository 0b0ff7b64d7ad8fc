package io.github.f2d4j.model.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResourceCacheTest {
  private final Map<String, byte[]> files = new TreeMap<>();
  private Sha256Sums sums;

  @TempDir Path folder;

  @BeforeEach
  void makeFiles() throws IOException {
    Random random = new Random(7);
    for (String name : List.of("README.md", "unet/config.json", "unet/w.safetensors", "a/b/c")) {
      byte[] content = new byte[random.nextInt(300_000)];
      random.nextBytes(content);
      files.put(name, content);
    }
    StringBuilder list = new StringBuilder();
    for (Map.Entry<String, byte[]> e : files.entrySet()) {
      String hash = Sha256Sums.hash(new ByteArrayInputStream(e.getValue()));
      list.append(hash).append("  ").append(e.getKey()).append('\n');
    }
    sums = Sha256Sums.parse(list.toString());
  }

  private InputStream resource(String file) throws IOException {
    byte[] content = files.get(file);
    if (content == null) {
      throw new IOException("no " + file);
    }
    return new ByteArrayInputStream(content);
  }

  private ResourceCache cache() {
    return new ResourceCache(sums, this::resource);
  }

  private void assertComplete(Path where) throws IOException {
    TreeSet<String> found = new TreeSet<>();
    try (Stream<Path> all = Files.walk(where)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        found.add(where.relativize(file).toString().replace('\\', '/'));
      }
    }
    assertEquals(files.keySet(), found);
    assertContent(where);
  }

  private void assertContent(Path where) throws IOException {
    for (String name : files.keySet()) {
      assertArrayEquals(files.get(name), Files.readAllBytes(where.resolve(name)), name);
    }
  }

  @Test
  void unpacksAll() throws IOException {
    cache().unpackTo(folder);
    assertComplete(folder);
  }

  @Test
  void leavesIntactFilesAlone() throws IOException {
    cache().unpackTo(folder);
    FileTime longAgo = FileTime.fromMillis(1_000_000_000_000L);
    for (String name : files.keySet()) {
      Files.setLastModifiedTime(folder.resolve(name), longAgo);
    }
    Files.writeString(folder.resolve("a/b/c"), "damaged");
    cache().unpackTo(folder);
    for (String name : files.keySet()) {
      boolean untouched = Files.getLastModifiedTime(folder.resolve(name)).equals(longAgo);
      assertEquals(!name.equals("a/b/c"), untouched, name);
    }
    assertComplete(folder);
  }

  @Test
  void repairsWhatIsTruncatedChangedOrGone() throws IOException {
    cache().unpackTo(folder);
    Path truncated = folder.resolve("unet/w.safetensors");
    byte[] content = Files.readAllBytes(truncated);
    Files.write(truncated, java.util.Arrays.copyOf(content, content.length - 1));
    Path changed = folder.resolve("README.md");
    byte[] readme = Files.readAllBytes(changed);
    readme[readme.length / 2] ^= 1;
    Files.write(changed, readme);
    Files.delete(folder.resolve("unet/config.json"));
    cache().unpackTo(folder);
    assertComplete(folder);
  }

  @Test
  void manyAtOnceLeaveOneCompleteCopy() throws Exception {
    int n = 8;
    CyclicBarrier start = new CyclicBarrier(n);
    try (ExecutorService pool = Executors.newFixedThreadPool(n)) {
      List<Future<Path>> all = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        Callable<Path> task =
            () -> {
              start.await();
              Path unpacked = DemoModel.unpack(cache(), folder, "demo");
              assertContent(unpacked);
              return unpacked;
            };
        all.add(pool.submit(task));
      }
      for (Future<Path> one : all) {
        assertEquals(folder.resolve("demo"), one.get());
      }
    }
    assertComplete(folder.resolve("demo"));
  }

  @Test
  void damagedResourceIsAnErrorAndWritesNothing() {
    files.get("a/b/c")[0] ^= 1;
    IOException e = assertThrows(IOException.class, () -> cache().unpackTo(folder));
    assertTrue(e.getMessage().contains("a/b/c is damaged"), e.getMessage());
    assertFalse(Files.exists(folder.resolve("a/b/c")));
  }

  @Test
  void fallsBackToATemporaryFolder() throws IOException {
    Path notAFolder = Files.writeString(folder.resolve("file"), "");
    Path unpacked = DemoModel.unpack(cache(), notAFolder, "demo");
    assertComplete(unpacked);
    assertFalse(unpacked.startsWith(folder));
  }

  @Test
  void versionFollowsTheContent() {
    String line = "0".repeat(64) + "  a\n";
    assertEquals(Sha256Sums.parse(line).version(), Sha256Sums.parse(line).version());
    assertNotEquals(
        Sha256Sums.parse(line).version(), Sha256Sums.parse(line.replace("0", "1")).version());
  }

  @Test
  void malformedListIsAnError() {
    String hash = "0".repeat(64);
    for (String bad : List.of(hash, hash + " a", hash + "  /etc/x", hash + "  ../x", "00  a")) {
      assertThrows(IllegalArgumentException.class, () -> Sha256Sums.parse(bad), bad);
    }
  }
}
