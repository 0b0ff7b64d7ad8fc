package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.catalog.Geometry.ceilDiv;
import static io.github.f2d4j.kernels.catalog.Geometry.positive;

import java.util.List;

/**
 * Group normalisation, channels last: x [batch,pixels,channels], weight, bias [channels] → x's
 * shape. Statistics over a group's channels and all pixels of one picture.
 *
 * @param silu whether x·sigmoid(x) follows
 */
public record GroupNormalization(
    ElementType type, int batch, int pixels, int channels, int groups, float eps, boolean silu) {
  /** Shared memory that every device gives without being asked. */
  private static final int SHARED_BYTES = 48 * 1024;

  /** The partial sums of one row of threads: channels·8 bytes. */
  private static final int MAX_CHANNELS = SHARED_BYTES / 8;

  /** Checks the sizes. */
  public GroupNormalization {
    positive("GroupNorm", "batch", batch);
    positive("GroupNorm", "pixels", pixels);
    positive("GroupNorm", "groups", groups);
    positive("GroupNorm", "channels", channels);
    if (channels % groups != 0) {
      throw new IllegalArgumentException(
          "GroupNorm: " + channels + " channels are no multiple of " + groups + " groups");
    }
    if (channels > MAX_CHANNELS) {
      throw new IllegalArgumentException(
          "GroupNorm: " + channels + " channels are not supported, at most " + MAX_CHANNELS);
    }
    if (batch > 65_535) {
      throw new IllegalArgumentException(
          "GroupNorm: a batch of " + batch + " is more than a grid holds, 65535; split it");
    }
    Geometry.indexable("GroupNorm", (long) channels / groups * pixels);
  }

  /** Whether a group of one picture fits into shared memory: then x is read once, in one launch. */
  public boolean inOnePass() {
    return (long) channels / groups * pixels * 4 <= SHARED_BYTES - 1024;
  }

  /** Bytes of scratch memory for the partial sums of two passes; 0 for one pass. */
  public long workspaceBytes() {
    return inOnePass() ? 0 : (long) batch * chunks() * groups * 8;
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
            "normalize",
            "group_norm_once_" + type.suffix(),
            Dim3.of(groups, batch),
            Dim3.of(Geometry.BLOCK),
            channels / groups * pixels * 4,
            x,
            y,
            weight,
            bias,
            channels,
            pixels,
            groups,
            eps,
            silu));
  }

  List<KernelLaunch> twice(long x, long y, long weight, long bias, long workspace) {
    Dim3 grid = Dim3.of(chunks(), batch);
    Dim3 block = block();
    return List.of(
        KernelLaunch.of(
            "normalize",
            "group_norm_stats_" + type.suffix(),
            grid,
            block,
            block.y() * channels * 8,
            x,
            workspace,
            channels,
            pixels,
            groups,
            rows()),
        KernelLaunch.of(
            "normalize",
            "group_norm_apply_" + type.suffix(),
            grid,
            block,
            groups * 12,
            x,
            y,
            workspace,
            weight,
            bias,
            channels,
            pixels,
            groups,
            rows(),
            chunks(),
            eps,
            silu));
  }

  /** As wide as a row of vectors, in whole warps; as many rows as shared memory has room for. */
  private Dim3 block() {
    int units = channels % type.vector() == 0 ? channels / type.vector() : channels;
    int width = Math.min(Geometry.BLOCK, ceilDiv(units, 32) * 32);
    int height = Math.min(Geometry.BLOCK / width, Math.max(1, MAX_CHANNELS / channels));
    return Dim3.of(width, height);
  }

  /** Pixels of a chunk: enough chunks for a large GPU, and enough work in each. */
  private int rows() {
    return Math.max(8, ceilDiv(pixels, 128));
  }

  private int chunks() {
    return ceilDiv(pixels, rows());
  }
}
