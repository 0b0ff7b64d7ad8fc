package io.github.f2d4j.model.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.kernels.backend.CudaBackend;
import io.github.f2d4j.kernels.backend.Precision;
import io.github.f2d4j.kernels.catalog.PtxSet;
import io.github.f2d4j.kernels.device.SimulatedGpu;
import io.github.f2d4j.kernels.setup.CudaMode;
import io.github.f2d4j.kernels.setup.CudaMode.Convolutions;
import io.github.f2d4j.kernels.setup.CudaMode.Products;
import io.github.f2d4j.model.checkpoint.Checkpoint;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.clip.ClipTextConfig;
import io.github.f2d4j.model.clip.ClipTextEncoder;
import io.github.f2d4j.model.unet.UNet2DConditionModel;
import io.github.f2d4j.model.unet.UNetConfig;
import io.github.f2d4j.model.vae.AutoencoderKl;
import io.github.f2d4j.model.vae.AutoencoderKlConfig;
import io.github.f2d4j.weights.testing.Close;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.Goldens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/**
 * Whole networks on a simulated GPU, through the plans, memory and launch arguments that a real one
 * gets, against the CPU backend.
 */
class SimulatedGpuTest {
  private static final CudaMode EVERYTHING = new CudaMode(true, Products.FUSED, Convolutions.CUDNN);
  private static final CudaMode LEAST = new CudaMode(true, Products.PLAIN, Convolutions.IM2COL);
  private static final Backend CPU = new CpuBackend(WorkPool.shared());

  /** Heads of 40 and 80, for which there are kernels on tensor cores, and two resolutions. */
  private static final String HEADS_OF_40_AND_80 =
      """
      {"sample_size": 8, "in_channels": 4, "out_channels": 4, "center_input_sample": false,
       "flip_sin_to_cos": true, "freq_shift": 0,
       "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
       "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
       "block_out_channels": [40, 80], "layers_per_block": 1, "downsample_padding": 1,
       "mid_block_scale_factor": 1, "act_fn": "silu", "norm_num_groups": 8, "norm_eps": 1e-05,
       "cross_attention_dim": 48, "attention_head_dim": 1}
      """;

  /** The largest error over the largest expected value. */
  private static double allowed(Precision precision) {
    return switch (precision) {
      case F32 -> 2e-5;
      case F16 -> 1e-2;
      case BF16 -> 8e-2;
    };
  }

  private static void assertClose(
      String what, Precision precision, float[] expected, float[] actual) {
    Close.assertClose(what, expected, actual, allowed(precision) * Close.maxAbs(expected), 0);
  }

