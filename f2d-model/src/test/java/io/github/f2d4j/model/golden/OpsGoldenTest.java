package io.github.f2d4j.model.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.model.testing.Reference;
import io.github.f2d4j.model.unet.Timesteps;
import io.github.f2d4j.model.vae.DiagonalGaussianDistribution;
import io.github.f2d4j.weights.testing.Close;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.Goldens;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every fixture {@code ops*}: each case is computed as its text says. */
class OpsGoldenTest {
  private static final double ATOL = 2e-5;
  private static final double RTOL = 1e-5;

  /** The reference multiplies t by the frequency in float32, and t goes up to 1000. */
  private static final double TIMESTEP_ATOL = 2e-4;

  private static final Pattern MAX_POOL =
      Pattern.compile("max_pool2d (\\d+)x\\1 stride (\\d+) padding (\\d+) \\(pads with -inf\\)");
  private static final Pattern L2 =
      Pattern.compile("x / max\\(\\|\\|x\\|\\|_2, ([-0-9.e]+)\\) over axis 1");
  private static final Pattern NEAREST = Pattern.compile("nearest x(\\d+)");
  private static final Pattern LEAKY_RELU = Pattern.compile("leaky_relu slope ([-0-9.e]+)");

  @TestFactory
  List<DynamicTest> fixtures() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Fixture fixture : Goldens.fixtures("ops")) {
      TreeSet<String> outputs = new TreeSet<>(fixture.names("out."));
      for (JsonNode c : fixture.config().required("cases")) {
        Case op = new Case(fixture, c.required("case").textValue(), c);
        outputs.remove("out." + op.name);
        tests.add(DynamicTest.dynamicTest(fixture + " " + op.name, op::check));
      }
      tests.add(
          DynamicTest.dynamicTest(
              fixture + " has a case for every output",
              () -> assertEquals(new TreeSet<String>(), outputs)));
    }
    return tests;
  }

  private record Case(Fixture fixture, String name, JsonNode json) {

    void check() {
      String op = json.required("op").textValue();
      switch (op) {
        case "conv2d" -> image(conv2d(x(), Window.of(integer("stride"), integer("padding"))));
        case "pad right/bottom by 1 zero (F.pad (0,1,0,1)) then conv2d stride 2 padding 0" ->
            image(conv2d(x(), new Window(2, 2, 0, 1, 0, 1)));
        case "group_norm", "group_norm on (B,C,L)" ->
            image(x().groupNorm(integer("groups"), arg("weight"), arg("bias"), eps()));
        case "layer_norm over the last axis" ->
            plain(arg("x").layerNorm(arg("weight"), arg("bias"), eps()));
        case "batch_norm eval" -> image(batchNorm());
        case "x*sigmoid(x)" -> plain(arg("x").silu());
        case "exact gelu" -> plain(arg("x").gelu());
        case "x*sigmoid(1.702x)" -> plain(arg("x").quickGelu());
        case "relu" -> exact(arg("x").relu());
        case "prelu, one slope per channel (axis 1)" -> image(x().prelu(arg("weight")));
        case "sigmoid" -> plain(arg("x").sigmoid());
        case "erf" -> plain(arg("x").erf());
        case "softmax over the last axis" -> plain(arg("x").softmax());
        case "log_softmax over the last axis" -> plain(arg("x").logSoftmax());
        case "x @ weight^T + bias" -> plain(arg("x").linear(arg("weight"), arg("bias")));
        case "x @ weight^T" -> plain(arg("x").linear(arg("weight"), null));
        case "h,gate = split(x @ weight^T + bias) in halves; h * gelu_erf(gate)" ->
            plain(arg("x").linear(arg("weight"), arg("bias")).geglu());
        case "nearest to the given (odd) size" ->
            exactImage(
                x().upsampleNearest(
                        json.required("size").get(0).intValue(),
                        json.required("size").get(1).intValue()));
        case "mean over H,W" -> image(globalAveragePool());
        case "mean,logvar = split(x, axis 1); logvar clamped to [-30,20]; out = [mean, logvar, std,"
                + " var]" ->
            image(diagonalGaussian());
        case "get_timestep_embedding" -> compare(timestepEmbedding(), TIMESTEP_ATOL, 0);
        default -> checkByPattern(op);
      }
    }

    private void checkByPattern(String op) {
      Matcher pool = MAX_POOL.matcher(op);
      Matcher l2 = L2.matcher(op);
      Matcher nearest = NEAREST.matcher(op);
      Matcher leaky = LEAKY_RELU.matcher(op);
      if (pool.matches()) {
        Window window = Window.of(Integer.parseInt(pool.group(2)), Integer.parseInt(pool.group(3)));
        exactImage(x().maxPool2d(Integer.parseInt(pool.group(1)), window));
      } else if (l2.matches()) {
        image(x().l2Normalize(Float.parseFloat(l2.group(1))));
      } else if (nearest.matches()) {
        int factor = Integer.parseInt(nearest.group(1));
        Tensor x = x();
        exactImage(x.upsampleNearest(factor * x.dim(1), factor * x.dim(2)));
      } else if (leaky.matches()) {
        plain(arg("x").leakyRelu(Float.parseFloat(leaky.group(1))));
      } else {
        throw new AssertionError(
            fixture + " " + name + ": this test does not know the op '" + op + "'");
      }
    }

    // ---- operators that need more than one call

    private Tensor conv2d(Tensor x, Window window) {
      int groups = json.has("groups") ? integer("groups") : 1;
      return x.conv2d(arg("weight"), optional("bias"), window, groups);
    }

    private Tensor batchNorm() {
      return x().batchNorm(
              arg("weight"), arg("bias"), arg("running_mean"), arg("running_var"), eps());
    }

    private Tensor globalAveragePool() {
      Tensor x = x();
      return x.mean(1, 2).reshape(x.dim(0), 1, 1, x.dim(3));
    }

    private Tensor diagonalGaussian() {
      DiagonalGaussianDistribution d = DiagonalGaussianDistribution.of(x());
      return Tensor.concat(3, d.mean(), d.logvar(), d.std(), d.variance());
    }

    private Tensor timestepEmbedding() {
      assertEquals(10000, json.required("max_period").doubleValue(), "max_period");
      Timesteps timesteps =
          new Timesteps(
              Weights.recording(),
              integer("dim"),
              json.required("flip_sin_to_cos").booleanValue(),
              json.required("downscale_freq_shift").floatValue());
      return timesteps.forward(Reference.tensor(fixture, "in.timesteps"));
    }

    // ---- arguments

    private Tensor arg(String arg) {
      return Reference.tensor(fixture, "in." + name + "." + arg);
    }

    private @Nullable Tensor optional(String arg) {
      return fixture.has("in." + name + "." + arg) ? arg(arg) : null;
    }

    /** The input with its channels, axis 1 of the fixture, last. */
    private Tensor x() {
      return Reference.image(fixture, "in." + name + ".x");
    }

    private int integer(String key) {
      return json.required(key).intValue();
    }

    private float eps() {
      return (float) json.required("eps").doubleValue();
    }

    // ---- comparison

    private void image(Tensor actual) {
      compareImage(actual, ATOL, RTOL);
    }

    private void exactImage(Tensor actual) {
      compareImage(actual, 0, 0);
    }

    private void compareImage(Tensor actual, double atol, double rtol) {
      String out = "out." + name;
      assertEquals(fixture.shape(out), Reference.channelsFirst(actual.shape()), out + ": shape");
      Close.assertClose(out, fixture.floats(out), Reference.channelsFirst(actual), atol, rtol);
    }

    private void plain(Tensor actual) {
      compare(actual, ATOL, RTOL);
    }

    private void exact(Tensor actual) {
      compare(actual, 0, 0);
    }

    private void compare(Tensor actual, double atol, double rtol) {
      String out = "out." + name;
      assertEquals(fixture.shape(out), actual.shape(), out + ": shape");
      Close.assertClose(out, fixture.floats(out), actual.toFloats(), atol, rtol);
    }
  }
}
