package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.random.NoiseSource;
import java.util.List;

/**
 * Noise in the shape of latents, from one stream for each picture: so a picture does not depend on
 * the others of its batch. As upstream, a stream is asked for a whole [C,H,W] at a time: first the
 * initial latents, then one for each step that needs it.
 */
final class LatentNoise {
  private final List<NoiseSource> streams;
  private final int height;
  private final int width;
  private final int channels;

  /** Noise of [N,height,width,channels], N being the number of streams. */
  LatentNoise(List<NoiseSource> streams, int height, int width, int channels) {
    this.streams = streams;
    this.height = height;
    this.width = width;
    this.channels = channels;
  }

  /** The next noise of each stream, [N,H,W,C]. */
  Tensor next() {
    int pixels = height * width;
    int n = pixels * channels;
    float[] nhwc = new float[Math.multiplyExact(n, streams.size())];
    for (int i = 0; i < streams.size(); i++) {
      float[] chw = streams.get(i).randn(n);
      for (int c = 0; c < channels; c++) {
        for (int p = 0; p < pixels; p++) {
          nhwc[i * n + p * channels + c] = chw[c * pixels + p];
        }
      }
    }
    return Tensor.of(nhwc, streams.size(), height, width, channels);
  }
}
