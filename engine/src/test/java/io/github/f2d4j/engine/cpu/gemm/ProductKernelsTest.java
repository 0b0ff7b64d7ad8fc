package io.github.f2d4j.engine.cpu.gemm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.amx.DigitTwin;
import io.github.f2d4j.engine.cpu.gemm.ProductCases.Case;
import io.github.f2d4j.engine.cpu.math.FloatMath;
import io.github.f2d4j.engine.cpu.multiply.Multiplier;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.cpu.tile.Tile;
import io.github.f2d4j.engine.cpu.tuning.ConvolveAlgorithm;
import io.github.f2d4j.engine.cpu.tuning.ConvolveChoice;
import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.ConvolveOp.Pool2d;
import io.github.f2d4j.engine.op.ConvolveOp.PoolKind;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.op.Epilogue;
import io.github.f2d4j.engine.op.MatMulOp.MatMul;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.reference.ReferenceBackend;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Matrix multiplication, convolution and pooling against the double-precision reference. */
class ProductKernelsTest {
  private static final ReferenceBackend REFERENCE = new ReferenceBackend();

  static Stream<Case> cases() {
    return Stream.concat(ProductCases.matMuls().stream(), ProductCases.convolutions().stream());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalTheReferenceOnAnyNumberOfThreads(Case c) {
    List<HostBuffer> operands = KernelRun.operands(c.inputs(), 7);
    float[] expected = KernelRun.run(REFERENCE, c.op(), c.inputs(), operands, false);
    try (WorkPool one = new WorkPool(1);
        WorkPool four = new WorkPool(4)) {
      float[] actual = KernelRun.run(new CpuBackend(one), c.op(), c.inputs(), operands, true);
      assertClose(expected, actual, length(c));
      for (boolean constants : new boolean[] {false, true}) {
        assertArrayEquals(
            actual,
            KernelRun.run(new CpuBackend(four), c.op(), c.inputs(), operands, constants),
            "with four threads, constants " + constants);
      }
    }
  }

  /** Additions that make up one element of the result. */
  private static int length(Case c) {
    Shape a = c.inputs().get(0).shape();
    Shape b = c.inputs().get(1).shape();
    return c.op() instanceof MatMul m
        ? a.dim(m.transposeA() ? -2 : -1)
        : b.dim(1) * b.dim(2) * b.dim(3);
  }

  /** Operands are of size 1: the error grows with the root of the length, bounded well above. */
  private static void assertClose(float[] expected, float[] actual, int length) {
    assertEquals(expected.length, actual.length);
    double tolerance = 4e-6 * (4 + Math.sqrt(length));
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs((double) expected[i] - actual[i]);
      assertTrue(
          error <= tolerance * Math.max(1, Math.abs(expected[i])),
          "element " + i + " is " + actual[i] + ", expected " + expected[i]);
    }
  }

  /** An element of a product of items of {@code rows} rows as it is documented, bit for bit. */
  private static float sum(int rows, float[] a, float[] b) {
    if (Multiplier.of(rows) == Multiplier.AMX) {
      return DigitTwin.sum(a, b);
    }
    float sum = 0f;
    for (int k = 0; k < a.length; k++) {
      sum = Math.fma(a[k], b[k], sum);
    }
    return sum;
  }

