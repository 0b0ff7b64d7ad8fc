package io.github.f2d4j.weights.convert;

import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.weights.WeightFiles;
import io.github.f2d4j.weights.convert.Recognition.Refused;
import io.github.f2d4j.weights.convert.Recognition.Supported;
import io.github.f2d4j.weights.convert.Recognition.Unknown;
import io.github.f2d4j.weights.safetensors.TensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint that was given, opened.
 *
 * @param path the file, or the folder of a component
 * @param source its tensors
 * @param recognition what it holds
 */
record GivenWeights(Path path, TensorSource source, Recognition recognition) {
  /** The folders of a model that hold weights. */
  static final List<String> PARTS =
      List.of("text_encoder", "unet", "vae", "msid", "mapping", "expression");

  /**
   * Opens a weight file, a folder that holds one, or every part of a model folder.
   *
   * @throws IOException if there are no weights or they cannot be read
   */
  static List<GivenWeights> open(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(
          path.toString(), null, "there is no such file or folder; check the path");
    }
    if (!Files.isDirectory(path)) {
      return List.of(one(path));
    }
    if (Files.isDirectory(path.resolve("transformer"))) {
      throw new ConversionException(
          path
              + " holds a model whose denoiser is a transformer, not a UNet; take Stable Diffusion"
              + " 1.x");
    }
    if (Files.isDirectory(path.resolve("text_encoder_2"))) {
      throw new ConversionException(
          path + " holds a Stable Diffusion XL model; take Stable Diffusion 1.x");
    }
    List<GivenWeights> parts = new ArrayList<>();
    for (String part : PARTS) {
      if (Files.isDirectory(path.resolve(part))) {
        parts.add(one(path.resolve(part)));
      }
    }
    return parts.isEmpty() ? List.of(one(path)) : parts;
  }

  private static GivenWeights one(Path path) throws IOException {
    TensorSource source = WeightFiles.open(path);
    return new GivenWeights(path, source, Recognition.of(shapes(source)));
  }

  static Map<String, Shape> shapes(TensorSource source) {
    Map<String, Shape> shapes = LinkedHashMap.newLinkedHashMap(source.names().size());
    source.names().forEach(name -> shapes.put(name, source.type(name).shape()));
    return shapes;
  }

  /**
   * The family.
   *
   * @throws ConversionException if a model folder cannot be made of it
   */
  Supported supported() throws ConversionException {
    return switch (recognition) {
      case Supported s -> s;
      case Refused r ->
          throw new ConversionException(
              path
                  + " is "
                  + r.title()
                  + ", which Face2Diffusion does not work with; "
                  + r.remedy());
      case Unknown u ->
          throw new ConversionException(
              source.describe()
                  + " is no checkpoint that is known here; expected Stable Diffusion 1.x (one file,"
                  + " or diffusers folders), Face2Diffusion's msid or mapping, an insightface"
                  + " iresnet, or Deep3DFaceRecon. f2d inspect lists what it holds");
    };
  }
}
