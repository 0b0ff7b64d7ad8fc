package io.github.f2d4j.engine.cpu.gemm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.cpu.multiply.Multiplier;
import io.github.f2d4j.engine.cpu.tile.CacheSizes;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The blocks that follow from a product, the caches and the threads. */
class GemmBlocksTest {
  private static final CacheSizes LARGE = new CacheSizes(48 << 10, 2 << 20);

  private static List<CacheSizes> caches() {
    return List.of(CacheSizes.USUAL, LARGE, new CacheSizes(8 << 10, 16 << 10));
  }

  private static Stream<Arguments> products() {
    return Stream.of(
            new int[] {1, 8192, 320, 320},
            new int[] {1, 512, 1280, 10_240},
            new int[] {1, 154, 768, 3072},
            new int[] {1, 1, 1280, 20_160},
            new int[] {1, 0, 0, 0},
            new int[] {1, 262_144, 128, 3},
            new int[] {36, 512, 320, 320},
            new int[] {36, 3, 2560, 1280},
            new int[] {16, 32, 1280, 1280})
        .flatMap(p -> caches().stream().map(c -> Arguments.of(p[0], p[1], p[2], p[3], c)));
  }

  /** Whatever the product and the caches: blocks that tile, panel and strip can hold. */
  @ParameterizedTest
  @MethodSource("products")
  void blocksHaveAFormThatKernelsCanTake(int items, int rows, int k, int n, CacheSizes caches) {
    for (boolean gated : new boolean[] {false, true}) {
      Panels panels = new Panels(k, gated ? 2 * n : n, gated);
      for (int threads : new int[] {1, 2, 64}) {
        GemmBlocks.Way way =
            items == 1
                ? GemmBlocks.Way.COPIED
                : new GemmBlocks.Way((int) Math.sqrt(items), 20, true);
        for (Multiplier multiplier : Multiplier.values()) {
          Multiplier.Traits traits = multiplier.traits();
          GemmBlocks.Products products = new GemmBlocks.Products(items, rows, panels, traits);
          GemmBlocks b = GemmBlocks.of(products, way, caches, threads);
          assertEquals(way.together(), b.together());
          assertTrue(b.depth() > 0 && b.depth() <= traits.longest(), b.toString());
          assertEquals(0, b.depth() % traits.depth(), b.toString());
          assertTrue(b.rows() > 0 && b.rows() % traits.rows() == 0, b.toString());
          assertTrue(b.panels() > 0 && b.panels() % panels.group() == 0, b.toString());
        }
      }
    }
  }

  /** A large product keeps its strips in the second level, and no thread waits for long. */
  @ParameterizedTest
  @EnumSource(Multiplier.class)
  void largeProductsFitTheCachesAndTheThreads(Multiplier multiplier) {
    Multiplier.Traits traits = multiplier.traits();
    Panels panels = new Panels(1280, 1280, false);
    for (CacheSizes caches : List.of(CacheSizes.USUAL, LARGE)) {
      for (int threads : new int[] {1, 2, 8}) {
        GemmBlocks b =
            GemmBlocks.of(
                new GemmBlocks.Products(1, 4096, panels, traits),
                GemmBlocks.Way.COPIED,
                caches,
                threads);
        long strips = (long) traits.bytes() * b.rows() * b.depth();
        assertTrue(strips <= 0.7 * caches.second(), b + " of " + caches);
        int blocks = Math.ceilDiv(4096, b.rows()) * Math.ceilDiv(panels.count(), b.panels());
        assertTrue(blocks >= 2 * threads || threads == 1, b + " for " + threads + " threads");
      }
    }
  }
}
