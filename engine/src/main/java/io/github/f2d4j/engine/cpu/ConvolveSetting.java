package io.github.f2d4j.engine.cpu;

import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.gemm.MeasuredChoice;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.cpu.tuning.ConvolveAlgorithm;
import io.github.f2d4j.engine.cpu.tuning.ConvolveChoice;
import io.github.f2d4j.engine.cpu.tuning.TuningCache;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The system property that says how convolutions are computed. */
final class ConvolveSetting {
  static final String PROPERTY = "f2d4j.winograd";

  private ConvolveSetting() {}

  /**
   * The choice that the property's value stands for.
   *
   * @throws IllegalArgumentException if it stands for none
   */
  static ConvolveChoice choice(@Nullable String value, WorkPool pool) {
    String word = value == null || value.isBlank() ? "auto" : value.trim();
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "auto" -> ConvolveChoice.byShape(Amx.used());
      case "off" -> ConvolveChoice.always(ConvolveAlgorithm.DIRECT);
      case "f2" -> ConvolveChoice.always(ConvolveAlgorithm.WINOGRAD_F2);
      case "f4" -> ConvolveChoice.always(ConvolveAlgorithm.WINOGRAD_F4);
      case "tune" ->
          new MeasuredChoice(
              pool, new TuningCache(TuningCache.userFile(), MeasuredChoice.machine()));
      default ->
          throw new IllegalArgumentException(
              "system property "
                  + PROPERTY
                  + " is \""
                  + value
                  + "\"; expected auto, off, f2, f4 or tune, or leave it unset for auto");
    };
  }
}
