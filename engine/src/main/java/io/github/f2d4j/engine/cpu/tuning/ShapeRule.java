package io.github.f2d4j.engine.cpu.tuning;

/**
 * The default choice: a fixed function of the shape, so that results are the same on every machine.
 *
 * <p>Each position of a tile multiplies as many rows as the image has tiles with weights that are
 * transformed on the way ({@code WinogradColumns}). So F(4×4), with four times fewer tiles than
 * F(2×2), needs larger images until its fewer multiplications count, and it rounds more.
 */
final class ShapeRule implements ConvolveChoice {
  /** The rule. */
  static final ShapeRule INSTANCE = new ShapeRule();

  /** With fewer input channels the transforms take longer than the products they save. */
  private static final int MIN_CHANNELS = 16;

  /** Smallest output for F(2×2): 8×8 is above, 7×7 below. */
  private static final int F2_PIXELS = 64;

  /** Smallest output for F(4×4): 16×16 is above, 15×15 below. */
  private static final int F4_PIXELS = 256;

  private ShapeRule() {}

  @Override
  public String name() {
    return "auto";
  }

  @Override
  public ConvolveAlgorithm choose(ConvolveShape shape) {
    long pixels = (long) shape.height() * shape.width();
    if (shape.in() < MIN_CHANNELS || pixels < F2_PIXELS) {
      return ConvolveAlgorithm.DIRECT;
    }
    return pixels < F4_PIXELS ? ConvolveAlgorithm.WINOGRAD_F2 : ConvolveAlgorithm.WINOGRAD_F4;
  }
}
