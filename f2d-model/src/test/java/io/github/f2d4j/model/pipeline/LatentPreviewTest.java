package io.github.f2d4j.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.vae.AutoencoderKl;
import io.github.f2d4j.model.vae.AutoencoderKlConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The published map of Stable Diffusion 1.x; it needs no weights. */
class LatentPreviewTest {
  private static final AutoencoderKlConfig SD1 =
      new AutoencoderKlConfig(512, 3, 3, 4, List.of(128, 256, 512, 512), 2, 32, 0.18215f);

  @Test
  void channelsBecomeTheirColours() {
    LatentPreview preview = new LatentPreview(new AutoencoderKl(Weights.recording(), SD1));
    // Two pictures of 2 × 1: nothing, the first channel; the last channel, not a number.
    float[] latents = {0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, Float.NaN, 0, 0, 0};
    List<RgbImage> images = preview.render(Tensor.of(latents, 2, 1, 2, 4));
    assertEquals(2, images.size());
    assertColour(images.get(0), 0, 128, 128, 128);
    assertColour(images.get(0), 1, 171, 145, 136);
    assertColour(images.get(1), 0, 111, 104, 33);
    assertColour(images.get(1), 1, 128, 128, 128);
  }

  private static void assertColour(RgbImage image, int x, int red, int green, int blue) {
    assertEquals(2, image.width());
    assertEquals(1, image.height());
    assertEquals(
        List.of(red, green, blue),
        List.of(image.get(x, 0, 0), image.get(x, 0, 1), image.get(x, 0, 2)));
  }
}
