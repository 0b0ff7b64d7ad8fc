package io.github.f2d4j.model.vae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The blending, with decoders simple enough to know the result of. */
class TiledDecodeTest {
  private static final int SCALE = 2;

  private static Tensor latents(int n, int h, int w) {
    Random random = new Random(5);
    float[] z = new float[n * h * w * 2];
    for (int i = 0; i < z.length; i++) {
      z[i] = random.nextFloat();
    }
    return Tensor.of(z, n, h, w, 2);
  }

  /** A decoder that works pixel by pixel: each latent becomes a block of SCALE × SCALE pixels. */
  private static Tensor enlarge(Tensor z) {
    return pixels(z, 0f, 0f);
  }

  /** As {@link #enlarge}, plus the position inside the tile, which makes seams visible. */
  private static Tensor enlargeWithRamp(Tensor z) {
    return pixels(z, 0.25f, 0.0625f);
  }

  private static Tensor pixels(Tensor z, float perRow, float perColumn) {
    Shape s = z.shape();
    float[] in = z.toFloats();
    Shape to = Shape.of(s.dim(0), s.dim(1) * SCALE, s.dim(2) * SCALE, s.dim(3));
    float[] out = new float[(int) to.elements()];
    int i = 0;
    for (int n = 0; n < to.dim(0); n++) {
      for (int y = 0; y < to.dim(1); y++) {
        for (int x = 0; x < to.dim(2); x++) {
          for (int c = 0; c < to.dim(3); c++) {
            int row = n * s.dim(1) + y / SCALE;
            int at = (row * s.dim(2) + x / SCALE) * s.dim(3) + c;
            out[i++] = in[at] + perRow * y + perColumn * x;
          }
        }
      }
    }
    return Tensor.of(out, to);
  }

  private static Tensor run(Tensor z, int tile, int overlap, UnaryOperator<Tensor> decoder) {
    return TiledDecode.run(z, new Tiling(tile, overlap), SCALE, 2, decoder);
  }

  @ParameterizedTest
  @CsvSource({"1,9,9,4,1", "2,13,7,5,2", "1,4,11,4,0", "1,8,8,4,2", "3,5,23,6,3", "1,10,3,3,1"})
  void aDecoderOfSinglePixelsGivesThePlainResult(int n, int h, int w, int tile, int overlap) {
    Tensor z = latents(n, h, w);
    Tensor tiled = run(z, tile, overlap, TiledDecodeTest::enlarge);
    assertEquals(enlarge(z).shape(), tiled.shape());
    assertArrayEquals(enlarge(z).toFloats(), tiled.toFloats(), 1e-6f);
  }

  @ParameterizedTest
  @CsvSource({"9,9", "9,12", "10,10"})
  void oneTileIsThePlainResultBitForBit(int tile, int overlap) {
    Tensor z = latents(2, 9, 9);
    int o = Math.min(overlap, tile / 2);
    assertArrayEquals(
        enlargeWithRamp(z).toFloats(),
        run(z, tile, o, TiledDecodeTest::enlargeWithRamp).toFloats());
  }

  /** Every pixel as a weighted mean of all tiles that hold it, computed one by one. */
  @ParameterizedTest
  @CsvSource({"9,9,4,1", "13,7,5,2", "4,11,4,0", "8,8,4,2", "5,23,6,3"})
  void seamsAreBlendedLinearly(int h, int w, int tile, int overlap) {
    Tensor z = latents(1, h, w);
    Tensor tiled = run(z, tile, overlap, TiledDecodeTest::enlargeWithRamp);
    float[] plain = enlarge(z).toFloats();
    float[] actual = tiled.toFloats();
    int width = w * SCALE;
    for (int y = 0; y < h * SCALE; y++) {
      for (int x = 0; x < width; x++) {
        // The ramps are linear and the weights of rows and columns independent.
        double ramp = 0.25 * inTile(y, h, tile, overlap) + 0.0625 * inTile(x, w, tile, overlap);
        int at = (y * width + x) * 2;
        assertEquals(plain[at] + ramp, actual[at], 1e-5, "pixel " + y + ", " + x);
      }
    }
  }

  /** The blended position inside a tile of pixel {@code p}. */
  private static double inTile(int p, int extent, int tile, int overlap) {
    int stride = (tile - overlap) * SCALE;
    int index = 0;
    while ((index + 1) * stride <= p && index * (tile - overlap) + tile < extent) {
      index++;
    }
    int own = p - index * stride;
    if (index == 0 || own >= overlap * SCALE) {
      return own;
    }
    double share = (double) own / (overlap * SCALE);
    return (own + stride) * (1 - share) + own * share;
  }

  @Test
  void noTileIsLargerThanAskedFor() {
    List<Shape> seen = new ArrayList<>();
    run(
        latents(1, 40, 25),
        6,
        2,
        z -> {
          seen.add(z.shape());
          return enlarge(z);
        });
    assertTrue(seen.size() > 20, "tiles: " + seen.size());
    for (Shape s : seen) {
      assertTrue(s.dim(1) <= 6 && s.dim(2) <= 6, "a tile of " + s);
      assertTrue(s.dim(1) > 2 && s.dim(2) > 2, "a tile that others cover: " + s);
    }
  }

  @ParameterizedTest
  @CsvSource({"0,0", "4,-1", "4,3"})
  void impossibleTilingsAreRefused(int tile, int overlap) {
    assertThrows(IllegalArgumentException.class, () -> new Tiling(tile, overlap));
  }
}
