package io.github.f2d4j.model.gpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.kernels.backend.CudaBackend;
import io.github.f2d4j.kernels.backend.Precision;
import io.github.f2d4j.kernels.catalog.PtxSet;
import io.github.f2d4j.kernels.device.SimulatedGpu;
import io.github.f2d4j.kernels.setup.CudaMode;
import io.github.f2d4j.kernels.setup.CudaMode.Convolutions;
import io.github.f2d4j.kernels.setup.CudaMode.Products;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.unet.UNet2DConditionModel;
import io.github.f2d4j.model.unet.UNetConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A step of the denoiser as one recording, on a simulated GPU. */
class RecordedStepTest {
  private static final CudaMode EVERYTHING = new CudaMode(true, Products.FUSED, Convolutions.CUDNN);
  private static final int SIDE = 2;

  private static final String SMALL =
      """
      {"sample_size": 2, "in_channels": 4, "out_channels": 4, "center_input_sample": false,
       "flip_sin_to_cos": true, "freq_shift": 0,
       "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
       "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
       "block_out_channels": [8, 16], "layers_per_block": 1, "downsample_padding": 1,
       "mid_block_scale_factor": 1, "act_fn": "silu", "norm_num_groups": 4, "norm_eps": 1e-05,
       "cross_attention_dim": 8, "attention_head_dim": 1}
      """;

  private static float[] normal(int count, double deviation, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  private static UNet2DConditionModel drawn() {
    UNetConfig config = UNetConfig.of(ConfigJson.parse("config", SMALL));
    Weights names = Weights.recording();
    assertEquals(config, new UNet2DConditionModel(names, config).config());
    Map<String, Tensor> weights = new HashMap<>();
    names
        .declared()
        .forEach(
            (name, type) -> {
              int count = Math.toIntExact(type.shape().elements());
              float[] values = normal(count, 0.2, name.hashCode());
              Tensor t = Tensor.of(values, type.shape().dims());
              weights.put(name, Tensor.parameter(t.type(), t.buffer()));
            });
    return new UNet2DConditionModel(Weights.of("drawn", weights), config);
  }

  /** Steps at some times for one text after another, each with its keys and values. */
  private static List<float[]> steps(
      CudaBackend backend, UNet2DConditionModel unet, List<List<Integer>> timesOfTexts)
      throws Exception {
    return Backends.using(
        backend,
        () -> {
          List<float[]> results = new ArrayList<>();
          CompiledFunction step = null;
          for (List<Integer> times : timesOfTexts) {
            List<Tensor> inputs = new ArrayList<>(List.of(Tensor.scalar(0), Tensor.scalar(0)));
            int width = unet.config().crossAttentionDim();
            float[] text = normal(2 * 3 * width, 1, times.getFirst());
            inputs.addAll(unet.keysValues(Tensor.of(text, 2, 3, width)));
            Tensor.eval(inputs);
            for (int time : times) {
              int channels = unet.config().inChannels();
              float[] x = normal(2 * SIDE * SIDE * channels, 1, time);
              inputs.set(0, Tensor.of(x, 2, SIDE, SIDE, channels));
              inputs.set(1, Tensor.of(new float[] {time}, 1));
              step = step == null ? compiled(unet, inputs) : step;
              results.add(step.call(inputs.toArray(Tensor[]::new)).getFirst().toFloats());
            }
          }
          return results;
        });
  }

  private static CompiledFunction compiled(UNet2DConditionModel unet, List<Tensor> inputs) {
    return CompiledFunction.of(
        in -> List.of(unet.forward(in.get(0), in.get(1), in.subList(2, in.size()))),
        inputs.stream().map(Tensor::type).toArray(TensorType[]::new));
  }

  @Test
  void stepsAsRecordingsGiveTheSameBits() throws Exception {
    UNet2DConditionModel unet = drawn();
    SimulatedGpu gpu = new SimulatedGpu(PtxSet.SM80, EVERYTHING);
    CudaBackend backend = new CudaBackend(gpu, Precision.F16);
    // The first two run kernel by kernel.
    List<Integer> some = List.of(981);
    List<Integer> others = List.of(640);
    List<float[]> results = steps(backend, unet, List.of(some, others, some, others));
    assertArrayEquals(results.get(0), results.get(2));
    assertArrayEquals(results.get(1), results.get(3));
    assertFalse(Arrays.equals(results.get(0), results.get(1)));
    assertEquals(2, gpu.calls().get("recording"), backend::describe);
  }
}
