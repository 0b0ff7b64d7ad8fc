package io.github.f2d4j.model.vae;

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
}
