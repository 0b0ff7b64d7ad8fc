package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.types.Shape;

/**
 * How a batch of images is cut into tiles. Tiles are numbered through all images, row by row; those
 * at the lower and right edge may reach beyond the output.
 *
 * @param images images in the batch
 * @param height rows of an input image
 * @param width columns of an input image
 * @param channels channels of an input image
 * @param top rows of zeros above an image
 * @param left columns of zeros beside it
 * @param outH rows of an output image
 * @param outW columns of an output image
 * @param side side of a tile of outputs
 */
record WinogradTiles(
    int images,
    int height,
    int width,
    int channels,
    int top,
    int left,
    int outH,
    int outW,
    int side) {

  /** The tiles of a convolution of {@code x} [N,H,W,I] that gives {@code y} [N,H',W',O]. */
  static WinogradTiles of(Shape x, Window window, Shape y, Winograd form) {
    return new WinogradTiles(
        x.dim(0),
        x.dim(1),
        x.dim(2),
        x.dim(3),
        window.top(),
        window.left(),
        y.dim(1),
        y.dim(2),
        form.out());
  }

  private int down() {
    return Math.ceilDiv(outH, side);
  }

  private int across() {
    return Math.ceilDiv(outW, side);
  }

  /** The number of tiles. */
  int count() {
    return Math.multiplyExact(images, Math.multiplyExact(down(), across()));
  }

  /** The image that {@code tile} is in. */
  int image(int tile) {
    return tile / across() / down();
  }

  /** First output row of {@code tile}. */
  int row(int tile) {
    return tile / across() % down() * side;
  }

  /** First output column of {@code tile}. */
  int column(int tile) {
    return tile % across() * side;
  }
}
