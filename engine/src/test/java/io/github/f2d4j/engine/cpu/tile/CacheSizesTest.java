package io.github.f2d4j.engine.cpu.tile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a system tells of its caches. */
class CacheSizesTest {
  @TempDir private Path folder;

  private void cache(int index, String level, String type, String size, String shared)
      throws IOException {
    Path cache = Files.createDirectories(folder.resolve("index" + index));
    Files.writeString(cache.resolve("level"), level + "\n");
    Files.writeString(cache.resolve("type"), type + "\n");
    Files.writeString(cache.resolve("size"), size + "\n");
    Files.writeString(cache.resolve("shared_cpu_list"), shared + "\n");
  }

  @Test
  void aThreadsShareOfEachCacheIsRead() throws IOException {
    cache(0, "1", "Data", "48K", "0");
    cache(1, "1", "Instruction", "64K", "0");
    cache(2, "2", "Unified", "2M", "0,64");
    cache(3, "3", "Unified", "32M", "0-127");
    assertEquals(new CacheSizes(48 << 10, 1 << 20), CacheSizes.read(folder));
    cache(2, "2", "Unified", "4096K", "0-3");
    assertEquals(new CacheSizes(48 << 10, 1 << 20), CacheSizes.read(folder));
  }

  @Test
  void whatIsMissingOrMakesNoSenseIsAsUsual() throws IOException {
    assertEquals(CacheSizes.USUAL, CacheSizes.read(folder.resolve("absent")));
    assertEquals(CacheSizes.USUAL, CacheSizes.read(folder));
    cache(0, "1", "Data", "big", "0");
    cache(2, "2", "Unified", "0K", "");
    assertEquals(CacheSizes.USUAL, CacheSizes.read(folder));
    Files.delete(folder.resolve("index0/size"));
    assertEquals(CacheSizes.USUAL, CacheSizes.read(folder));
  }
}
