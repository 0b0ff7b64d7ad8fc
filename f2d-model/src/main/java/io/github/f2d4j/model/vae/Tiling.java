package io.github.f2d4j.model.vae;

import io.github.f2d4j.engine.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How large latents are cut into square tiles.
 *
 * @param tile height and width of a tile, in latents
 * @param overlap how much neighbouring tiles share, in latents
 */
public record Tiling(int tile, int overlap) {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException unless 0 ≤ overlap ≤ tile/2 and tile ≥ 1
   */
  public Tiling {
    if (tile < 1 || overlap < 0 || 2 * overlap > tile) {
      throw new IllegalArgumentException(
          "tiles of "
              + tile
              + " latents that overlap by "
              + overlap
              + "; expected a tile of at least 1 and an overlap of at most half of it");
    }
  }

  /** From the start of one tile to that of the next. */
  int stride() {
    return tile - overlap;
  }

  /** The number of tiles that cover {@code extent} latents. */
  int count(int extent) {
    return 1 + Math.max(0, Math.ceilDiv(extent - tile, stride()));
  }

  /** Whether latents [N,H,W,C] are no larger than one tile. */
  public boolean covers(Shape latents) {
    return latents.dim(1) <= tile && latents.dim(2) <= tile;
  }

  /** The shapes of the tiles of latents [N,H,W,C], and how many there are of each. */
  public Map<Shape, Integer> shapes(Shape latents) {
    Map<Shape, Integer> shapes = new LinkedHashMap<>();
    for (int i = 0; i < count(latents.dim(1)); i++) {
      for (int j = 0; j < count(latents.dim(2)); j++) {
        Shape shape = latents.with(1, length(latents.dim(1), i)).with(2, length(latents.dim(2), j));
        shapes.merge(shape, 1, Integer::sum);
      }
    }
    return shapes;
  }

  /** The extent of tile {@code index}: the last may be shorter. */
  private int length(int extent, int index) {
    return Math.min(tile, extent - index * stride());
  }
}
