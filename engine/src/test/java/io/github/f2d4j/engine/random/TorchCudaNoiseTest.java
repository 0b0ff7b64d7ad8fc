package io.github.f2d4j.engine.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TorchCudaNoiseTest {
  /** The vectors of Random123 {@code tests/kat_vectors}, philox4x32 with 10 rounds. */
  @ParameterizedTest
  @CsvSource({
    "00000000 00000000 00000000 00000000, 00000000 00000000,"
        + " 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff,"
        + " 408f276d 41c83b0e a20bc7c6 6d5451fd",
    "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0,"
        + " d16cfe09 94fdcceb 5001e420 24126ea1"
  })
  void philoxEqualsRandom123(String counter, String key, String expected) {
    int[] words = words(counter);
    int[] keys = words(key);
    Philox4x32.encrypt(
        words, (Integer.toUnsignedLong(keys[1]) << 32) | Integer.toUnsignedLong(keys[0]));
    assertArrayEquals(words(expected), words);
  }

  private static int[] words(String hex) {
    return java.util.Arrays.stream(hex.split(" ", -1))
        .mapToInt(w -> Integer.parseUnsignedInt(w, 16))
        .toArray();
  }

  /**
   * torch.randn(3, 4, device="cuda") with seed 0, as AUTOMATIC1111/stable-diffusion-webui publishes
   * it in {@code modules/rng_philox.py}.
   */
  @Test
  void equalsPublishedValues() {
    assertArrayEquals(
        new float[] {
          -0.9246626f, -0.42534414f, -2.6438458f, 0.14518388f,
          -0.12086647f, -0.5797256f, -0.6228512f, -0.32838708f,
          -1.0745423f, -0.36314407f, -1.6710507f, 2.265505f
        },
        new TorchCudaNoise(0).randn(12),
        2e-6f);
  }

  /** Elements in any order, each from its own place in PyTorch's grid, in double precision. */
  @ParameterizedTest
  @CsvSource({
    "1, 2, 512",
    "255, 2, 512",
    "257, 2, 512",
    "1024, 2, 512",
    "1025, 2, 512",
    "5000, 2, 512",
    "4096, 1, 256",
    "4097, 1, 300",
    "20000, 3, 1536"
  })
  void followsTheLaunchGrid(int n, int multiProcessors, int threadsEach) {
    TorchCudaNoise.Grid grid = new TorchCudaNoise.Grid(multiProcessors, threadsEach);
    TorchCudaNoise noise = new TorchCudaNoise(0x1234_5678_9abc_def0L, grid);
    long blocks = Math.min((n + 255) / 256, multiProcessors * (threadsEach / 256));
    long threads = blocks * 256;
    long offset = 0;
    for (int call = 0; call < 3; call++) {
      assertEquals(offset, noise.offset());
      float[] actual = noise.randn(n);
      for (int i = n - 1; i >= 0; i--) {
        double expected = element(0x1234_5678_9abc_def0L, offset, i, threads);
        assertEquals(expected, actual[i], 3e-6, "call " + call + " element " + i);
      }
      offset += 4 * ((n + threads * 4 - 1) / (threads * 4));
    }
  }

  private static double element(long seed, long offset, int index, long threads) {
    long column = index / threads;
    int[] words = {(int) (offset / 4 + column / 4), 0, (int) (index % threads), 0};
    Philox4x32.encrypt(words, seed);
    int pair = (int) (column % 4) / 2 * 2;
    double u = (Integer.toUnsignedLong(words[pair]) + 0.5) * 0x1p-32;
    double v = (Integer.toUnsignedLong(words[pair + 1]) + 0.5) * 0x1p-32 * 2 * Math.PI;
    double radius = Math.sqrt(-2 * Math.log(u));
    return radius * (column % 2 == 0 ? Math.sin(v) : Math.cos(v));
  }

  @Test
  void gpusAgreeOnSmallTensorsAndDifferOnLarge() {
    TorchCudaNoise.Grid small = new TorchCudaNoise.Grid(28, 1536);
    int common = 256 * small.maxBlocks();
    assertArrayEquals(
        new TorchCudaNoise(5, small).randn(common),
        new TorchCudaNoise(5, TorchCudaNoise.Grid.H100).randn(common));
    float[] a = new TorchCudaNoise(5, small).randn(common + 1);
    float[] b = new TorchCudaNoise(5, TorchCudaNoise.Grid.H100).randn(common + 1);
    assertEquals(common, java.util.Arrays.mismatch(a, b));
  }

  @Test
  void continuesAtAnOffset() {
    TorchCudaNoise noise = new TorchCudaNoise(9);
    noise.randn(100);
    float[] second = noise.randn(100);
    noise.manualSeed(9);
    assertEquals(0, noise.offset());
    noise.setOffset(4);
    assertArrayEquals(second, noise.randn(100));
    assertEquals(0, noise.randn(0).length);
    assertEquals(8, noise.offset());
  }

  @ParameterizedTest
  @ValueSource(longs = {-4, 1, 6})
  void refusesOffsetsThatSplitAFour(long offset) {
    TorchCudaNoise noise = new TorchCudaNoise(9);
    assertThrows(IllegalArgumentException.class, () -> noise.setOffset(offset));
  }

  @Test
  void refusesImpossibleGpus() {
    assertThrows(IllegalArgumentException.class, () -> new TorchCudaNoise.Grid(0, 2048));
    assertThrows(IllegalArgumentException.class, () -> new TorchCudaNoise.Grid(1, 255));
  }

  @Test
  void isStandardNormal() {
    float[] noise = new TorchCudaNoise(123).randn(1 << 20);
    double sum = 0;
    double squares = 0;
    for (float x : noise) {
      sum += x;
      squares += (double) x * x;
    }
    assertEquals(0, sum / noise.length, 5e-3);
    assertEquals(1, squares / noise.length, 1e-2);
  }
}
