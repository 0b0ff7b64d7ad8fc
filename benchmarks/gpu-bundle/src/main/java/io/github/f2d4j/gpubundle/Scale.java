package io.github.f2d4j.gpubundle;

import java.util.Locale;

/** How much is measured: what counts, or as little as shows that the step works. */
enum Scale {
  /** Stable Diffusion 1.4, 512×512, 30 steps, often enough for a median. */
  FULL(5, 30, 512, 30, 20, 5),
  /** Networks of a few channels, once or twice. */
  TINY(1, 2, 64, 2, 2, 1);

  /** Runs of a network that are not timed. */
  final int warmUp;

  /** Runs of a network that are. */
  final int samples;

  /** Of the timed picture, in pixels. */
  final int size;

  /** Of the timed picture. */
  final int steps;

  /** Of the demonstration model's picture. */
  final int demoSteps;

  /** Timed pictures after the first. */
  final int pictures;

  Scale(int warmUp, int samples, int size, int steps, int demoSteps, int pictures) {
    this.warmUp = warmUp;
    this.samples = samples;
    this.size = size;
    this.steps = steps;
    this.demoSteps = demoSteps;
    this.pictures = pictures;
  }

  /** As a step's process gets it. */
  String argument() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Scale of(String argument) {
    return valueOf(argument.toUpperCase(Locale.ROOT));
  }
}
