package io.github.f2d4j.model.cli;

import io.github.f2d4j.model.image.PngWriter;
import io.github.f2d4j.model.image.Resampler;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.pipeline.GenerationListener;
import io.github.f2d4j.model.pipeline.StepProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Shows how far a generation is, and passes the user's wish to stop. */
final class ProgressListener implements GenerationListener {
  private static final int PREVIEW_SIDE = 256;

  private final Console console;
  private final Console.Progress progress;
  private final Interruption interruption;
  private final long before;
  private final @Nullable Path preview;

  /**
   * Follows one generation.
   *
   * @param before steps that the bar has seen already
   * @param preview where to write a preview after each step, or null
   */
  ProgressListener(
      Console console,
      Console.Progress progress,
      Interruption interruption,
      long before,
      @Nullable Path preview) {
    this.console = console;
    this.progress = progress;
    this.interruption = interruption;
    this.before = before;
    this.preview = preview;
  }

  @Override
  public void onStep(StepProgress step) {
    progress.at(before + step.step());
    if (preview != null) {
      try {
        RgbImage small = step.previews().get().getFirst();
        PngWriter.write(preview, Resampler.fit(small, PREVIEW_SIDE));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void onWarning(String message) {
    console.warn(message);
  }

  @Override
  public boolean isCancelled() {
    return interruption.isAsked();
  }
}
