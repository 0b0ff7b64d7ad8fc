package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.graph.Analysis;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.vae.AutoencoderKl;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Latents as they are during diffusion to pictures. */
final class LatentDecoder {
  private final AutoencoderKl vae;

  LatentDecoder(AutoencoderKl vae) {
    this.vae = vae;
  }

  /**
   * Decodes one picture at a time, so that memory does not grow with their number.
   *
   * @param latents [N,h,w,C]
   * @throws CancelledException if the listener or an interrupt asks for it
   */
  List<RgbImage> images(Tensor latents, Tiles tiles, GenerationListener listener) {
    List<RgbImage> images = new ArrayList<>();
    int n = latents.dim(0);
    for (int i = 0; i < n; i++) {
      DenoisingLoop.requireGoOn(listener, "before decoding picture " + (i + 1));
      Tensor one = latents.slice(0, i, i + 1);
      images.add(
          Stages.timed(Stage.Kind.DECODE, i + 1, n, listener, () -> image(decode(one, tiles))));
    }
    return images;
  }

  /** Latents [N,h,w,C] → [N,H,W,3] in about −1..1. */
  Tensor decode(Tensor latents, Tiles tiles) {
    Tensor z = latents.mul(1 / vae.config().scalingFactor());
    return isTiled(latents.shape(), tiles) ? vae.decode(z, vae.defaultTiling()) : vae.decode(z);
  }

  private boolean isTiled(Shape latents, Tiles tiles) {
    int most = 2 * vae.config().sampleSize() / vae.config().scale();
    return switch (tiles) {
      case ALWAYS -> true;
      case NEVER -> false;
      case AUTO -> latents.dim(1) > most || latents.dim(2) > most;
    };
  }

  /** What the decoding of one of the pictures takes, and how often: once, or for each tile. */
  Map<Analysis, Integer> analyze(Shape latents, Tiles tiles) {
    Tensor picture = Tensor.placeholder(TensorType.f32(latents)).slice(0, 0, 1);
    Shape one = picture.shape();
    if (!isTiled(latents, tiles) || vae.defaultTiling().covers(one)) {
      return Map.of(Tensor.analyze(List.of(decode(picture, Tiles.NEVER))), 1);
    }
    Map<Analysis, Integer> all = new LinkedHashMap<>();
    Map<Shape, Integer> shapes = vae.defaultTiling().shapes(one);
    shapes.forEach(
        (shape, count) -> {
          Tensor tile = Tensor.placeholder(TensorType.f32(shape));
          all.put(Tensor.analyze(List.of(vae.decode(tile))), count);
        });
    return all;
  }

  /** [1,H,W,3] in −1..1 → a picture. */
  static RgbImage image(Tensor decoded) {
    return RgbImage.fromSigned(decoded.dim(2), decoded.dim(1), decoded.toFloats());
  }
}
