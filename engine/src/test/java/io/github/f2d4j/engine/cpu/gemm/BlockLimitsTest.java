package io.github.f2d4j.engine.cpu.gemm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.cpu.tile.Tile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a system tells of its caches, and the blocks that follow from it. */
class BlockLimitsTest {
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

  /** First, second level in KiB, the tile, then depth, rows, columns. */
  @ParameterizedTest
  @CsvSource({
    "32, 512, 6, 16, 384, 240, 384",
    "32, 256, 6, 16, 384, 120, 384",
    "48, 2048, 12, 32, 288, 960, 384",
    "32, 1024, 12, 32, 192, 960, 384",
    "128, 4096, 12, 8, 384, 960, 384",
    "8, 16, 6, 16, 128, 48, 384"
  })
  void blocksFollowTheCaches(
      int first, int second, int height, int width, int depth, int rows, int columns) {
    CacheSizes caches = new CacheSizes((long) first << 10, (long) second << 10);
    BlockLimits limits = BlockLimits.of(caches, height, width);
    assertEquals(new BlockLimits(depth, rows, columns), limits);
    assertTrue(limits.depth() <= Tile.PITCH);
    assertEquals(0, limits.rows() % height);
  }
}
