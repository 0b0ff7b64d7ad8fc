package io.github.f2d4j.engine.cpu.gemm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.amx.UnitFinish;
import io.github.f2d4j.engine.op.Activation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Epilogues in machine code against the scalar ones, bit for bit. */
class UnitFinishTest {
  private static final int WIDTH = Amx.COLUMNS;

  private static float[] values(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      // Beyond where the error function is 1, and close to 0.
      values[i] = (float) (random.nextGaussian() * Math.scalb(2.0, random.nextInt(-20, 3)));
    }
    return values;
  }

  private static MemorySegment memory(float[] values) {
    MemorySegment memory = HostBuffer.allocate(4L * values.length).segment();
    MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, values.length);
    return memory;
  }

  private static UnitFinish.Sums sums(float[] sums, float[] bias) {
    return new UnitFinish.Sums(memory(sums), 4L * WIDTH, memory(bias), 4L * 16);
  }

  @ParameterizedTest
  @CsvSource({
    "PLAIN, 1, false",
    "PLAIN, 32, true",
    "GELU, 7, false",
    "GELU, 32, true",
    "GATED, 32, false",
    "GATED, 5, true"
  })
  void bitsAreThoseOfTheScalarForm(UnitFinish.Kind kind, int rows, boolean residual) {
    assumeTrue(Amx.used() && Panels.width() == WIDTH, Amx::describe);
    float[] sums = values((rows + 1) * WIDTH, 1);
    sums[WIDTH + 3] = Float.NaN;
    sums[WIDTH + 5] = Float.POSITIVE_INFINITY;
    sums[WIDTH + 6] = Float.NEGATIVE_INFINITY;
    sums[WIDTH + 7] = 1e30f;
    sums[WIDTH + 8] = -0f;
    float[] gates = values((rows + 1) * WIDTH, 2);
    float[] bias = values(WIDTH + 16, 3);
    float[] gateBias = values(WIDTH + 16, 4);
    int pitch = WIDTH + 12;
    float[] before = values((rows + 1) * pitch, 5);
    float[] added = values((rows + 1) * pitch, 6);
    boolean gated = kind == UnitFinish.Kind.GATED;
    MemorySegment out = memory(before);
    UnitFinish.finish(
        kind,
        sums(sums, bias),
        gated ? sums(gates, gateBias) : null,
        residual ? memory(added) : null,
        out,
        4 * 7,
        4L * pitch,
        rows);

    GemmEpilogue scalar = new GemmEpilogueScalar();
    int size = rows * WIDTH;
    float[] expected = new float[2 * size];
    System.arraycopy(sums, WIDTH, expected, 0, size);
    System.arraycopy(gates, WIDTH, expected, size, size);
    scalar.bias(expected, 0, rows, bias, 16);
    scalar.bias(expected, size, rows, gateBias, 16);
    if (gated) {
      scalar.gate(expected, 0, size, size);
    } else {
      Activation activation = kind == UnitFinish.Kind.GELU ? Activation.GELU : Activation.NONE;
      scalar.activate(activation, expected, 0, size);
    }
    for (int i = 0; i < before.length; i++) {
      int row = Math.floorDiv(i - 7, pitch);
      int column = Math.floorMod(i - 7, pitch);
      float want = before[i];
      if (i >= 7 && row < rows && column < WIDTH) {
        want = expected[row * WIDTH + column];
        want = residual ? want + added[i] : want;
      }
      float actual = out.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      assertEquals(want, actual, row + ", " + column + " of " + kind);
    }
  }

  @Test
  void memoryThatIsTooSmallIsRefused() {
    assumeTrue(Amx.used(), Amx::describe);
    float[] bias = new float[WIDTH + 16];
    UnitFinish.Sums two = sums(new float[3 * WIDTH], bias);
    MemorySegment one = memory(new float[WIDTH]);
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> UnitFinish.finish(UnitFinish.Kind.PLAIN, two, null, null, one, 0, 4L * WIDTH, 2));
    assertThrows(
        IndexOutOfBoundsException.class,
        () ->
            UnitFinish.finish(
                UnitFinish.Kind.PLAIN,
                two,
                null,
                null,
                memory(new float[3 * WIDTH]),
                0,
                4L * WIDTH,
                3));
  }
}
