package io.github.f2d4j.model.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.cpu.tuning.ConvolveAlgorithm;
import io.github.f2d4j.engine.cpu.tuning.ConvolveChoice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BackendFlagsTest {
  private static final String DEFAULT =
      new CpuBackend(WorkPool.shared(), ConvolveChoice.byShape(false)).name();

  @ParameterizedTest
  @CsvSource({
    "cpu, cuda, -Df2d4j.backend=cuda",
    "cpu, cpu+winograd-off, -Df2d4j.winograd=off",
    "cpu+winograd-f2, cpu+winograd-f4, -Df2d4j.winograd=f4",
    "cpu+winograd-off, cpu, -Df2d4j.winograd=auto",
    "cuda, cpu+winograd-off, -Df2d4j.backend=cpu -Df2d4j.winograd=off",
    "cpu+amx, cpu, -Df2d4j.amx=off",
    "cpu, cpu+amx, -Df2d4j.amx=auto",
    "cpu+amx, cpu+amx+winograd-f2, -Df2d4j.winograd=f2",
    "cpu+amx, cpu+amx-medium, -Df2d4j.cpu.precision=medium",
    "cpu+amx-high, cpu+amx, -Df2d4j.cpu.precision=highest",
    "cpu, cpu+amx-high, -Df2d4j.amx=auto -Df2d4j.cpu.precision=high",
    "cpu+amx-high, cpu, -Df2d4j.amx=off",
    "cpu+amx-high+winograd-f2, cpu+amx-high, -Df2d4j.winograd=auto",
    "cpu+amx, cuda, -Df2d4j.backend=cuda"
  })
  void nameTheProperties(String here, String recorded, String flags) {
    assertEquals(flags, BackendFlags.between(here, recorded));
  }

  /** The words of the flags are those that the backend understands. */
  @ParameterizedTest
  @EnumSource(ConvolveAlgorithm.class)
  void chooseTheBackendOfThatName(ConvolveAlgorithm algorithm) {
    String recorded = new CpuBackend(WorkPool.shared(), ConvolveChoice.always(algorithm)).name();
    assertChooses(recorded, BackendFlags.between(DEFAULT, recorded));
  }

  @Test
  void chooseTheDefault() {
    assertChooses(DEFAULT, BackendFlags.between(DEFAULT + "+winograd-off", DEFAULT));
  }

  private static void assertChooses(String name, String flags) {
    String prefix = "-D" + CpuBackend.CONVOLVE_PROPERTY + "=";
    assertEquals(prefix, flags.substring(0, prefix.length()));
    String before = System.getProperty(CpuBackend.CONVOLVE_PROPERTY);
    System.setProperty(CpuBackend.CONVOLVE_PROPERTY, flags.substring(prefix.length()));
    try {
      assertEquals(name, new CpuBackend(WorkPool.shared()).name());
    } finally {
      if (before == null) {
        System.clearProperty(CpuBackend.CONVOLVE_PROPERTY);
      } else {
        System.setProperty(CpuBackend.CONVOLVE_PROPERTY, before);
      }
    }
  }
}
