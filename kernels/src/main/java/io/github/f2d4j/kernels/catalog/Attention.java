package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.catalog.Geometry.ceilDiv;
import static io.github.f2d4j.kernels.catalog.Geometry.positive;

import java.util.List;
import java.util.Map;

/**
 * Scaled dot product attention, softmax(scale·q·kᵀ)·v for each head: q [batch,queries,heads·size],
 * k, v [batch,keys,heads·size] → [batch,queries,heads·size]. A head is a contiguous slice of a row.
 *
 * @param queryStride elements between rows of q, at least heads·size
 * @param keyStride elements between rows of k, and of v
 * @param resultStride elements between rows of the result
 * @param causal whether query i sees only keys j ≤ i
 */
public record Attention(
    ElementType type,
    int batch,
    int queries,
    int keys,
    int heads,
    int size,
    int queryStride,
    int keyStride,
    int resultStride,
    float scale,
    boolean causal) {

  /** The largest head that any kernel takes. */
  public static final int MAX_SIZE = 512;

  private static final float LOG2_E = 1.442695f;

  /** The tile of a kernel of {@code attend.cu}: as its instances there. */
  private record Tile(int rows, int keys) {
    int sharedBytes(int size) {
      int stride = (size + 15) / 16 * 16 + 8;
      return Math.max(rows, 2 * 2 * keys) * stride * 2;
    }
  }

  private static final Map<Integer, Tile> TILES =
      Map.of(
          40, new Tile(128, 64),
          64, new Tile(128, 64),
          80, new Tile(128, 64),
          160, new Tile(64, 32));

  /** The tile of {@code attend512.cu}, and the warps that share its rows. */
  private static final int WIDE_ROWS = 32;

  private static final int WIDE_KEYS = 32;
  private static final int WIDE_SPLIT = 4;

  /** Checks the sizes. */
  public Attention {
    positive("Attention", "batch", batch);
    positive("Attention", "queries", queries);
    positive("Attention", "keys", keys);
    positive("Attention", "heads", heads);
    positive("Attention", "size", size);
    if (size > MAX_SIZE) {
      throw new IllegalArgumentException(
          "Attention: heads of " + size + " are not supported, at most " + MAX_SIZE);
    }
    if (Math.min(Math.min(queryStride, keyStride), resultStride) < heads * size) {
      throw new IllegalArgumentException(
          "Attention: rows of %d heads of %d lie at least %d elements apart, but the strides are %d, %d, %d"
              .formatted(heads, size, heads * size, queryStride, keyStride, resultStride));
    }
    if ((long) batch * heads > 65_535) {
      throw new IllegalArgumentException(
          "Attention: batch·heads is "
              + (long) batch * heads
              + ", a grid holds 65535; split the batch");
    }
  }

  /** Attention over dense rows. */
  public static Attention dense(
      ElementType type,
      int batch,
      int queries,
      int keys,
      int heads,
      int size,
      float scale,
      boolean causal) {
    int row = heads * size;
    return new Attention(type, batch, queries, keys, heads, size, row, row, row, scale, causal);
  }

  /**
   * Whether a kernel on tensor cores does it at these addresses: sizes 40, 64, 80, 160 and 512,
   * float16 or bfloat16, and everything at multiples of 16 bytes. Such a kernel is in {@link
   * PtxSet#SM80} alone.
   */
  public boolean tensorCores(long q, long k, long v, long out) {
    return type != ElementType.F32
        && (TILES.containsKey(size) || size == 512)
        && ((queryStride | keyStride | resultStride) % 8) == 0
        && ((q | k | v | out) % 16) == 0;
  }

  /**
   * The launch.
   *
   * @param set chooses among the kernels: the tensor cores where both it and the shape allow
   */
  public List<KernelLaunch> launches(PtxSet set, long q, long k, long v, long out) {
    return List.of(
        set == PtxSet.SM80 && tensorCores(q, k, v, out)
            ? onTensorCores(q, k, v, out)
            : anywhere(q, k, v, out));
  }

  private KernelLaunch onTensorCores(long q, long k, long v, long out) {
    boolean wide = size == 512;
    Tile tile = wide ? new Tile(WIDE_ROWS, WIDE_KEYS) : TILES.get(size);
    if (tile == null) {
      throw new IllegalStateException("no tile for heads of " + size);
    }
    int threads = tile.rows / 16 * 32 * (wide ? WIDE_SPLIT : 1);
    int partialScores = WIDE_SPLIT * WIDE_ROWS * (WIDE_KEYS + 8) * 4;
    int shared = wide ? 2 * WIDE_KEYS * (size + 8) * 2 + partialScores : tile.sharedBytes(size);
    return KernelLaunch.of(
        wide ? "attend512" : "attend",
        "attend" + size + "_" + type.suffix(),
        Dim3.of(ceilDiv(queries, tile.rows), batch * heads),
        Dim3.of(threads),
        shared,
        q,
        k,
        v,
        out,
        queries,
        keys,
        heads,
        queryStride,
        keyStride,
        resultStride,
        scale * LOG2_E,
        causal);
  }

  private KernelLaunch anywhere(long q, long k, long v, long out) {
    int limit = size <= 64 ? 64 : size <= 192 ? 192 : MAX_SIZE;
    int rows = limit == MAX_SIZE ? 8 : 32; // 8 warps with one or four queries each
    return KernelLaunch.of(
        "attend_any",
        "attend_any" + limit + "_" + type.suffix(),
        Dim3.of(ceilDiv(queries, rows), batch * heads),
        Dim3.of(Geometry.BLOCK),
        0,
        q,
        k,
        v,
        out,
        size,
        queries,
        keys,
        heads,
        queryStride,
        keyStride,
        resultStride,
        scale * LOG2_E,
        causal);
  }
}
