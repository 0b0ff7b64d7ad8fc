package io.github.f2d4j.engine.cpu.gemm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.gemm.ProductCases.Case;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.cpu.tuning.ConvolveAlgorithm;
import io.github.f2d4j.engine.cpu.tuning.ConvolveChoice;
import io.github.f2d4j.engine.op.ConvolveOp.Conv2d;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.op.Epilogue;
import io.github.f2d4j.engine.reference.ReferenceBackend;
import io.github.f2d4j.engine.types.DType;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;

/** Winograd's convolutions against the double-precision reference, and their promises on bits. */
class WinogradKernelTest {
  private static final ReferenceBackend REFERENCE = new ReferenceBackend();

  private static CpuBackend backend(WorkPool pool, ConvolveAlgorithm algorithm) {
    return new CpuBackend(pool, ConvolveChoice.always(algorithm));
  }

  static Stream<Arguments> cases() {
    return ProductCases.winograds().stream()
        .flatMap(
            c ->
                Stream.of(ConvolveAlgorithm.WINOGRAD_F2, ConvolveAlgorithm.WINOGRAD_F4)
                    .map(a -> Arguments.of(a, c)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalsTheReferenceOnAnyNumberOfThreads(ConvolveAlgorithm algorithm, Case c) {
    List<HostBuffer> operands = KernelRun.operands(c.inputs(), 7);
    float[] expected = KernelRun.run(REFERENCE, c.op(), c.inputs(), operands, false);
    try (WorkPool one = new WorkPool(1);
        WorkPool four = new WorkPool(4)) {
      float[] actual = KernelRun.run(backend(one, algorithm), c.op(), c.inputs(), operands, true);
      assertClose(algorithm, expected, actual, 9 * c.inputs().get(0).shape().dim(3));
      for (boolean constants : new boolean[] {false, true}) {
        assertArrayEquals(
            actual,
            KernelRun.run(backend(four, algorithm), c.op(), c.inputs(), operands, constants),
            "with four threads, constants " + constants);
      }
    }
  }

  /** Operands are of size 1: the error grows with the root of the length, bounded well above. */
  private static void assertClose(
      ConvolveAlgorithm algorithm, float[] expected, float[] actual, int length) {
    assertEquals(expected.length, actual.length);
    // Short sums of digits are half as exact as those of one chain.
    double largest = Amx.used() ? 6e-6 : 4e-6;
    double unit = algorithm == ConvolveAlgorithm.WINOGRAD_F4 ? largest : 1e-6;
    double tolerance = unit * (4 + Math.sqrt(length));
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs((double) expected[i] - actual[i]);
      assertTrue(
          error <= tolerance * Math.max(1, Math.abs(expected[i])),
          "element " + i + " is " + actual[i] + ", expected " + expected[i]);
    }
  }

  /** More tiles than a block, whose last block is not full. */
  @ParameterizedTest
  @EnumSource(value = ConvolveAlgorithm.class, names = "DIRECT", mode = Mode.EXCLUDE)
  void anImageDoesNotDependOnTheImagesBesideIt(ConvolveAlgorithm algorithm) {
    int side = 53;
    int in = 5;
    int out = 21;
    Case three = ProductCases.conv3x3(3, side, side, in, out, DType.F32, Epilogue.BIAS);
    Case one = ProductCases.conv3x3(1, side, side, in, out, DType.F32, Epilogue.BIAS);
    List<HostBuffer> operands = KernelRun.operands(three.inputs(), 11);
    try (WorkPool pool = new WorkPool(2)) {
      CpuBackend cpu = backend(pool, algorithm);
      float[] all = KernelRun.run(cpu, three.op(), three.inputs(), operands, true);
      assertTrue(3 * side * side > 16 * WinogradKernel.BLOCK);
      for (int n = 0; n < 3; n++) {
        long bytes = 4L * side * side * in;
        List<HostBuffer> alone =
            List.of(operands.get(0).slice(n * bytes, bytes), operands.get(1), operands.get(2));
        assertArrayEquals(
            Arrays.copyOfRange(all, n * side * side * out, (n + 1) * side * side * out),
            KernelRun.run(cpu, one.op(), one.inputs(), alone, true));
      }
    }
  }

  /** Sums of small integers are exact, and so are the halves that F(2×2) makes of weights. */
  @Test
  void smallIntegersGiveExactSums() {
    Case c = ProductCases.conv3x3(1, 9, 6, 20, 13, DType.F32, Epilogue.NONE);
    List<HostBuffer> operands = KernelRun.operands(c.inputs(), 3);
    for (HostBuffer b : operands) {
      for (long i = 0; i < b.bytes() / 4; i++) {
        float v = b.segment().getAtIndex(ValueLayout.JAVA_FLOAT, i);
        b.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, 4f * Math.round(4 * v));
      }
    }
    float[] expected = KernelRun.run(REFERENCE, c.op(), c.inputs(), operands, false);
    try (WorkPool pool = new WorkPool(1)) {
      assertArrayEquals(
          expected,
          KernelRun.run(
              backend(pool, ConvolveAlgorithm.WINOGRAD_F2), c.op(), c.inputs(), operands, true));
    }
  }

  /**
   * Root mean square error relative to that of the result, with the channels of Stable Diffusion's
   * UNet; the bounds are about 1.3 times what was measured. The direct sum is one chain nine times
   * as long, which is why F(2×2) is closer than it. The first two images have tiles enough for
   * every multiplier.
   */
  @ParameterizedTest
  @CsvSource({
    "WINOGRAD_F2, 16, 320, 7.5e-7",
    "WINOGRAD_F4, 32, 320, 2.1e-6",
    "DIRECT, 8, 320, 1.3e-6",
    "WINOGRAD_F2, 8, 320, 7.5e-7",
    "WINOGRAD_F4, 8, 320, 2.1e-6",
    "DIRECT, 8, 640, 1.7e-6",
    "WINOGRAD_F2, 8, 640, 1.1e-6",
    "WINOGRAD_F4, 8, 640, 3.0e-6",
    "DIRECT, 8, 1280, 2.4e-6",
    "WINOGRAD_F2, 8, 1280, 1.5e-6",
    "WINOGRAD_F4, 8, 1280, 4.6e-6"
  })
  void errorIsBounded(ConvolveAlgorithm algorithm, int image, int channels, double bound) {
    Case c = ProductCases.conv3x3(1, image, image, channels, 32, DType.F32, Epilogue.NONE);
    List<HostBuffer> operands = KernelRun.operands(c.inputs(), 23);
    float[] expected = KernelRun.run(REFERENCE, c.op(), c.inputs(), operands, false);
    try (WorkPool pool = new WorkPool(2)) {
      float[] actual = KernelRun.run(backend(pool, algorithm), c.op(), c.inputs(), operands, true);
      double error = 0;
      double size = 0;
      for (int i = 0; i < expected.length; i++) {
        error += Math.pow((double) expected[i] - actual[i], 2);
        size += Math.pow(expected[i], 2);
      }
      double relative = Math.sqrt(error / size);
      assertTrue(relative > 0 && relative < bound, algorithm + " is off by " + relative);
    }
  }

  @Test
  void otherConvolutionsDoNotFit() {
    Epilogue bias = Epilogue.BIAS;
    Window same = Window.of(1, 1);
    assertTrue(fits(ProductCases.conv3x3(1, 8, 8, 4, 4, DType.F16, bias)));
    assertFalse(fits(ProductCases.conv(1, 8, 8, 4, 4, 1, 3, same, 1, DType.F32, bias)));
    assertFalse(fits(ProductCases.conv(1, 8, 8, 4, 4, 3, 3, Window.of(2, 1), 1, DType.F32, bias)));
    assertFalse(fits(ProductCases.conv(1, 8, 8, 4, 4, 3, 3, same, 2, DType.F32, bias)));
  }

  private static boolean fits(Case c) {
    List<Operand> inputs = c.inputs().stream().map(t -> new Operand(t, true)).toList();
    return WinogradKernel.fits((Conv2d) c.op(), inputs);
  }

  /** What is in memory at a time does not grow with the image. */
  @Test
  void scratchDoesNotGrowWithTheImage() {
    try (WorkPool pool = new WorkPool(2)) {
      CpuBackend cpu = backend(pool, ConvolveAlgorithm.WINOGRAD_F4);
      long small =
          scratch(cpu, ProductCases.conv3x3(1, 128, 128, 32, 32, DType.F32, Epilogue.NONE));
      long large =
          scratch(cpu, ProductCases.conv3x3(4, 640, 640, 32, 32, DType.F32, Epilogue.NONE));
      assertTrue(large <= small * 5 / 4, large + " bytes instead of " + small);
    }
  }

  /** Weights that are transformed when they are used lie in memory as the direct form has them. */
  @ParameterizedTest
  @EnumSource(value = ConvolveAlgorithm.class, names = "DIRECT", mode = Mode.EXCLUDE)
  void weightsThatAreNotKeptAreThoseOfTheDirectForm(ConvolveAlgorithm algorithm) {
    // Too few tiles for the matrix unit.
    Case c = ProductCases.conv3x3(2, 8, 8, 20, 37, DType.F16, Epilogue.BIAS);
    try (WorkPool pool = new WorkPool(1)) {
      Packing made = compile(backend(pool, algorithm), c).packing(1);
      assertNotNull(made);
      assertEquals(new Panels(9 * 20, 37, false).bytes(), made.packedBytes(2L * 9 * 20 * 37));
    }
  }

  /** Kept weights are three bytes for each transformed one; where they would be too large, none. */
  @ParameterizedTest
  @CsvSource({
    "WINOGRAD_F2, 320, 320, 16",
    "WINOGRAD_F2, 1280, 1280, 16",
    "WINOGRAD_F4, 320, 320, 36",
    "WINOGRAD_F4, 1280, 1280, 0"
  })
  void weightsAreKeptWhereTheUnitMultiplies(
      ConvolveAlgorithm algorithm, int in, int out, int positions) {
    assumeTrue(Amx.used(), Amx::describe);
    Case c = ProductCases.conv3x3(1, 64, 64, in, out, DType.F32, Epilogue.NONE);
    try (WorkPool pool = new WorkPool(1)) {
      Packing packing = compile(backend(pool, algorithm), c).packing(1);
      assertNotNull(packing);
      long bytes = packing.packedBytes(4L * 9 * in * out);
      long expected = positions == 0 ? 4L * 9 * in * out : 3L * positions * in * out;
      assertTrue(bytes >= expected && bytes < 1.03 * expected, bytes + ", not " + expected);
    }
  }

  /** Many tiles keep transformed weights during a call, but not 472 MB of them. */
  @Test
  void largeTransformedWeightsAreNotKept() {
    int in = 2560;
    int out = 1280;
    Case c = ProductCases.conv3x3(3, 64, 64, in, out, DType.F32, Epilogue.NONE);
    try (WorkPool pool = new WorkPool(1)) {
      long scratch = scratch(backend(pool, ConvolveAlgorithm.WINOGRAD_F4), c);
      long tiles = 4L * 36 * WinogradKernel.BLOCK * (in + out);
      assertTrue(scratch < tiles + (64 << 20), scratch + " bytes");
    }
  }

  private static Kernel compile(CpuBackend cpu, Case c) {
    List<Operand> inputs = c.inputs().stream().map(t -> new Operand(t, true)).toList();
    return cpu.compile(c.op(), inputs, c.op().infer(c.inputs()));
  }

  private static long scratch(CpuBackend cpu, Case c) {
    return compile(cpu, c).scratchBytes();
  }
}
