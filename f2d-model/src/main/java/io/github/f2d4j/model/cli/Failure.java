package io.github.f2d4j.model.cli;

import io.github.f2d4j.engine.nn.WeightsException;
import io.github.f2d4j.model.card.CardException;
import io.github.f2d4j.model.checkpoint.ConfigException;
import io.github.f2d4j.model.face.LandmarksException;
import io.github.f2d4j.model.image.ImageException;
import io.github.f2d4j.model.pipeline.CancelledException;
import io.github.f2d4j.model.pipeline.ModelException;
import io.github.f2d4j.model.plan.InsufficientMemoryException;
import io.github.f2d4j.model.replay.RecordException;
import io.github.f2d4j.model.text.IdentifierNotFoundException;
import io.github.f2d4j.model.text.TokenizerFormatException;
import io.github.f2d4j.weights.convert.ConversionException;
import io.github.f2d4j.weights.io.WeightFormatException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CancellationException;

/**
 * What a command that failed tells the user.
 *
 * @param code the exit code
 * @param message one clear message
 */
record Failure(ExitCode code, String message) {
  static Failure of(Throwable e) {
    return switch (e) {
      case CancelledException c ->
          new Failure(ExitCode.CANCELLED, "cancelled; nothing was written");
      case UsageException u -> new Failure(ExitCode.USAGE, text(u));
      case CardException c -> new Failure(ExitCode.INPUT, text(c));
      case RecordException r -> new Failure(ExitCode.INPUT, text(r));
      case ImageException i -> new Failure(ExitCode.INPUT, text(i));
      case LandmarksException l -> new Failure(ExitCode.INPUT, text(l));
      case IdentifierNotFoundException i -> new Failure(ExitCode.INPUT, text(i));
      case ModelException m -> new Failure(ExitCode.MODEL, text(m));
      case WeightsException w -> new Failure(ExitCode.MODEL, text(w));
      case ConfigException c -> new Failure(ExitCode.MODEL, text(c));
      case TokenizerFormatException t -> new Failure(ExitCode.MODEL, text(t));
      case WeightFormatException f -> new Failure(ExitCode.MODEL, text(f));
      case ConversionException c -> new Failure(ExitCode.MODEL, text(c));
      case CancellationException c ->
          new Failure(ExitCode.CANCELLED, "cancelled; what is finished is kept");
      case NoSuchFileException n ->
          new Failure(ExitCode.FILES, "there is no file or folder " + n.getFile());
      case FileSystemException f -> new Failure(ExitCode.FILES, f.getFile() + ": " + reason(f));
      case IOException io -> new Failure(ExitCode.FILES, text(io));
      case InsufficientMemoryException i ->
          new Failure(ExitCode.MEMORY, text(i) + ". To try it all the same: --no-memory-check");
      case OutOfMemoryError m -> new Failure(ExitCode.MEMORY, text(m));
      case IllegalArgumentException a -> new Failure(ExitCode.INPUT, text(a));
      default -> new Failure(ExitCode.INTERNAL, "a fault in f2d itself, please report it: " + e);
    };
  }

  private static String text(Throwable e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  private static String reason(FileSystemException e) {
    return e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
  }
}