  private static float[] normal(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static UNet2DConditionModel drawn(UNetConfig config) {
    Weights names = Weights.recording();
    UNet2DConditionModel unknown = new UNet2DConditionModel(names, config);
    assertEquals(config, unknown.config());
    Map<String, Tensor> weights = new HashMap<>();
    names.declared().forEach((name, type) -> weights.put(name, drawn(name, type)));
    return new UNet2DConditionModel(Weights.of("drawn", weights), config);
  }

  /** Of a size that keeps activations near one; scales are near one, biases small. */
  private static Tensor drawn(String name, TensorType type) {
    int count = Math.toIntExact(type.shape().elements());
    boolean vector = type.shape().rank() == 1;
    double deviation = vector ? 0.1 : 1 / Math.sqrt((double) count / type.shape().dim(0));
    float[] values = normal(count, name.hashCode());
    for (int i = 0; i < count; i++) {
      double mean = vector && name.endsWith("weight") ? 1 : 0;
      values[i] = (float) (mean + deviation * values[i]);
    }
    Tensor drawn = Tensor.of(values, type.shape().dims());
    return Tensor.parameter(drawn.type(), drawn.eval().buffer());
  }

  /** A step as the pipeline does it: the text's keys and values, then a compiled function. */
  private static float[] step(Backend backend, UNet2DConditionModel unet) throws Exception {
    UNetConfig config = unet.config();
    int channels = config.inChannels();
    Tensor text =
        Tensor.of(normal(2 * 7 * config.crossAttentionDim(), 1), 2, 7, config.crossAttentionDim());
    Tensor sample = Tensor.of(normal(2 * 8 * 8 * channels, 2), 2, 8, 8, channels);
    Callable<float[]> body =
        () -> {
          List<Tensor> inputs = new ArrayList<>();
          inputs.add(sample);
          inputs.add(Tensor.of(new float[] {981}, 1));
          inputs.addAll(unet.keysValues(text));
          Tensor.eval(inputs);
          CompiledFunction step =
              CompiledFunction.of(
                  in -> List.of(unet.forward(in.get(0), in.get(1), in.subList(2, in.size()))),
                  inputs.stream().map(Tensor::type).toArray(TensorType[]::new));
          return step.call(inputs.toArray(Tensor[]::new)).getFirst().toFloats();
        };
    return Backends.using(backend, body);
  }

  private static void compare(UNet2DConditionModel unet, SimulatedGpu gpu, Precision precision)
      throws Exception {
    float[] expected = step(CPU, unet);
    float[] actual = step(new CudaBackend(gpu, precision), unet);
    assertClose("a step in " + precision, precision, expected, actual);
  }

  private static UNet2DConditionModel headsOf40And80() {
    return drawn(UNetConfig.of(ConfigJson.parse("config", HEADS_OF_40_AND_80)));
  }

  @Test
  void stepInFloat32() throws Exception {
    compare(headsOf40And80(), new SimulatedGpu(PtxSet.SM80, EVERYTHING), Precision.F32);
  }

  @Test
  void stepInFloat16() throws Exception {
    SimulatedGpu gpu = new SimulatedGpu(PtxSet.SM80, EVERYTHING);
    compare(headsOf40And80(), gpu, Precision.F16);
    Map<String, Integer> calls = gpu.calls();
    for (String call :
        List.of(
            "attend40_f16",
            "attend80_f16",
            "fused gemm",
            "convolution",
            "biased convolution",
            "group_norm_once_f16",
            "layer_norm_f16",
            "geglu_f16")) {
      assertTrue(calls.containsKey(call), calls::toString);
    }
    assertTrue(calls.keySet().stream().noneMatch(k -> k.startsWith("im2col")), calls::toString);
  }

  @Test
  void stepInBfloat16OnAnOldGpuWithoutCudnn() throws Exception {
    Fixture fixture = Goldens.fixtures("unet").getFirst();
    JsonNode config = fixture.config().required("unet");
    UNet2DConditionModel unet =
        new UNet2DConditionModel(
            weights(fixture), UNetConfig.of(ConfigJson.of(fixture.name(), config)));
    SimulatedGpu gpu = new SimulatedGpu(PtxSet.SM70, LEAST);
    compare(unet, gpu, Precision.BF16);
    Map<String, Integer> calls = gpu.calls();
    assertTrue(calls.containsKey("im2col_b16"), calls::toString);
    assertTrue(calls.keySet().stream().noneMatch(k -> k.contains("convolution")), calls::toString);
    assertEquals(null, calls.get("fused gemm"));
  }

  private static Weights weights(Fixture fixture) {
    return Checkpoint.of(fixture.weights(), Path.of("")).weights();
  }

  /** The same computation on the CPU and in float16 on a simulated GPU. */
  private static void compare(String what, Callable<Tensor> body) throws Exception {
    Callable<float[]> values = () -> body.call().toFloats();
    Backend gpu = new CudaBackend(new SimulatedGpu(PtxSet.SM80, EVERYTHING), Precision.F16);
    assertClose(what, Precision.F16, Backends.using(CPU, values), Backends.using(gpu, values));
  }

  @Test
  void pictureOfLatents() throws Exception {
    Fixture fixture = Goldens.fixtures("vae").getFirst();
    JsonNode config = fixture.config().required("vae");
    AutoencoderKl vae =
        new AutoencoderKl(
            weights(fixture), AutoencoderKlConfig.of(ConfigJson.of(fixture.name(), config)));
    Tensor latent = Tensor.of(normal(4 * 4 * 4, 3), 1, 4, 4, 4);
    compare("a picture", () -> vae.decode(latent));
  }

  @Test
  void statesOfText() throws Exception {
    Fixture fixture = Goldens.fixtures("clip_text").getFirst();
    JsonNode config = fixture.config().required("text_encoder");
    ClipTextEncoder clip =
        new ClipTextEncoder(
            weights(fixture), ClipTextConfig.of(ConfigJson.of(fixture.name(), config)));
    int length = fixture.shape("in.input_ids").dim(1);
    long[] flat = fixture.longs("in.input_ids");
    long[][] ids = new long[1][length];
    System.arraycopy(flat, 0, ids[0], 0, length);
    compare("states of a text", () -> clip.encode(clip.embed(ids)));
  }
}
