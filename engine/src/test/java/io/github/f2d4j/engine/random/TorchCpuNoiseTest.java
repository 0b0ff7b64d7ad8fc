package io.github.f2d4j.engine.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TorchCpuNoiseTest {
  /** ISO C++ [rand.predef]: the 10000th value of mt19937 with its default seed. */
  @Test
  void twisterGivesTheValueOfTheStandard() {
    Mt19937 engine = new Mt19937(5489);
    for (int i = 1; i < 10_000; i++) {
      engine.next32();
    }
    assertEquals(4123659995L, Integer.toUnsignedLong(engine.next32()));
  }

  /** torch.manual_seed(42); torch.randn(2, 3), as printed in countless places. */
  @Test
  void smallNormalsEqualPublishedValues() {
    assertArrayEquals(
        new float[] {0.3367f, 0.1288f, 0.2345f, 0.2303f, -1.1229f, -0.1863f},
        new TorchCpuNoise(42).randn(6),
        6e-5f);
  }

  /**
   * CRC-32 of the little-endian bytes of {@code torch.randn(4, 64, 64)}, torch 1.13.1 on x86 with
   * AVX2: every bit is the same.
   */
  @ParameterizedTest
  @CsvSource({"0, 983bc28f", "1, d7214ff6", "42, 1647591c", "2147483653, df294c3e"})
  void largeNormalsEqualTorchInEveryBit(long seed, String crc) {
    float[] noise = new TorchCpuNoise(seed).randn(4 * 64 * 64);
    ByteBuffer bytes = ByteBuffer.allocate(4 * noise.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(noise);
    CRC32 sum = new CRC32();
    sum.update(bytes.array());
    assertEquals(crc, Long.toHexString(sum.getValue()));
  }

  /** The block kernel against the same algorithm in double precision. */
  @ParameterizedTest
  @ValueSource(ints = {16, 17, 31, 32, 33, 100, 4097})
  void largeNormalsEqualExactMathematics(int n) {
    for (long seed = 0; seed < 20; seed++) {
      double[] expected = exact(seed, n);
      float[] actual = new TorchCpuNoise(seed).randn(n);
      for (int i = 0; i < n; i++) {
        assertEquals(expected[i], actual[i], 5e-6, "seed " + seed + " index " + i);
      }
    }
  }

  private static double[] exact(long seed, int n) {
    TorchCpuNoise uniform = new TorchCpuNoise(seed);
    double[] out = new double[n];
    float[] u = uniform.rand(n);
    for (int i = 0; i + 16 <= n; i += 16) {
      exactBlock(u, i, out, i);
    }
    if (n % 16 != 0) {
      exactBlock(uniform.rand(16), 0, out, n - 16);
    }
    return out;
  }

  private static void exactBlock(float[] u, int at, double[] out, int to) {
    for (int j = 0; j < 8; j++) {
      double radius = Math.sqrt(-2 * Math.log(1 - (double) u[at + j]));
      double theta = 2 * Math.PI * u[at + j + 8];
      out[to + j] = radius * Math.cos(theta);
      out[to + j + 8] = radius * Math.sin(theta);
    }
  }

  @Test
  void secondNormalIsKeptAcrossOtherCallsUntilTheSeedIsSet() {
    float[] pair = new TorchCpuNoise(7).randn(2);
    TorchCpuNoise noise = new TorchCpuNoise(7);
    assertEquals(pair[0], noise.randn(1)[0]);
    noise.rand(3);
    noise.randint(10, 3);
    noise.randn(16);
    assertEquals(pair[1], noise.randn(1)[0]);

    noise.manualSeed(7);
    assertEquals(pair[0], noise.randn(1)[0]);
    noise.manualSeed(7);
    assertEquals(pair[0], noise.randn(1)[0], "the kept normal of the old seed must be dropped");
  }

  @Test
  void onlyTheLow32BitsOfTheSeedCount() {
    assertArrayEquals(new TorchCpuNoise(3).randn(20), new TorchCpuNoise((5L << 32) | 3).randn(20));
  }

  @Test
  void extremesOfTheUniformStayFinite() {
    float[] block = new float[16];
    block[0] = 0f; // radius 0
    block[1] = 1f - 0x1p-24f; // largest radius
    for (int i = 8; i < 16; i++) {
      block[i] = (i - 8) / 8f;
    }
    NormalBlock.transform(block, 0);
    assertEquals(0f, block[0], 1e-30f);
    assertEquals(Math.sqrt(-2 * Math.log(0x1p-24)) * Math.cos(Math.PI / 4), block[1], 5e-6);
  }

  @Test
  void randintIsBoundedAndChecksItsBound() {
    for (long v : new TorchCpuNoise(1).randint(7, 1000)) {
      assertEquals(Math.floorMod(v, 7L), v);
    }
    assertThrows(IllegalArgumentException.class, () -> new TorchCpuNoise(1).randint(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new TorchCpuNoise(1).randint(1L << 32, 1));
  }

  @Test
  void eachImageHasItsOwnStream() {
    List<NoiseSource> four = NoiseSource.perImage(TorchCpuNoise::new, 10, 4);
    List<NoiseSource> one = NoiseSource.perImage(TorchCpuNoise::new, 12, 1);
    assertEquals(4, four.size());
    assertArrayEquals(one.get(0).randn(64), four.get(2).randn(64));
  }
}
