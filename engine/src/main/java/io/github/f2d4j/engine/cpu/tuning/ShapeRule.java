package io.github.f2d4j.engine.cpu.tuning;

/**
 * The default choice: a fixed function of the shape, so that results are the same on every machine
 * that multiplies with the same unit.
 *
 * <p>Each position of a tile multiplies as many rows as the image has tiles with transformed
 * weights. So F(4×4), with four times fewer tiles than F(2×2), needs larger images until its fewer
 * multiplications count, and it rounds more.
 *
 * @param f2Pixels of the smallest output for F(2×2)
 * @param f4Pixels of the smallest output for F(4×4)
 */
record ShapeRule(int f2Pixels, int f4Pixels) implements ConvolveChoice {
  /** For the vectors' register tile, which is fast with few rows. */
  static final ShapeRule VECTORS = new ShapeRule(64, 256);

  /** For the matrix unit, which wants 36 tiles of an image or more. */
  static final ShapeRule UNIT = new ShapeRule(144, 576);

  /** With fewer input channels the transforms take longer than the products they save. */
  private static final int MIN_CHANNELS = 16;

  @Override
  public String name() {
    return "auto";
  }

  @Override
  public ConvolveAlgorithm choose(ConvolveShape shape) {
    long pixels = (long) shape.height() * shape.width();
    if (shape.in() < MIN_CHANNELS || pixels < f2Pixels) {
      return ConvolveAlgorithm.DIRECT;
    }
    return pixels < f4Pixels ? ConvolveAlgorithm.WINOGRAD_F2 : ConvolveAlgorithm.WINOGRAD_F4;
  }
}
