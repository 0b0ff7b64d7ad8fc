package io.github.f2d4j.model.layout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.BatchNorm;
import io.github.f2d4j.engine.nn.Linear;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.model.checkpoint.Checkpoint;
import io.github.f2d4j.model.checkpoint.RandomModel;
import io.github.f2d4j.model.checkpoint.RandomModel.Component;
import io.github.f2d4j.model.clip.ClipTextEncoder;
import io.github.f2d4j.model.unet.UNet2DConditionModel;
import io.github.f2d4j.model.vae.AutoencoderKl;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RandomModelTest {
  private static final String UNET =
      """
      {"block_out_channels": [16, 32], "layers_per_block": 1, "norm_num_groups": 8,
       "cross_attention_dim": 24, "attention_head_dim": 2,
       "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
       "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"]}
      """;
  private static final String VAE =
      """
      {"block_out_channels": [8, 16], "norm_num_groups": 8,
       "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D"],
       "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D"]}
      """;
  private static final String TEXT =
      """
      {"vocab_size": 50, "hidden_size": 24, "intermediate_size": 96, "num_hidden_layers": 2,
       "num_attention_heads": 2, "max_position_embeddings": 9}
      """;

  private static final List<Component> COMPONENTS =
      List.of(
          Sd14.unet("unet", UNET), Sd14.vae("vae", VAE), Sd14.textEncoder("text_encoder", TEXT));

  @TempDir Path temp;

  private Path write(String name, DType dtype, long seed) throws IOException {
    Path folder = temp.resolve(name);
    RandomModel.write(folder, COMPONENTS, Sd14.files(), dtype, seed, file -> {});
    return folder;
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void everyComponentLoads(DType dtype) throws IOException {
    Path folder = write("m", dtype, 1);
    UNet2DConditionModel unet = UNet2DConditionModel.load(folder.resolve("unet"));
    assertEquals(24, unet.config().crossAttentionDim());
    assertEquals(2, AutoencoderKl.load(folder.resolve("vae")).config().scale());
    assertEquals(50, ClipTextEncoder.load(folder.resolve("text_encoder")).config().vocabSize());
    for (Tensor t : Checkpoint.open(folder.resolve("unet")).tensors().values()) {
      assertEquals(dtype, t.dtype());
    }
    assertTrue(Files.exists(folder.resolve("scheduler/scheduler_config.json")));
  }

  @Test
  void weightsHaveTheStatedDistribution() throws IOException {
    Map<String, Tensor> unet = Checkpoint.open(write("m", DType.F32, 1).resolve("unet")).tensors();
    for (float v : unet.get("mid_block.resnets.0.norm1.weight").toFloats()) {
      assertEquals(1f, v);
    }
    for (float v : unet.get("mid_block.resnets.0.conv1.bias").toFloats()) {
      assertEquals(0f, v);
    }
    float[] kernel = unet.get("mid_block.resnets.0.conv1.weight").toFloats(); // [32,32,3,3]
    double sum = 0;
    double squares = 0;
    for (float v : kernel) {
      sum += v;
      squares += v * v;
    }
    // 9216 samples: the mean is within 5 of its standard errors, the variance too.
    assertEquals(0, sum / kernel.length, 5 / Math.sqrt(288.0 * kernel.length));
    assertEquals(1, 288 * squares / kernel.length, 5 * Math.sqrt(2.0 / kernel.length));
  }

  @Test
  void theSeedDecidesEveryByte() throws IOException {
    Path a = write("a", DType.F16, 7);
    Path b = write("b", DType.F16, 7);
    Path c = write("c", DType.F16, 8);
    for (Component component : COMPONENTS) {
      String file = component.folder() + "/" + component.weightFile();
      assertEquals(-1, Files.mismatch(a.resolve(file), b.resolve(file)), file);
      assertTrue(Files.mismatch(a.resolve(file), c.resolve(file)) >= 0, file);
    }
  }

  @Test
  void tensorsOfOneShapeDiffer() throws IOException {
    Map<String, Tensor> unet = Checkpoint.open(write("m", DType.F32, 1).resolve("unet")).tensors();
    float[] a = unet.get("mid_block.resnets.0.conv1.weight").toFloats();
    float[] b = unet.get("mid_block.resnets.0.conv2.weight").toFloats();
    assertFalse(Arrays.equals(a, b));
  }

  @Test
  void anyNetworkCanBeWritten() throws IOException {
    Component other =
        new Component(
            "msid",
            "model.safetensors",
            "{\"kind\": \"test\"}",
            w -> {
              new Linear(w.at("fc"), 3, 5);
              new BatchNorm(w.at("bn"), 5, 1e-5f);
            });
    List<String> told = new ArrayList<>();
    Path folder = temp.resolve("m");
    RandomModel.write(
        folder, List.of(other), Map.of("a/b.txt", new byte[] {1, 2}), DType.F32, 3, told::add);
    Checkpoint checkpoint = Checkpoint.open(folder.resolve("msid"));
    assertEquals("test", checkpoint.config().text("kind"));
    assertArrayEquals(
        new float[] {1, 1, 1, 1, 1}, checkpoint.tensors().get("bn.running_var").toFloats());
    assertArrayEquals(new float[5], checkpoint.tensors().get("bn.running_mean").toFloats());
    assertArrayEquals(new byte[] {1, 2}, Files.readAllBytes(folder.resolve("a/b.txt")));
    assertEquals(List.of("a/b.txt", "msid/model.safetensors"), told);
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    write("m", DType.F16, 1);
    assertThrows(FileAlreadyExistsException.class, () -> write("m", DType.F16, 1));
    Path file = Files.writeString(temp.resolve("file"), "x");
    assertThrows(FileAlreadyExistsException.class, () -> write("file", DType.F16, 1));
    assertEquals("x", Files.readString(file));
    Map<String, byte[]> outside = Map.of("../x", new byte[0]);
    assertThrows(
        IllegalArgumentException.class,
        () -> RandomModel.write(temp.resolve("n"), COMPONENTS, outside, DType.F16, 1, path -> {}));
    assertThrows(IllegalArgumentException.class, () -> write("o", DType.I64, 1));
  }
}
