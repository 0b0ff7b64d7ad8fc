package io.github.f2d4j.model.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.weights.testing.Close;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.MidSlice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Moves tensors between fixtures, where images are N,C,H,W, and models, where they are N,H,W,C. The
 * axes are exchanged by plain loops, so that no operator under test takes part.
 */
public final class Reference {
  private Reference() {}

  /** The tensor {@code name}, which may end in a slice such as {@code in.sample[0:1]}. */
  public static Tensor tensor(Fixture fixture, String name) {
    int bracket = name.indexOf('[');
    String key = bracket < 0 ? name : name.substring(0, bracket);
    MidSlice slice = MidSlice.parse(name);
    Shape full = fixture.shape(key);
    return Tensor.of(slice.cut(fixture.floats(key), full), slice.shape(full));
  }

  /** The image {@code name} [N,C,...], which may end in a slice, as [N,...,C]. */
  public static Tensor image(Fixture fixture, String name) {
    Tensor nchw = tensor(fixture, name);
    int batch = nchw.dim(0);
    int channels = nchw.dim(1);
    int pixels = Math.toIntExact(nchw.shape().elements() / ((long) batch * channels));
    int[] dims = nchw.shape().dims();
    System.arraycopy(dims, 2, dims, 1, dims.length - 2);
    dims[dims.length - 1] = channels;
    return Tensor.of(transpose(nchw.toFloats(), batch, channels, pixels), dims);
  }

  /** The values of an image [N,...,C] as [N,C,...]. */
  public static float[] channelsFirst(Tensor t) {
    int batch = t.dim(0);
    int channels = t.dim(-1);
    int pixels = Math.toIntExact(t.shape().elements() / ((long) batch * channels));
    return transpose(t.toFloats(), batch, pixels, channels);
  }

  /** [batch,rows,columns] → [batch,columns,rows]. */
  private static float[] transpose(float[] from, int batch, int rows, int columns) {
    float[] to = new float[from.length];
    for (int n = 0; n < batch; n++) {
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          to[(n * columns + c) * rows + r] = from[(n * rows + r) * columns + c];
        }
      }
    }
    return to;
  }

  /** The shape of an image [N,...,C] as [N,C,...]. */
  public static Shape channelsFirst(Shape s) {
    int[] dims = s.dims();
    System.arraycopy(dims, 1, dims, 2, dims.length - 2);
    dims[1] = s.dim(-1);
    return Shape.of(dims);
  }

  /** The values of a result as fixtures hold them: those of rank 4 are images. */
  private static float[] values(Tensor t) {
    return t.shape().rank() == 4 ? channelsFirst(t) : t.toFloats();
  }

  private static Shape shape(Tensor t) {
    return t.shape().rank() == 4 ? channelsFirst(t.shape()) : t.shape();
  }

  /** Compares shape and values of a result with the fixture's tensor {@code name}. */
  public static void assertClose(
      Fixture fixture, String name, Tensor actual, double atol, double rtol) {
    String what = fixture + " " + name;
    assertEquals(fixture.shape(name), shape(actual), what + ": shape");
    Close.assertClose(what, fixture.floats(name), values(actual), atol, rtol);
  }

  /**
   * Compares a module's output with the intermediate {@code name}, {@code mid.<path>} with an
   * optional slice.
   */
  public static void assertMidClose(
      Fixture fixture, String name, Map<String, Tensor> observed, double atol, double rtol) {
    MidSlice slice = MidSlice.parse(name);
    Tensor actual = observed.get(slice.module());
    if (actual == null) {
      throw new AssertionError(
          fixture + " " + name + ": no module of that path; there are " + observed.keySet());
    }
    String what = fixture + " " + name;
    Shape full = shape(actual);
    assertEquals(fixture.shape(name), slice.shape(full), what + ": shape");
    Close.assertClose(what, fixture.floats(name), slice.cut(values(actual), full), atol, rtol);
  }

  /**
   * Runs {@code body} and gives the outputs of all modules by path, computed in one plan. The
   * result lies under the empty path.
   */
  public static Map<String, Tensor> observe(Supplier<Tensor> body) {
    Map<String, Tensor> observed = new HashMap<>();
    observed.put("", Layer.observing(observed::put, body));
    Tensor.eval(List.copyOf(observed.values()));
    return observed;
  }
}
