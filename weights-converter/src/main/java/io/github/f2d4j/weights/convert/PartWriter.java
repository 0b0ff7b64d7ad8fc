package io.github.f2d4j.weights.convert;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.weights.convert.PlannedPart.PlannedTensor;
import io.github.f2d4j.weights.safetensors.SafetensorsWriter;
import io.github.f2d4j.weights.safetensors.SafetensorsWriter.Pending;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Writes the weights of one part, one tensor in memory at a time: pages of a mapped checkpoint are
 * given back as soon as they are written.
 */
final class PartWriter {
  private final PlannedPart part;
  private final BooleanSupplier stop;
  private final MemorySegment scratch;
  private final List<RangeReport> reports = new ArrayList<>();
  private MemorySegment last = MemorySegment.NULL;

  private PartWriter(PlannedPart part, BooleanSupplier stop, MemorySegment scratch) {
    this.part = part;
    this.stop = stop;
    this.scratch = scratch;
  }

  /**
   * Converts and writes.
   *
   * @param file where to
   * @param stop asked before each tensor
   * @return what became of the floating-point tensors
   * @throws ConversionException if a value is no number or does not fit the type; there is no file
   *     then
   * @throws CancellationException if {@code stop} said so
   * @throws IOException if reading or writing fails
   */
  static List<RangeReport> write(Path file, PlannedPart part, BooleanSupplier stop)
      throws IOException {
    long largest = 1;
    for (PlannedTensor t : part.tensors()) {
      if (t.from() != t.to()) {
        largest = Math.max(largest, t.type().bytes());
      }
    }
    try (Arena arena = Arena.ofConfined()) {
      // The writer is done with a tensor when it asks for the next, so one piece serves all.
      PartWriter writer = new PartWriter(part, stop, arena.allocate(largest, 64));
      List<Pending> tensors = new ArrayList<>();
      for (PlannedTensor t : part.tensors()) {
        tensors.add(new Pending(t.key(), t.type(), () -> writer.next(t)));
      }
      SafetensorsWriter.stream(file, tensors, Map.of("format", "pt"));
      writer.giveBack();
      return writer.reports;
    } catch (UncheckedIOException e) {
      throw e.getCause(); // a compressed record of a PyTorch checkpoint is damaged
    }
  }

  private MemorySegment next(PlannedTensor t) throws ConversionException {
    if (stop.getAsBoolean()) {
      throw new CancellationException("the conversion was cancelled");
    }
    giveBack();
    last = t.source().get(t.sourceKey()).data();
    if (!t.from().isFloating()) {
      return last;
    }
    MemorySegment target = t.from() == t.to() ? last : scratch.asSlice(0, t.type().bytes());
    RangeReport report =
        ValueConversion.convert(
            t.sourceKey(), last, t.from(), target, t.to(), t.shape().elements());
    if (!report.isUsable()) {
      throw unusable(part, report);
    }
    reports.add(report);
    return target;
  }

  /** Without this a conversion would seem to hold the whole checkpoint in memory. */
  private void giveBack() {
    if (last.isMapped() && last.byteSize() > 0) {
      last.unload();
    }
    last = MemorySegment.NULL;
  }

  private static ConversionException unusable(PlannedPart part, RangeReport r) {
    String where = part.given().path() + ": " + r.key() + " ";
    if (r.notFinite() > 0) {
      return new ConversionException(
          where
              + "holds "
              + r.notFinite()
              + " values of "
              + r.elements()
              + " that are not finite numbers; no picture could be drawn with it. The file is"
              + " damaged or badly merged; fetch it again or take another");
    }
    return new ConversionException(
        where
            + "holds values up to %.4g, and %d of %d are too large for %s; convert to BF16 or F32"
                .formatted(r.largest(), r.overflowed(), r.elements(), r.to())
            + (r.to() == DType.F16 ? " (--dtype BF16)" : " (--dtype F32)"));
  }
}
