package io.github.f2d4j.weights.example;

import io.github.f2d4j.weights.WeightFiles;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import io.github.f2d4j.weights.safetensors.TensorSource;
import java.io.IOException;
import java.nio.file.Path;

/** How to look into a checkpoint. */
final class WeightFilesExample {
  private WeightFilesExample() {}

  static float[] open(Path path) throws IOException {
    // @start region="open"
    TensorEntry bias;
    try (TensorSource source = WeightFiles.open(path)) { // model.safetensors, unet/, sd-v1-4.ckpt …
      for (String name : source.names()) {
        System.out.println(name + " " + source.type(name)); // conv_in.weight F16[320,4,3,3]
      }
      bias = source.get("conv_in.bias"); // part of the mapped file: nothing is copied
    }
    float[] values = bias.toFloats(); // readable after closing; of any floating-point type
    // @end
    return values;
  }
}
