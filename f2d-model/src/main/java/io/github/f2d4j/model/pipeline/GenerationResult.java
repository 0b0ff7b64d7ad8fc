package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.model.image.RgbImage;
import java.time.Duration;
import java.util.List;

/**
 * Pictures, and what it takes to make them again.
 *
 * @param images the pictures
 * @param seeds the seed of each; a request for one image with it gives the same picture
 * @param request the request with all defaults filled in
 * @param warnings what the listener was warned of
 * @param elapsed from the call to the last picture
 */
public record GenerationResult(
    List<RgbImage> images,
    List<Long> seeds,
    GenerationRequest request,
    List<String> warnings,
    Duration elapsed) {
  /** Copies the lists. */
  public GenerationResult {
    images = List.copyOf(images);
    seeds = List.copyOf(seeds);
    warnings = List.copyOf(warnings);
  }
}
