package io.github.f2d4j.engine.cpu.tuning;

/**
 * The default choice: a fixed function of the shape, so that results are the same on every machine.
 *
 * <p>Winograd's algorithms trade memory for multiplications: F(2×2) saves 5 multiplications per
 * pixel and pair of channels for 28 more bytes per pair of channels, F(4×4) another 1.75 for 80
 * more. So what a byte brings grows with the image alone, and the sizes below are where it brings
 * enough; for Stable Diffusion's UNet at 512×512 they keep what is added below 0.8 GB.
 */
final class ShapeRule implements ConvolveChoice {
  /** The rule. */
  static final ShapeRule INSTANCE = new ShapeRule();

  /** With fewer input channels the transforms take longer than the products they save. */
  private static final int MIN_CHANNELS = 16;

  /** Smallest output for F(2×2): 16×16 is above, 8×8 below. */
  private static final int F2_PIXELS = 192;

  /** Smallest output for F(4×4): 64×64 is above, 32×32 below. */
  private static final int F4_PIXELS = 3072;

  private ShapeRule() {}

  @Override
  public String name() {
    return "auto";
  }

  @Override
  public ConvolveAlgorithm choose(ConvolveShape shape) {
    long pixels = (long) shape.height() * shape.width();
    if (shape.in() >= MIN_CHANNELS) {
      if (pixels >= F4_PIXELS && shape.affords(ConvolveAlgorithm.WINOGRAD_F4)) {
        return ConvolveAlgorithm.WINOGRAD_F4;
      }
      if (pixels >= F2_PIXELS && shape.affords(ConvolveAlgorithm.WINOGRAD_F2)) {
        return ConvolveAlgorithm.WINOGRAD_F2;
      }
    }
    return ConvolveAlgorithm.DIRECT;
  }
}
