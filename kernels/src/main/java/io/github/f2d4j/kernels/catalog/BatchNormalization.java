package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.catalog.Geometry.positive;

import java.util.List;

/**
 * Batch normalisation with stored statistics: x [rows,channels], weight, bias, mean, variance
 * [channels] → x's shape.
 */
public record BatchNormalization(ElementType type, int rows, int channels, float eps) {
  /** Checks the sizes. */
  public BatchNormalization {
    positive("BatchNorm", "rows", rows);
    positive("BatchNorm", "channels", channels);
    Geometry.indexable("BatchNorm", (long) rows * channels);
  }

  /** The launch; y may be x. */
  public List<KernelLaunch> launches(
      long x, long y, long weight, long bias, long mean, long variance) {
    return List.of(
        KernelLaunch.of(
            "normalize_planes",
            "batch_norm_" + type.suffix(),
            Geometry.looping((long) rows * channels),
            Dim3.of(Geometry.BLOCK),
            0,
            x,
            y,
            weight,
            bias,
            mean,
            variance,
            rows,
            channels,
            eps));
  }
}
