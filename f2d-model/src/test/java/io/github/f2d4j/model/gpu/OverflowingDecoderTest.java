package io.github.f2d4j.model.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.kernels.backend.CudaBackend;
import io.github.f2d4j.kernels.backend.Precision;
import io.github.f2d4j.kernels.catalog.PtxSet;
import io.github.f2d4j.kernels.device.SimulatedGpu;
import io.github.f2d4j.kernels.setup.CudaMode;
import io.github.f2d4j.kernels.setup.CudaMode.Convolutions;
import io.github.f2d4j.kernels.setup.CudaMode.Products;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.vae.AutoencoderKl;
import io.github.f2d4j.model.vae.AutoencoderKlConfig;
import io.github.f2d4j.weights.testing.Close;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.Goldens;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** A picture decoder whose activations are beyond float16, on a simulated GPU. */
class OverflowingDecoderTest {
  private static float[] normal(int count, double deviation, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  /** All weights near what they are in a trained decoder, but the first, which are far larger. */
  private static AutoencoderKl drawn(AutoencoderKlConfig config) {
    Weights names = Weights.recording();
    assertEquals(config, new AutoencoderKl(names, config).config());
    Map<String, Tensor> weights = new HashMap<>();
    names
        .declared()
        .forEach(
            (name, type) -> {
              int count = Math.toIntExact(type.shape().elements());
              double deviation = name.equals("decoder.conv_in.weight") ? 1e5 : 0.2;
              float[] values = normal(count, deviation, name.hashCode());
              Tensor t = Tensor.of(values, type.shape().dims());
              weights.put(name, Tensor.parameter(t.type(), t.buffer()));
            });
    return new AutoencoderKl(Weights.of("drawn", weights), config);
  }

  @Test
  void pictureIsDecodedAgainInBfloat16() throws Exception {
    Fixture fixture = Goldens.fixtures("vae").getFirst();
    JsonNode config = fixture.config().required("vae");
    AutoencoderKl vae = drawn(AutoencoderKlConfig.of(ConfigJson.of(fixture.name(), config)));
    int channels = vae.config().latentChannels();
    Tensor latent = Tensor.of(normal(4 * channels, 1, 3), 1, 2, 2, channels);
    Callable<float[]> picture = () -> vae.decode(latent).toFloats();
    SimulatedGpu gpu =
        new SimulatedGpu(PtxSet.SM80, new CudaMode(true, Products.FUSED, Convolutions.CUDNN));
    float[] expected = Backends.using(new CpuBackend(WorkPool.shared()), picture);
    float[] actual = Backends.using(new CudaBackend(gpu, Precision.F16), picture);
    Close.assertClose("a picture", expected, actual, 0.08 * Close.maxAbs(expected), 0);
    assertTrue(
        gpu.calls().keySet().stream().anyMatch(k -> k.endsWith("_bf16")), gpu.calls()::toString);
  }
}
