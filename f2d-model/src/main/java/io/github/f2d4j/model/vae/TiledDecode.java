package io.github.f2d4j.model.vae;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Decodes latents tile by tile and blends the seams linearly. diffusers' {@code autoencoder_kl.py
 * tiled_decode}, but without its last tiles where others have covered the border already.
 */
final class TiledDecode {
  private final Tiling tiling;
  private final int scale;
  private final int channels;
  private final MemorySegment image;
  private final Shape shape; // [N,H,W,channels] in pixels

  /** A decoded tile [N,height,width,channels]. */
  private static final class Tile {
    final float[] values;
    final int batch;
    final int height;
    final int width;

    Tile(Tensor decoded) {
      this.values = decoded.toFloats();
      this.batch = decoded.dim(0);
      this.height = decoded.dim(1);
      this.width = decoded.dim(2);
    }
  }

  private TiledDecode(Tiling tiling, int scale, Shape shape, MemorySegment image) {
    this.tiling = tiling;
    this.scale = scale;
    this.channels = shape.dim(3);
    this.shape = shape;
    this.image = image;
  }

  /**
   * z [N,H,W,C] → [N,scale·H,scale·W,channels].
   *
   * @param decoder [N,h,w,C] → [N,scale·h,scale·w,channels]
   */
  static Tensor run(
      Tensor z, Tiling tiling, int scale, int channels, UnaryOperator<Tensor> decoder) {
    if (tiling.covers(z.shape())) {
      return decoder.apply(z);
    }
    Shape shape = Shape.of(z.dim(0), z.dim(1) * scale, z.dim(2) * scale, channels);
    TensorType type = TensorType.f32(shape);
    HostBuffer buffer = HostBuffer.allocate(type.bytes());
    new TiledDecode(tiling, scale, shape, buffer.segment()).decodeAll(z.eval(), decoder);
    return Tensor.of(type, buffer);
  }

  private void decodeAll(Tensor z, UnaryOperator<Tensor> decoder) {
    List<Tile> above = List.of();
    int rows = tiling.count(z.dim(1));
    int columns = tiling.count(z.dim(2));
    for (int i = 0; i < rows; i++) {
      List<Tile> row = new ArrayList<>();
      Tensor band = cut(z, 1, i);
      for (int j = 0; j < columns; j++) {
        Tile tile = new Tile(decoder.apply(cut(band, 2, j)));
        if (i > 0) {
          blendVertically(above.get(j), tile);
        }
        store(tile, j == 0 ? null : row.get(j - 1), i, j, i == rows - 1, j == columns - 1);
        row.add(tile);
      }
      above = row;
    }
  }

  private Tensor cut(Tensor z, int axis, int index) {
    int start = index * tiling.stride();
    return z.slice(axis, start, Math.min(start + tiling.tile(), z.dim(axis)));
  }

  /** Fades from the last rows of {@code a} to the first of {@code b}, in place. */
  private void blendVertically(Tile a, Tile b) {
    int extent = tiling.overlap() * scale;
    int length = b.width * channels;
    for (int n = 0; n < b.batch; n++) {
      for (int y = 0; y < extent; y++) {
        int from = (n * a.height + a.height - extent + y) * length;
        int to = (n * b.height + y) * length;
        fade(a.values, from, b.values, to, length, (float) y / extent);
      }
    }
  }

  /** {@code b} becomes {@code a·(1 − share) + b·share}. */
  private static void fade(float[] a, int from, float[] b, int to, int length, float share) {
    for (int i = 0; i < length; i++) {
      b[to + i] = a[from + i] * (1 - share) + b[to + i] * share;
    }
  }

  /**
   * Writes what no later tile will blend over, fading from the last columns of {@code left} on the
   * way. The tile itself stays as it is for the row below: so the weights at a corner are the
   * products of those of the two seams.
   */
  private void store(
      Tile tile, @Nullable Tile left, int i, int j, boolean lastRow, boolean lastColumn) {
    int limit = tiling.stride() * scale;
    int height = lastRow ? tile.height : limit;
    int length = (lastColumn ? tile.width : limit) * channels;
    int extent = tiling.overlap() * scale;
    float[] line = new float[tile.width * channels];
    for (int n = 0; n < tile.batch; n++) {
      for (int y = 0; y < height; y++) {
        int row = n * tile.height + y;
        System.arraycopy(tile.values, row * line.length, line, 0, line.length);
        if (left != null) {
          int from = (row * left.width + left.width - extent) * channels;
          for (int x = 0; x < extent; x++) {
            float share = (float) x / extent;
            fade(left.values, from + x * channels, line, x * channels, channels, share);
          }
        }
        long to = (long) n * shape.dim(1) + (long) i * limit + y;
        to = (to * shape.dim(2) + (long) j * limit) * channels * Float.BYTES;
        MemorySegment.copy(line, 0, image, ValueLayout.JAVA_FLOAT_UNALIGNED, to, length);
      }
    }
  }
}
