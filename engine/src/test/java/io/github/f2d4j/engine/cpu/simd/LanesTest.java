package io.github.f2d4j.engine.cpu.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.cpu.ForkedJvm;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LanesTest {
  @ParameterizedTest
  @CsvSource({"512,512", "256,256", "128,128", "scalar,32", "' SCALAR ',32"})
  void propertyChooses(String property, int bits) {
    assertEquals(bits, Lanes.choose(property, true, 256));
    assertEquals(32, Lanes.choose(property, false, 32));
  }

  @ParameterizedTest
  @CsvSource({"2048,512", "512,512", "256,256", "128,128", "64,32"})
  void preferenceChoosesOtherwise(int preferred, int bits) {
    assertEquals(bits, Lanes.choose(null, true, preferred));
  }

  @Test
  void namesTheAllowedValues() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Lanes.choose("384", true, 256));
    assertTrue(e.getMessage().contains("384"), e.getMessage());
    assertTrue(e.getMessage().contains("512, 256, 128 or scalar"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"512,true", "256,true", "128,true", "scalar,false"})
  void aJvmUsesTheWidthItIsTold(String property, boolean vector) throws Exception {
    String out =
        ForkedJvm.run(
            Probe.class, List.of(Lanes.FLAG.split(" ")), List.of("-Df2d4j.lanes=" + property));
    assertTrue(out.strip().endsWith((vector ? property : "32") + " " + vector), out);
  }

  @Test
  void aJvmWithoutTheModuleSaysWhichFlagToAdd() throws Exception {
    String out = ForkedJvm.run(Probe.class, List.of(), List.of());
    assertTrue(out.contains("32 false"), out);
    assertTrue(out.contains(Lanes.FLAG), out);
  }

  /** Prints what {@link Lanes} decided. */
  static final class Probe {
    public static void main(String[] args) {
      System.out.println(Lanes.BITS + " " + Lanes.VECTOR);
    }
  }
}
