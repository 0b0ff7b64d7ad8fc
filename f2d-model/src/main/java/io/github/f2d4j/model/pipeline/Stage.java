package io.github.f2d4j.model.pipeline;

import java.time.Duration;

/**
 * A part of a generation that is done.
 *
 * @param kind what was done
 * @param index which of its kind, from 1
 * @param total how many of its kind there are
 * @param elapsed the time it took, without the listener's
 */
public record Stage(Kind kind, int index, int total, Duration elapsed) {
  /** What is done in a stage. */
  public enum Kind {
    /** Reading and checking a model's weights. */
    LOAD("load"),
    /** A photo to the identity of its face. */
    FACE("identity encoder"),
    /** An identity to the two words that stand for it. */
    WORDS("mapping network"),
    /** Prompts to the states that the denoiser attends to. */
    PROMPT("text encoder"),
    /** One denoising step: the UNet and the sampler. */
    STEP("step"),
    /** Latents to one picture. */
    DECODE("decoder");

    private final String title;

    Kind(String title) {
      this.title = title;
    }

    /** What tables call it, such as {@code text encoder}. */
    public String title() {
      return title;
    }
  }
}
