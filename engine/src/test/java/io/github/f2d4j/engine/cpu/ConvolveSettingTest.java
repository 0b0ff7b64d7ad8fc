package io.github.f2d4j.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.gemm.MeasuredChoice;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.cpu.tuning.ConvolveAlgorithm;
import io.github.f2d4j.engine.cpu.tuning.ConvolveChoice;
import io.github.f2d4j.engine.cpu.tuning.ConvolveShape;
import io.github.f2d4j.engine.cpu.tuning.TuningCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a user says which algorithm convolutions use. */
class ConvolveSettingTest {
  private static final WorkPool POOL = WorkPool.shared();

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", " ", "auto", "AUTO"})
  void byDefaultTheShapeDecides(String value) {
    assertSame(ConvolveChoice.byShape(Amx.used()), ConvolveSetting.choice(value, POOL));
  }

  @ParameterizedTest
  @CsvSource({"off, DIRECT", "f2, WINOGRAD_F2", "' F4 ', WINOGRAD_F4"})
  void oneAlgorithmForAll(String value, ConvolveAlgorithm expected) {
    ConvolveChoice choice = ConvolveSetting.choice(value, POOL);
    assertEquals(expected, choice.choose(new ConvolveShape(1, 1, 1, 1)));
    assertEquals(expected, choice.choose(new ConvolveShape(512, 512, 128, 128)));
  }

  @Test
  void tuningMeasures() {
    assertInstanceOf(MeasuredChoice.class, ConvolveSetting.choice("tune", POOL));
  }

  @Test
  void theBackendsNameTellsWhatResultsDependOn() {
    String plain = new CpuBackend(POOL, ConvolveChoice.byShape(Amx.used())).name();
    assertEquals("cpu" + (Amx.used() ? "+amx" : ""), plain);
    for (String value : List.of("off", "f2", "f4", "tune")) {
      CpuBackend backend = new CpuBackend(POOL, ConvolveSetting.choice(value, POOL));
      assertEquals(plain + "+winograd-" + value, backend.name());
    }
  }

  @Test
  void anotherWordIsRefused() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> ConvolveSetting.choice("f6", POOL))
            .getMessage();
    assertTrue(message.contains("f2d4j.winograd is \"f6\""), message);
    assertTrue(message.contains("auto, off, f2, f4 or tune"), message);
  }

  @Test
  void whatWasMeasuredOnceIsKept(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("tuning.txt");
    ConvolveShape shape = new ConvolveShape(9, 10, 20, 24);
    ConvolveAlgorithm measured = new MeasuredChoice(POOL, new TuningCache(file, "m")).choose(shape);
    assertEquals(measured, new TuningCache(file, "m").get(shape));
    // Another process must take what the file says, whatever is fastest.
    for (ConvolveAlgorithm written : ConvolveAlgorithm.values()) {
      Files.delete(file);
      new TuningCache(file, "m").add(shape, written);
      MeasuredChoice choice = new MeasuredChoice(POOL, new TuningCache(file, "m"));
      assertEquals(written, choice.choose(shape));
      Files.writeString(file, "damaged");
      assertEquals(written, choice.choose(shape));
    }
  }
}
