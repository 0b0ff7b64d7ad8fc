package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.catalog.Geometry.ceilDiv;
import static io.github.f2d4j.kernels.catalog.Geometry.positive;

import java.util.List;

/** Layer normalisation: x [rows,channels], weight, bias [channels] → x's shape. */
public record LayerNormalization(ElementType type, int rows, int channels, float eps) {
  private static final int WARPS = Geometry.BLOCK / 32;

  /** Checks the sizes. */
  public LayerNormalization {
    positive("LayerNorm", "rows", rows);
    positive("LayerNorm", "channels", channels);
  }

  /** The launch; y may be x. */
  public List<KernelLaunch> launches(long x, long y, long weight, long bias) {
    return List.of(
        KernelLaunch.of(
            "normalize",
            "layer_norm_" + type.suffix(),
            Dim3.of(ceilDiv(rows, WARPS)),
            Dim3.of(Geometry.BLOCK),
            0,
            x,
            y,
            weight,
            bias,
            rows,
            channels,
            eps));
  }
}
