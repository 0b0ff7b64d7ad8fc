package io.github.f2d4j.engine.cpu.amx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.f2d4j.engine.cpu.ForkedJvm;
import io.github.f2d4j.engine.cpu.simd.Lanes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AmxTest {
  @Test
  void anotherPrecisionIsRefused() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Precision.of("tf32")).getMessage();
    assertTrue(
        message.contains("f2d4j.cpu.precision is \"tf32\"; expected highest, high or medium"),
        message);
    assertEquals(Precision.HIGHEST, Precision.of(null));
    assertEquals(Precision.MEDIUM, Precision.of(" Medium "));
  }

  @Test
  void aLowerPrecisionIsTold() throws Exception {
    assumeTrue(Amx.used(), Amx::describe);
    String out = probe("-Df2d4j.cpu.precision=high", "--enable-native-access=ALL-UNNAMED");
    assertTrue(out.contains("true AMX with high precision"), out);
  }

  @Test
  void itCanBeForbidden() throws Exception {
    String out = probe("-Df2d4j.amx=off", "--enable-native-access=ALL-UNNAMED");
    assertTrue(out.contains("false no AMX (-Df2d4j.amx=off)"), out);
  }

  @Test
  void withoutNativeAccessItIsNotTouched() throws Exception {
    String out = probe("-Df2d4j.amx=auto");
    assertTrue(out.contains("false no AMX ("), out);
    // The remedy is told where the machine has the unit, and there alone.
    boolean wanted = Amx.obstacle("auto").isEmpty();
    assertEquals(wanted, out.contains("start java with --enable-native-access=ALL-UNNAMED"), out);
    assertFalse(out.contains("INFO"), out);
    assertFalse(out.contains("WARNING: A restricted method"), out);
  }

  @Test
  void narrowerVectorsDoWithoutIt() throws Exception {
    String out = probe("-Df2d4j.lanes=256", "--enable-native-access=ALL-UNNAMED");
    assertTrue(out.contains("false no AMX (only "), out);
  }

  @Test
  void anotherWordIsRefused() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Amx.obstacle("on")).getMessage();
    assertTrue(message.contains("f2d4j.amx is \"on\"; expected auto or off"), message);
  }

  private static String probe(String... flags) throws Exception {
    List<String> modules = new ArrayList<>(List.of(Lanes.FLAG.split(" ")));
    return ForkedJvm.run(Probe.class, modules, List.of(flags));
  }

  /** Prints what {@link Amx} decided. */
  static final class Probe {
    public static void main(String[] args) {
      System.out.println(Amx.used() + " " + Amx.describe());
    }
  }
}