  /** The documented chain, element by element: it is what makes results independent of all else. */
  @ParameterizedTest
  @ValueSource(ints = {37, 103})
  void everyElementIsItsDocumentedSum(int m) {
    int k = 2 * Tile.PITCH + 37;
    int n = 71;
    Case c = ProductCases.item(m, k, n, Epilogue.BIAS);
    List<HostBuffer> operands = KernelRun.operands(c.inputs(), 3);
    float[] a = operands.get(0).segment().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    float[] b = operands.get(1).segment().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    float[] bias = operands.get(2).segment().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    float[] expected = new float[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float[] row = Arrays.copyOfRange(a, i * k, (i + 1) * k);
        float[] column = Arrays.copyOfRange(b, j * k, (j + 1) * k);
        expected[i * n + j] = sum(m, row, column) + bias[j];
      }
    }
    try (WorkPool pool = new WorkPool(2)) {
      assertArrayEquals(
          expected, KernelRun.run(new CpuBackend(pool), c.op(), c.inputs(), operands, true));
    }
  }

  /** A convolution is the product with the matrix of windows in the order (kh, kw, i). */
  @ParameterizedTest
  @ValueSource(ints = {7, 8})
  void aConvolutionSumsItsWindowRowByRowWithChannelsInnermost(int w) {
    int h = 9;
    int i = 61;
    int o = 19;
    Case c = ProductCases.conv(2, h, w, i, o, 3, 3, Window.of(1, 1), 1, DType.F32, Epilogue.NONE);
    List<HostBuffer> operands = KernelRun.operands(c.inputs(), 5);
    float[] x = operands.get(0).segment().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    float[] weight = operands.get(1).segment().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    float[] expected = new float[2 * h * w * o];
    for (int p = 0; p < 2 * h * w; p++) {
      for (int q = 0; q < o; q++) {
        float[] window = new float[9 * i];
        float[] kernel = new float[9 * i];
        for (int tap = 0; tap < 9; tap++) {
          int y = p / w % h + tap / 3 - 1;
          int v = p % w + tap % 3 - 1;
          boolean inside = y >= 0 && y < h && v >= 0 && v < w;
          for (int ch = 0; ch < i; ch++) {
            window[tap * i + ch] = inside ? x[((p / w / h * h + y) * w + v) * i + ch] : 0f;
            kernel[tap * i + ch] = weight[(q * i + ch) * 9 + tap];
          }
        }
        expected[p * o + q] = sum(h * w, window, kernel);
      }
    }
    try (WorkPool pool = new WorkPool(2)) {
      assertArrayEquals(
          expected,
          KernelRun.run(
              new CpuBackend(pool, ConvolveChoice.always(ConvolveAlgorithm.DIRECT)),
              c.op(),
              c.inputs(),
              operands,
              true));
    }
  }

  /** Several stretches of k, several pairs of panels and several blocks of rows. */
  @Test
  void aGatedProductIsThePlainOneGated() {
    int m = 500;
    int k = Tile.PITCH + 7;
    int half = 150;
    Case plain = ProductCases.item(m, k, 2 * half, Epilogue.BIAS);
    Case gated = ProductCases.item(m, k, 2 * half, Epilogue.BIAS.with(Activation.GEGLU));
    List<HostBuffer> operands = KernelRun.operands(plain.inputs(), 19);
    try (WorkPool pool = new WorkPool(2)) {
      CpuBackend cpu = new CpuBackend(pool);
      float[] sums = KernelRun.run(cpu, plain.op(), plain.inputs(), operands, true);
      float[] expected = new float[m * half];
      for (int i = 0; i < expected.length; i++) {
        int h = i / half * 2 * half + i % half;
        expected[i] = sums[h] * FloatMath.gelu(sums[h + half]);
      }
      assertArrayEquals(expected, KernelRun.run(cpu, gated.op(), gated.inputs(), operands, true));
    }
  }

  @Test
  void aRowDoesNotDependOnTheRowsBesideIt() {
    Case many = ProductCases.linear(50, 40, 30, Epilogue.BIAS);
    Case one = ProductCases.linear(1, 40, 30, Epilogue.BIAS);
    List<HostBuffer> operands = KernelRun.operands(many.inputs(), 11);
    try (WorkPool pool = new WorkPool(2)) {
      CpuBackend cpu = new CpuBackend(pool);
      float[] all = KernelRun.run(cpu, many.op(), many.inputs(), operands, true);
      for (int r = 0; r < 50; r++) {
        List<HostBuffer> alone =
            List.of(operands.get(0).slice(r * 160L, 160), operands.get(1), operands.get(2));
        assertArrayEquals(
            Arrays.copyOfRange(all, r * 30, r * 30 + 30),
            KernelRun.run(cpu, one.op(), one.inputs(), alone, true));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 101})
  void anItemDoesNotDependOnTheItemsBesideIt(int m) {
    Case many =
        ProductCases.matMul(List.of(5), m, 40, 30, false, true, true, DType.F32, Epilogue.BIAS);
    Case one = ProductCases.item(m, 40, 30, Epilogue.BIAS);
    List<HostBuffer> operands = KernelRun.operands(many.inputs(), 11);
    try (WorkPool pool = new WorkPool(2)) {
      CpuBackend cpu = new CpuBackend(pool);
      float[] all = KernelRun.run(cpu, many.op(), many.inputs(), operands, true);
      for (int i = 0; i < 5; i++) {
        HostBuffer item = operands.get(0).slice(160L * i * m, 160L * m);
        List<HostBuffer> alone = List.of(item, operands.get(1), operands.get(2));
        assertArrayEquals(
            Arrays.copyOfRange(all, i * m * 30, (i + 1) * m * 30),
            KernelRun.run(cpu, one.op(), one.inputs(), alone, true));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"9, NaN", "9, Infinity", "90, NaN", "90, -Infinity"})
  void infinitiesAndNansStayInTheirRow(int rows, float value) {
    Case c = ProductCases.item(rows, 5, 6, Epilogue.NONE);
    List<HostBuffer> operands = KernelRun.operands(c.inputs(), 13);
    operands.get(0).segment().setAtIndex(ValueLayout.JAVA_FLOAT, 3 * 5 + 2, value);
    try (WorkPool pool = new WorkPool(1)) {
      float[] y = KernelRun.run(new CpuBackend(pool), c.op(), c.inputs(), operands, true);
      for (int i = 0; i < y.length; i++) {
        assertEquals(i / 6 != 3, Float.isFinite(y[i]), "element " + i);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(PoolKind.class)
  void poolingEqualsTheReference(PoolKind kind) {
    for (Op op :
        List.of(
            new Pool2d(kind, 2, 2, Window.of(2, 0)),
            new Pool2d(kind, 3, 3, Window.of(2, 1)),
            new Pool2d(kind, 3, 2, new Window(1, 3, 2, 0, 1, 1)),
            new Pool2d(kind, 7, 5, Window.of(1, 0)))) {
      List<TensorType> inputs = List.of(TensorType.f32(Shape.of(2, 7, 5, 19)));
      List<HostBuffer> operands = KernelRun.operands(inputs, 17);
      try (WorkPool pool = new WorkPool(2)) {
        assertClose(
            KernelRun.run(REFERENCE, op, inputs, operands, false),
            KernelRun.run(new CpuBackend(pool), op, inputs, operands, false),
            35);
      }
    }
  }
}
