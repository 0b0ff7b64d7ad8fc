package io.github.f2d4j.model.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Layer;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import io.github.f2d4j.weights.safetensors.TensorSource;
import io.github.f2d4j.weights.testing.Close;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.MidSlice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** A fixture of a model with images: its weights and inputs as tensors, its values compared. */
public final class ModelFixture {
  private final Fixture fixture;
  private final double atol;
  private final double rtol;
  private final Map<String, Tensor> observed = new LinkedHashMap<>();

  /** Compares within {@code |x − ref| ≤ atol + rtol·|ref|}. */
  public ModelFixture(Fixture fixture, double atol, double rtol) {
    this.fixture = fixture;
    this.atol = atol;
    this.rtol = rtol;
  }

  /** The tensors of a file as a model's weights, without a copy. */
  public static Weights weights(String name, TensorSource source) {
    Map<String, Tensor> tensors = new TreeMap<>();
    for (String key : source.names()) {
      TensorEntry entry = source.get(key);
      tensors.put(key, Tensor.parameter(entry.type(), entry.data()));
    }
    return Weights.of(name, tensors);
  }

  /** The model's weights. */
  public Weights weights() {
    return weights(fixture.name(), fixture.weights());
  }

  /** The configuration as the models read it. */
  public ConfigJson config() {
    return ConfigJson.of(fixture.name(), fixture.config());
  }

  /** Input {@code in.<name>} as F32; an image [N,C,H,W] becomes [N,H,W,C]. */
  public Tensor input(String name) {
    String key = "in." + name;
    Tensor t = Tensor.of(fixture.floats(key), fixture.shape(key));
    return t.shape().rank() == 4 ? t.nchwToNhwc() : t;
  }

  /** Runs a model and remembers the outputs of all its modules. */
  public <T> T observe(Supplier<T> model) {
    return Layer.observing(observed::put, model);
  }

  /** Compares with {@code out.<name>}. */
  public void assertOutput(String name, Tensor actual) {
    String key = "out." + name;
    Tensor nchw = actual.shape().rank() == 4 ? actual.nhwcToNchw() : actual;
    assertEquals(fixture.shape(key), nchw.shape(), fixture + " " + key);
    Close.assertClose(fixture + " " + key, fixture.floats(key), nchw.toFloats(), atol, rtol);
  }

  /** Compares all {@code mid.*} with what {@link #observe} saw. */
  public void assertIntermediates() {
    List<String> names = fixture.names("mid.");
    List<Tensor> tensors = new ArrayList<>();
    for (String name : names) {
      Tensor t = module(MidSlice.parse(name).module());
      tensors.add(t.shape().rank() == 4 ? t.nhwcToNchw() : t);
    }
    Tensor.eval(tensors);
    for (int i = 0; i < names.size(); i++) {
      assertIntermediate(names.get(i), tensors.get(i));
    }
  }

  private void assertIntermediate(String name, Tensor whole) {
    MidSlice slice = MidSlice.parse(name);
    float[] actual = slice.cut(whole.toFloats(), whole.shape());
    Shape shape = slice.shape(whole.shape());
    Shape expected = fixture.shape(name);
    // Some fixtures keep only the first images of an unsliced output.
    if (!slice.isSliced() && expected.rank() == shape.rank() && expected.dim(0) < shape.dim(0)) {
      shape = shape.with(0, expected.dim(0));
      actual = Arrays.copyOf(actual, Math.toIntExact(shape.elements()));
    }
    assertEquals(expected, shape, fixture + " " + name);
    Close.assertClose(fixture + " " + name, fixture.floats(name), actual, atol, rtol);
  }

  /** The names of all outputs, of which there is at least one. */
  public List<String> outputs() {
    List<String> names = fixture.names("out.");
    assertFalse(names.isEmpty(), fixture + " has no outputs");
    return names;
  }

  /**
   * The output of the module of that path; some fixtures name it by the end of its path, and then
   * the outermost such module is meant.
   */
  private Tensor module(String path) {
    Tensor exact = observed.get(path);
    if (exact != null) {
      return exact;
    }
    String outermost =
        observed.keySet().stream()
            .filter(key -> key.endsWith("." + path))
            .min(Comparator.comparingLong(key -> key.chars().filter(c -> c == '.').count()))
            .orElse("");
    Tensor found = observed.get(outermost);
    assertNotNull(found, fixture + ": there is no module " + path + " in " + observed.keySet());
    return found;
  }
}
