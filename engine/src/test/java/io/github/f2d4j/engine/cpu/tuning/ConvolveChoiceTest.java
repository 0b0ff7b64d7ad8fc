package io.github.f2d4j.engine.cpu.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fixed choice by shape. */
class ConvolveChoiceTest {
  /** Layers of Stable Diffusion's UNet and VAE at 512×512. */
  @ParameterizedTest
  @CsvSource({
    "64, 4, 320, DIRECT",
    "64, 320, 320, WINOGRAD_F4",
    "64, 960, 320, WINOGRAD_F4",
    "64, 640, 640, WINOGRAD_F4",
    "64, 320, 4, WINOGRAD_F4",
    "32, 320, 640, WINOGRAD_F2",
    "32, 1920, 640, WINOGRAD_F2",
    "32, 1280, 1280, WINOGRAD_F2",
    "16, 1280, 1280, WINOGRAD_F2",
    "16, 2560, 1280, DIRECT",
    "8, 1280, 1280, DIRECT",
    "512, 3, 128, DIRECT",
    "512, 128, 128, WINOGRAD_F4",
    "64, 512, 512, WINOGRAD_F4"
  })
  void followsTheShape(int side, int in, int out, ConvolveAlgorithm expected) {
    ConvolveShape shape = new ConvolveShape(side, side, in, out);
    assertEquals(expected, ConvolveChoice.byShape().choose(shape));
  }

  @Test
  void largeWeightsAreNotEnlarged() {
    ConvolveShape shape = new ConvolveShape(512, 512, 2560, 1280);
    assertEquals(ConvolveAlgorithm.DIRECT, ConvolveChoice.byShape().choose(shape));
    assertTrue(shape.affords(ConvolveAlgorithm.DIRECT));
    assertFalse(shape.affords(ConvolveAlgorithm.WINOGRAD_F2));
    assertEquals(64L * 2560 * 1280, shape.weightBytes(ConvolveAlgorithm.WINOGRAD_F2));
  }

  /** The 3×3 convolutions of stride 1 in the UNet of Stable Diffusion 1.x. */
  @Test
  void theUnetsWeightsGrowByLessThanItsAllowance() {
    int[][] layers = { // side, inputs, outputs, how many
      {64, 4, 320, 1},
      {64, 320, 320, 7},
      {64, 960, 320, 1},
      {64, 640, 320, 2},
      {64, 640, 640, 1},
      {64, 320, 4, 1},
      {32, 320, 640, 1},
      {32, 640, 640, 6},
      {32, 1920, 640, 1},
      {32, 1280, 640, 1},
      {32, 960, 640, 1},
      {32, 1280, 1280, 1},
      {16, 640, 1280, 1},
      {16, 1280, 1280, 7},
      {16, 2560, 1280, 2},
      {16, 1920, 1280, 1},
      {8, 1280, 1280, 11},
      {8, 2560, 1280, 3}
    };
    long added = 0;
    for (int[] l : layers) {
      ConvolveShape shape = new ConvolveShape(l[0], l[0], l[1], l[2]);
      ConvolveAlgorithm chosen = ConvolveChoice.byShape().choose(shape);
      added += l[3] * (shape.weightBytes(chosen) - shape.weightBytes(ConvolveAlgorithm.DIRECT));
    }
    assertTrue(added > 0 && added < 800_000_000L, added + " bytes");
  }
}
