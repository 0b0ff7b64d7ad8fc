package io.github.f2d4j.engine.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.ForkedJvm;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.cpu.simd.Lanes;
import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.AttendOp.Attention;
import io.github.f2d4j.engine.op.ConvolveOp.Conv2d;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.op.Epilogue;
import io.github.f2d4j.engine.op.MatMulOp.MatMul;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.reference.OperatorCase.Fill;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Products with less than float32 precision: how far they are off, and that they depend on threads
 * as little as others do. The precision is fixed once per JVM, so each one runs in its own.
 */
class CpuPrecisionTest {
  private static final String FLAG = "-D" + CpuBackend.PRECISION_PROPERTY + "=";

  /** Relative errors of whole results: the largest is what more bits would not give. */
  @ParameterizedTest
  @CsvSource({"highest, 0, 2e-6", "high, 2e-6, 1e-5", "medium, 2e-3, 1.5e-2"})
  void errorsAreThoseOfThePrecision(String precision, double least, double most) throws Exception {
    String out = errors(FLAG + precision);
    assumeTrue(out.contains("name cpu+amx"), "no matrix unit here: " + CpuBackend.matrixUnit());
    List<String> lines = out.lines().filter(l -> l.startsWith("error ")).toList();
    assertEquals(Errors.CASES.size() * 2, lines.size(), out);
    double largest = 0;
    for (String line : lines) {
      double error = Double.parseDouble(line.split(" ", -1)[1]);
      assertTrue(error < most, line);
      largest = Math.max(largest, error);
    }
    assertTrue(largest > least, out);
  }

  @ParameterizedTest
  @CsvSource({"-Df2d4j.amx=off", "-Df2d4j.lanes=256"})
  void withoutAMatrixUnitProductsAreFloat32(String flag) throws Exception {
    String out = errors(FLAG + "medium", flag);
    assertTrue(out.contains("name cpu\n"), out);
    for (String line : out.lines().filter(l -> l.startsWith("error ")).toList()) {
      assertTrue(Double.parseDouble(line.split(" ", -1)[1]) < 2e-6, line);
    }
  }

  private static String errors(String... flags) throws Exception {
    List<String> all = new ArrayList<>(List.of(flags));
    all.add("--enable-native-access=ALL-UNNAMED");
    return ForkedJvm.run(Errors.class, List.of(Lanes.FLAG.split(" ", -1)), all);
  }

  /** Prints each case's error, with weights as constants and without. */
  static final class Errors {
    static final List<OperatorCase> CASES =
        List.of(
            drawn(new MatMul(false, true, Epilogue.NONE), f32(2, 70, 100), f32(130, 100)),
            drawn(new MatMul(false, false, Epilogue.NONE), f32(3, 64, 33), f32(3, 33, 65)),
            drawn(
                new MatMul(false, true, new Epilogue(true, Activation.NONE, true)),
                f32(1, 64, 900),
                f32(64, 900),
                f32(64),
                f32(1, 64, 64)),
            drawn(conv(1), f32(2, 9, 8, 40), f32(70, 40, 1, 1)),
            drawn(conv(3), f32(2, 9, 8, 64), f32(70, 64, 3, 3)),
            drawn(
                new Conv2d(Window.of(2, 1), 1, Epilogue.BIAS),
                f32(1, 17, 20, 32),
                f32(30, 32, 3, 3),
                f32(30)),
            drawn(conv(3), f32(1, 32, 32, 96), f32(32, 96, 3, 3)),
            drawn(conv(3), f32(2, 16, 16, 48), f32(30, 48, 3, 3)),
            // Windows that are multiplied where they lie: with a stride, with more taps.
            drawn(
                new Conv2d(Window.of(2, 1), 1, Epilogue.BIAS),
                f32(2, 32, 32, 64),
                f32(30, 64, 3, 3),
                f32(30)),
            drawn(conv(5), f32(2, 17, 32, 32), f32(70, 32, 5, 5)),
            drawn(new Attention(2, 0.2f, false), f32(1, 150, 80), f32(1, 77, 80), f32(1, 77, 80)),
            drawn(
                new Attention(1, 0.04f, false),
                f32(2, 64, 512),
                f32(1, 450, 512),
                f32(1, 450, 512)),
            // Scores so large that the softmax moves its reference, and multiplies their errors.
            drawn(new Attention(1, 3f, false), f32(1, 90, 40), f32(1, 800, 40), f32(1, 800, 40)));

    private Errors() {}

    private static Conv2d conv(int side) {
      return new Conv2d(Window.of(1, side / 2), 1, Epilogue.NONE);
    }

    private static OperatorCase drawn(Op op, TensorType... inputs) {
      return OperatorCases.drawn(op, 0, Fill.NORMAL, inputs);
    }

    private static TensorType f32(int... dims) {
      return OperatorCases.f32(dims);
    }

    public static void main(String[] args) {
      ReferenceBackend reference = new ReferenceBackend();
      try (WorkPool one = new WorkPool(1);
          WorkPool three = new WorkPool(3)) {
        System.out.println("name " + new CpuBackend(one).name());
        for (OperatorCase c : CASES) {
          double[] expected = c.run(reference, false).data();
          for (boolean constant : new boolean[] {false, true}) {
            double[] actual = c.run(new CpuBackend(one), constant).data();
            double[] again = c.run(new CpuBackend(three), constant).data();
            if (!Arrays.equals(actual, again)) {
              throw new AssertionError("three threads give other bits: " + c);
            }
            System.out.println("error " + error(actual, expected) + " " + c);
          }
        }
      }
      checkBatches();
    }

    /** An item's results are the same beside another one. */
    private static void checkBatches() {
      Random random = new Random(4);
      Tensor weight = drawn(random, 70, 64);
      Tensor kernel = drawn(random, 24, 64, 3, 3);
      Tensor one = drawn(random, 1, 81, 64);
      Tensor two = Tensor.concat(0, drawn(random, 1, 81, 64), one);
      Tensor keys = drawn(random, 1, 90, 64);
      Tensor twoKeys = Tensor.concat(0, drawn(random, 1, 90, 64), keys);
      checkSecond(one.linear(weight, null), two.linear(weight, null));
      checkSecond(
          one.reshape(1, 9, 9, 64).conv2d(kernel, null, Window.of(1, 1)),
          two.reshape(2, 9, 9, 64).conv2d(kernel, null, Window.of(1, 1)));
      checkSecond(one.attention(keys, keys, 2, false), two.attention(twoKeys, twoKeys, 2, false));
    }

    private static Tensor drawn(Random random, int... dims) {
      float[] values = new float[Math.toIntExact(Shape.of(dims).elements())];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      return Tensor.of(values, dims);
    }

    private static void checkSecond(Tensor one, Tensor two) {
      float[] alone = one.toFloats();
      float[] both = two.toFloats();
      if (!Arrays.equals(alone, Arrays.copyOfRange(both, alone.length, both.length))) {
        throw new AssertionError("a batch gives other bits: " + two.shape());
      }
    }

    private static double error(double[] actual, double[] expected) {
      double square = 0;
      double norm = 0;
      for (int i = 0; i < expected.length; i++) {
        square += (actual[i] - expected[i]) * (actual[i] - expected[i]);
        norm += expected[i] * expected[i];
      }
      return Math.sqrt(square / norm);
    }
  }
}
