package io.github.f2d4j.model.pipeline;

/** Whether the autoencoder decodes a picture in overlapping tiles, which takes less memory. */
public enum Tiles {
  /** In tiles where the picture is more than twice as wide or high as the model was trained on. */
  AUTO,
  /** In tiles wherever the picture is larger than one. */
  ALWAYS,
  /** In one piece. */
  NEVER
}
