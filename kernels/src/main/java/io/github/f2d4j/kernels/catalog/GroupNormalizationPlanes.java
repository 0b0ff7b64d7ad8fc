package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.catalog.Geometry.ceilDiv;
import static io.github.f2d4j.kernels.catalog.Geometry.positive;

import java.util.List;

/**
 * Group normalisation, channels first: x [batch,channels,pixels], weight, bias [channels] → x's
 * shape. Otherwise as {@link GroupNormalization}, which is for the engine's own layout.
 *
 * @param silu whether x·sigmoid(x) follows
 */
public record GroupNormalizationPlanes(
    ElementType type, int batch, int channels, int pixels, int groups, float eps, boolean silu) {
  /** A block's share of a run that is cut into chunks. */
  private static final int CHUNK = 16 * 1024;

  private static final int MAX_CHUNKS = 256;

  /** Checks the sizes. */
  public GroupNormalizationPlanes {
    positive("GroupNorm", "batch", batch);
    positive("GroupNorm", "pixels", pixels);
    positive("GroupNorm", "groups", groups);
    positive("GroupNorm", "channels", channels);
    if (channels % groups != 0) {
      throw new IllegalArgumentException(
          "GroupNorm: " + channels + " channels are no multiple of " + groups + " groups");
    }
    if ((long) batch * groups > 65_535) {
      throw new IllegalArgumentException(
          "GroupNorm: batch·groups is "
              + (long) batch * groups
              + ", a grid holds 65535; split the batch");
    }
    Geometry.indexable("GroupNorm", (long) channels / groups * pixels);
  }

  private int run() {
    return channels / groups * pixels;
  }

  /** Whether one launch does it. */
  public boolean inOnePass() {
    return run() <= 2 * CHUNK;
  }

  /** Bytes of scratch memory for the partial sums of two passes; 0 for one pass. */
  public long workspaceBytes() {
    return inOnePass() ? 0 : (long) batch * groups * chunks() * 8;
  }

  /**
   * The launches, one or two.
   *
   * @param y not x, unless {@link #inOnePass()}
   * @param workspace {@link #workspaceBytes()} bytes, at a multiple of 4; not looked at if 0
   */
  public List<KernelLaunch> launches(long x, long y, long weight, long bias, long workspace) {
    return inOnePass() ? once(x, y, weight, bias) : twice(x, y, weight, bias, workspace);
  }

  List<KernelLaunch> once(long x, long y, long weight, long bias) {
    return List.of(
        KernelLaunch.of(
            "normalize_planes",
            "group_norm_planes_once_" + type.suffix(),
            Dim3.of(groups, batch),
            Dim3.of(Geometry.BLOCK),
            0,
            x,
            y,
            weight,
            bias,
            channels / groups,
            pixels,
            eps,
            silu));
  }

  List<KernelLaunch> twice(long x, long y, long weight, long bias, long workspace) {
    Dim3 grid = Dim3.of(chunks(), batch * groups);
    return List.of(
        KernelLaunch.of(
            "normalize_planes",
            "group_norm_planes_stats_" + type.suffix(),
            grid,
            Dim3.of(Geometry.BLOCK),
            0,
            x,
            workspace,
            run(),
            chunk()),
        KernelLaunch.of(
            "normalize_planes",
            "group_norm_planes_apply_" + type.suffix(),
            grid,
            Dim3.of(Geometry.BLOCK),
            0,
            x,
            y,
            workspace,
            weight,
            bias,
            channels / groups,
            pixels,
            groups,
            chunk(),
            eps,
            silu));
  }

  /** Elements of a chunk; small runs, which only tests cut, are halved. */
  private int chunk() {
    return Math.max(Math.min(CHUNK, Math.ceilDiv(run(), 2)), Math.ceilDiv(run(), MAX_CHUNKS));
  }

  private int chunks() {
    return ceilDiv(run(), chunk());
  }
}
