package io.github.f2d4j.engine.cpu.gemm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.ForkedJvm;
import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.gemm.ProductCases.Case;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.cpu.simd.Lanes;
import io.github.f2d4j.engine.cpu.tuning.ConvolveAlgorithm;
import io.github.f2d4j.engine.cpu.tuning.ConvolveChoice;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every product gives the same bits at every lane width. The width is fixed once per JVM, so each
 * one runs in a JVM of its own; wider than the processor's, vectors are emulated.
 */
class ProductWidthsTest {
  private static String scalar = "";

  @BeforeAll
  static void runScalar() throws Exception {
    scalar = digests(run("scalar"));
    assertTrue(scalar.lines().count() > 100, scalar);
  }

  private static String run(String width) throws Exception {
    List<String> flags = List.of("-Df2d4j.lanes=" + width, "-Df2d4j.amx=off");
    return ForkedJvm.run(Digests.class, List.of(Lanes.FLAG.split(" ")), flags);
  }

  @ParameterizedTest
  @ValueSource(strings = {"512", "256", "128"})
  void sameBitsAtWidth(String width) throws Exception {
    String out = run(width);
    assertTrue(out.contains("lanes " + width), out);
    assertEquals(scalar, digests(out));
  }

  /** A JVM as users start it, except where the processor's matrix unit rounds elsewhere. */
  @Test
  void sameBitsInThisJvm() throws Exception {
    assumeFalse(Amx.used(), "this JVM multiplies with the processor's matrix unit");
    assertEquals(scalar, Digests.all());
  }

  @Test
  void sameBitsWithoutTheVectorModule() throws Exception {
    String out = ForkedJvm.run(Digests.class, List.of(), List.of());
    assertTrue(out.contains("lanes 32"), out);
    assertEquals(scalar, digests(out));
  }

  private static String digests(String out) {
    return out.substring(out.indexOf("digests\n") + "digests\n".length());
  }

  /** Prints a digest of each case's result. */
  static final class Digests {
    public static void main(String[] args) throws Exception {
      System.out.print("lanes " + Lanes.BITS + "\ndigests\n" + all());
    }

    static String all() throws Exception {
      StringBuilder lines = new StringBuilder();
      List<Case> cases =
          Stream.concat(ProductCases.matMuls().stream(), ProductCases.convolutions().stream())
              .toList();
      try (WorkPool pool = new WorkPool(1)) {
        append(lines, new CpuBackend(pool), cases);
        for (ConvolveAlgorithm algorithm : ConvolveAlgorithm.values()) {
          lines.append(algorithm).append('\n');
          CpuBackend cpu = new CpuBackend(pool, ConvolveChoice.always(algorithm));
          append(lines, cpu, ProductCases.winograds());
        }
      }
      return lines.toString();
    }

    private static void append(StringBuilder lines, CpuBackend cpu, List<Case> cases)
        throws Exception {
      for (Case c : cases) {
        float[] y =
            KernelRun.run(cpu, c.op(), c.inputs(), KernelRun.operands(c.inputs(), 19), true);
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        for (float v : y) {
          sha.update(ByteBuffer.allocate(4).putInt(Float.floatToRawIntBits(v)).flip());
        }
        lines.append(HexFormat.of().formatHex(sha.digest(), 0, 8)).append(' ').append(c);
        lines.append('\n');
      }
    }
  }
}
