package io.github.f2d4j.weights.example;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.weights.safetensors.SafetensorsWriter;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The documentation's programs do what it says. */
class ExamplesTest {
  @Test
  void opening(@TempDir Path folder) throws Exception {
    TensorEntry bias = TensorEntry.of("conv_in.bias", Shape.of(2), 1, 2);
    SafetensorsWriter.write(folder.resolve("model.safetensors"), List.of(bias), Map.of());
    assertArrayEquals(new float[] {1, 2}, WeightFilesExample.open(folder));
  }
}
