package io.github.f2d4j.engine.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.ForkedJvm;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.cpu.simd.Lanes;
import io.github.f2d4j.engine.op.ElementwiseOp.Unary;
import io.github.f2d4j.engine.op.ElementwiseOp.UnaryKind;
import io.github.f2d4j.engine.reference.OperatorCase.Fill;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Results are the same bits at every lane width, with any number of threads, without the module.
 */
class CpuWidthsTest {
  private static String scalar = "";

  @BeforeAll
  static void runScalar() throws Exception {
    scalar = sums(true, "scalar", 1);
    assertTrue(scalar.lines().count() > 1000, scalar);
  }

  private static String sums(boolean module, String lanes, int threads) throws Exception {
    List<String> modules = module ? List.of(Lanes.FLAG.split(" ")) : List.of();
    String out =
        ForkedJvm.run(
            Sums.class,
            modules,
            List.of("-D" + Lanes.PROPERTY + "=" + lanes, "-Df2d4j.amx=off"),
            Integer.toString(threads));
    return String.join("\n", out.lines().filter(l -> l.startsWith(Sums.MARK)).toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"128", "256", "512"})
  void vectorsGiveTheBitsOfPlainLoops(String lanes) throws Exception {
    assertEquals(scalar, sums(true, lanes, 3));
  }

  @Test
  void theModuleMayBeAbsent() throws Exception {
    assertEquals(scalar, sums(false, "scalar", 2));
  }

  /** Prints a sum over the bits of every case's result. */
  static final class Sums {
    static final String MARK = "sum ";

    private Sums() {}

    public static void main(String[] args) {
      try (WorkPool pool = new WorkPool(Integer.parseInt(args[0]))) {
        CpuBackend backend = new CpuBackend(pool);
        List<OperatorCase> cases = new ArrayList<>(OperatorCases.all());
        for (UnaryKind kind : UnaryKind.values()) {
          for (Fill fill : List.of(Fill.EXTREME, Fill.NORMAL)) {
            cases.add(OperatorCases.drawn(new Unary(kind), 0, fill, OperatorCases.f32(100_003)));
          }
        }
        for (OperatorCase c : cases) {
          System.out.println(MARK + sum(c.run(backend, false)) + " " + c);
        }
      }
    }

    private static long sum(Values values) {
      long sum = 1;
      for (double v : values.data()) {
        sum = 31 * sum + Double.doubleToLongBits(v);
      }
      return sum;
    }
  }
}
