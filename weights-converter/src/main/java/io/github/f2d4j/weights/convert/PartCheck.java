package io.github.f2d4j.weights.convert;

import io.github.f2d4j.engine.types.TensorType;
import java.io.IOException;
import java.util.Map;

/** Checks a part before it is written: that a network of that configuration has these weights. */
@FunctionalInterface
public interface PartCheck {
  /** Accepts everything. */
  PartCheck NONE = (folder, config, tensors) -> {};

  /**
   * Checks one part.
   *
   * @param folder its folder, such as {@code unet}
   * @param config the text of its {@code config.json}
   * @param tensors every tensor that will be written
   * @throws IOException if they do not fit
   */
  void check(String folder, String config, Map<String, TensorType> tensors) throws IOException;
}
