package io.github.f2d4j.engine.cpu.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
    "32, 320, 640, WINOGRAD_F4",
    "32, 1920, 640, WINOGRAD_F4",
    "32, 1280, 1280, WINOGRAD_F4",
    "16, 1280, 1280, WINOGRAD_F4",
    "16, 2560, 1280, WINOGRAD_F4",
    "8, 1280, 1280, WINOGRAD_F2",
    "7, 512, 512, DIRECT",
    "512, 3, 128, DIRECT",
    "512, 128, 128, WINOGRAD_F4",
    "64, 512, 512, WINOGRAD_F4"
  })
  void followsTheShape(int side, int in, int out, ConvolveAlgorithm expected) {
    ConvolveShape shape = new ConvolveShape(side, side, in, out);
    assertEquals(expected, ConvolveChoice.byShape(false).choose(shape));
  }

  /** The matrix unit wants tiles by the dozen. */
  @ParameterizedTest
  @CsvSource({
    "64, 320, 320, WINOGRAD_F4",
    "32, 640, 640, WINOGRAD_F4",
    "28, 128, 128, WINOGRAD_F4",
    "23, 640, 640, WINOGRAD_F2",
    "16, 1280, 1280, WINOGRAD_F2",
    "14, 256, 256, WINOGRAD_F2",
    "11, 1280, 1280, DIRECT",
    "8, 1280, 1280, DIRECT",
    "512, 3, 128, DIRECT"
  })
  void followsTheShapeWithTheMatrixUnit(int side, int in, int out, ConvolveAlgorithm expected) {
    ConvolveShape shape = new ConvolveShape(side, side, in, out);
    assertEquals(expected, ConvolveChoice.byShape(true).choose(shape));
  }
}
