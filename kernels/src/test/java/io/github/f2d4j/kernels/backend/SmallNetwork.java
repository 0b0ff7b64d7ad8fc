package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Region;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A few layers as a denoiser has them, with weights in a region of their own. */
final class SmallNetwork {
  private static final int CHANNELS = 16;
  private static final int TOKENS = 2;

  final Region region = new Region();
  private final int side;
  private final List<Layer> layers = new ArrayList<>();

  private record Layer(Tensor filter, Tensor bias, Tensor scale, Tensor shift, Tensor query) {}

  /** Draws weights. */
  SmallNetwork(int side, long seed) {
    this.side = side;
    Random random = new Random(seed);
    for (int i = 0; i < 4; i++) {
      layers.add(
          new Layer(
              parameter(random, 0.1, CHANNELS, CHANNELS, 3, 3),
              parameter(random, 0.1, CHANNELS),
              parameter(random, 1, CHANNELS),
              parameter(random, 0.1, CHANNELS),
              parameter(random, 0.3, CHANNELS, CHANNELS)));
    }
  }

  private Tensor parameter(Random random, double deviation, int... dims) {
    TensorType type = TensorType.f32(Shape.of(dims));
    HostBuffer buffer = region.allocate(type.bytes());
    for (int i = 0; i < type.shape().elements(); i++) {
      buffer
          .segment()
          .setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (deviation * random.nextGaussian()));
    }
    return Tensor.parameter(type, buffer);
  }

  private static Tensor drawn(long seed, int... dims) {
    Random random = new Random(seed);
    float[] values = new float[Math.toIntExact(Shape.of(dims).elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, dims);
  }

  /** A picture to start from. */
  Tensor picture(long seed) {
    return drawn(seed, 1, side, side, CHANNELS);
  }

  /** What stands for keys and values of a text. */
  static Tensor text(long seed) {
    return drawn(seed, 1, TOKENS, CHANNELS);
  }

  /** Compiled for {@code backend}: picture, text → picture. */
  CompiledFunction on(Backend backend) throws Exception {
    return Backends.using(
        backend, () -> CompiledFunction.of(this::forward, picture(0).type(), text(0).type()));
  }

  private List<Tensor> forward(List<Tensor> inputs) {
    Tensor x = inputs.get(0);
    Tensor text = inputs.get(1);
    for (Layer layer : layers) {
      Tensor h = x.conv2d(layer.filter, layer.bias, Window.of(1, 1));
      h = h.groupNorm(4, layer.scale, layer.shift, 1e-5f).silu();
      Tensor q = h.reshape(1, side * side, CHANNELS).linear(layer.query, null).tanh();
      if (layer.equals(layers.getFirst())) {
        q = q.attention(text, text, 2, false);
      }
      x = x.add(q.reshape(1, side, side, CHANNELS));
    }
    return List.of(x);
  }
}
