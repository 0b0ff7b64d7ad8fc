package io.github.f2d4j.weights.convert;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a {@link Conversion} did.
 *
 * @param folder the model folder
 * @param record what lies in it, as its {@value ConversionRecord#NAME} says
 * @param ranges for each weight file that was written, values that did not fit
 * @param reused weight files of an earlier run that were kept
 * @param notes what the user should know
 */
public record ConversionResult(
    Path folder,
    ConversionRecord record,
    Map<String, RangeReport.Summary> ranges,
    List<String> reused,
    List<String> notes) {
  /** Copies the collections. */
  public ConversionResult {
    ranges = Map.copyOf(ranges);
    reused = List.copyOf(reused);
    notes = List.copyOf(notes);
  }
}
