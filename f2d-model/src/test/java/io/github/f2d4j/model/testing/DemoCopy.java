package io.github.f2d4j.model.testing;

import io.github.f2d4j.model.demo.DemoModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Copies of the built-in model, to be changed. */
public final class DemoCopy {
  private DemoCopy() {}

  /** A copy in {@code folder}, which need not exist. */
  public static Path to(Path folder) throws IOException {
    Path demo = DemoModel.open().folder();
    List<Path> files;
    try (Stream<Path> walk = Files.walk(demo)) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      Path target = folder.resolve(demo.relativize(file).toString());
      Files.createDirectories(target.getParent());
      Files.copy(file, target);
    }
    return folder;
  }

  /** Changes the lowest bit of the last weight of a part. */
  public static void changeWeight(Path folder, String part) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(part))) {
      Path weights =
          files.filter(f -> f.toString().endsWith(".safetensors")).findFirst().orElseThrow();
      byte[] bytes = Files.readAllBytes(weights);
      bytes[bytes.length - 2] ^= 1; // of a float16; harmless in a float32, too
      Files.write(weights, bytes);
    }
  }
}
