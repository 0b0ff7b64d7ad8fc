package io.github.f2d4j.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.nn.WeightsException;
import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.testing.PackedModel;
import io.github.f2d4j.weights.safetensors.SafetensorsException;
import io.github.f2d4j.weights.testing.TorchWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Model folders of every wrong kind: one clear message each. */
class ModelFolderTest {
  @TempDir private Path temporary;
  private Path model;

  /** A copy of the built-in model, to be damaged. */
  @BeforeEach
  void copy() throws IOException {
    Path source = DemoModel.open().folder();
    model = temporary.resolve("model");
    try (Stream<Path> files = Files.walk(source)) {
      files.forEach(
          f -> {
            try {
              Files.copy(f, model.resolve(source.relativize(f).toString()));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }

  private static ModelException refused(Path folder, String... words) {
    ModelException e =
        assertThrows(ModelException.class, () -> Face2DiffusionPipeline.load(folder));
    for (String word : words) {
      assertTrue(e.getMessage().contains(word), e.getMessage() + " must contain " + word);
    }
    return e;
  }

  private static void delete(Path path) throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path f : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(f);
      }
    }
  }

  private void replace(String file, String from, String to) throws IOException {
    Path path = model.resolve(file);
    String text = Files.readString(path);
    assertTrue(text.contains(from), file + " must contain " + from);
    Files.writeString(path, text.replace(from, to));
  }

  @Test
  void goodFolderLoads() throws Exception {
    Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(model);
    assertEquals(64, pipeline.defaults().width());
    assertTrue(ModelFolder.open(model).expression().isEmpty());
  }

  @Test
  void partsMayLieElsewhereAndInFiles() throws Exception {
    Path msid = temporary.resolve("identity.safetensors");
    Files.move(model.resolve("msid/model.safetensors"), msid);
    delete(model.resolve("msid"));
    Path mapping = temporary.resolve("map");
    Files.createDirectory(mapping);
    for (String name : new String[] {"model.safetensors", "config.json"}) {
      Files.move(model.resolve("mapping").resolve(name), mapping.resolve(name));
    }
    delete(model.resolve("mapping"));
    ModelFolder folder = ModelFolder.open(model, msid, mapping);
    assertEquals(4.0, PipelineParts.load(folder).defaults().guidanceScale());
  }

  @Test
  void whatIsNoFolderIsRefused() throws Exception {
    refused(temporary.resolve("nowhere"), "no model folder", "nowhere");
    refused(Files.createFile(temporary.resolve("notes.txt")), "notes.txt", "is a file");
    refused(Files.createFile(temporary.resolve("sd-v1-4.ckpt")), "one file", "diffusers");
    refused(Files.createDirectory(temporary.resolve("empty")), "no model folder", "unet");
  }

  @Test
  void plainStableDiffusionIsRefused() throws Exception {
    delete(model.resolve("msid"));
    refused(model, "without the identity encoder", "msid");
    delete(model.resolve("mapping"));
    refused(model, "identity encoder", "mapping network");
  }

  @Test
  void missingPartsAreNamed() throws Exception {
    delete(model.resolve("vae"));
    delete(model.resolve("tokenizer"));
    refused(model, "lacks tokenizer, vae");
  }

  @Test
  void missingFilesAreNamed() throws Exception {
    Files.delete(model.resolve("unet/diffusion_pytorch_model.safetensors"));
    refused(model, "denoiser", "unet");
  }

  @Test
  void otherFamiliesAreRefused() throws Exception {
    Files.createDirectory(model.resolve("text_encoder_2"));
    refused(model, "Stable Diffusion XL", "1.x");
    Files.delete(model.resolve("text_encoder_2"));
    Files.createDirectory(model.resolve("transformer"));
    refused(model, "transformer", "1.x");
    Files.delete(model.resolve("transformer"));
    replace("model_index.json", "StableDiffusionPipeline", "StableDiffusionXLPipeline");
    refused(model, "Stable Diffusion XL");
  }

  @Test
  void otherVersionsAreRefused() throws Exception {
    replace("unet/config.json", "\"cross_attention_dim\": 128", "\"cross_attention_dim\": 1024");
    refused(model, "Stable Diffusion 2.x", "1.x");
    replace("unet/config.json", "\"cross_attention_dim\": 1024", "\"cross_attention_dim\": 128");
    replace("unet/config.json", "\"in_channels\": 4", "\"in_channels\": 9");
    refused(model, "inpainting", "9");
  }

  /** The parts of other versions that have no width of their own to be told by. */
  @Test
  void refinersAndUnfinishedConversionsAreRefused() throws Exception {
    replace("unet/config.json", "\"cross_attention_dim\": 128", "\"cross_attention_dim\": 1280");
    refused(model, "refiner", "1.x");
    Files.writeString(
        model.resolve("conversion.json"),
        "{\"format\": \"f2d4j conversion 1\", \"outstanding\": [\"vae/config.json\"]}");
    refused(model, "not converted to the end", "f2d convert");
  }

  /** Some models fine-tuned from 1.x predict velocities. */
  @Test
  void velocitiesAreAllowed() throws Exception {
    replace("scheduler/scheduler_config.json", "\"epsilon\"", "\"v_prediction\"");
    PipelineParts.load(ModelFolder.open(model)).requireMatch("velocities");
  }

  /** Weights under every usual name, as half of the precision or as PyTorch saves them. */
  @Test
  void variantsOfWeightFilesAreFound() throws Exception {
    for (String part : new String[] {"unet", "vae"}) {
      Files.move(
          model.resolve(part + "/diffusion_pytorch_model.safetensors"),
          model.resolve(part + "/diffusion_pytorch_model.fp16.safetensors"));
    }
    Files.move(
        model.resolve("text_encoder/model.safetensors"),
        model.resolve("text_encoder/model.fp16.safetensors"));
    Path bin = model.resolve("msid/pytorch_model.bin");
    TorchWriter.write(bin, PackedModel.part(model, "msid"));
    Files.delete(model.resolve("msid/model.safetensors"));
    Files.createDirectory(model.resolve("safety_checker"));
    PipelineParts.load(ModelFolder.open(model)).requireMatch("variants");
  }

  @Test
  void samplersThatPredictOtherwiseAreRefused() throws Exception {
    replace("scheduler/scheduler_config.json", "\"epsilon\"", "\"sample\"");
    refused(model, "prediction_type", "sample");
  }

  @Test
  void partsThatDoNotBelongTogetherAreRefused() throws Exception {
    // A vocabulary with one entry more than the text encoder has embeddings.
    replace("tokenizer/vocab.json", "\"<|endoftext|>\": 731", "\"<|endoftext|>\": 732");
    refused(model, "do not belong together", "733", "732");
    replace("tokenizer/vocab.json", "\"<|endoftext|>\": 732", "\"<|endoftext|>\": 731");
    replace(
        "tokenizer/tokenizer_config.json", "\"model_max_length\": 32", "\"model_max_length\": 77");
    refused(model, "do not belong together", "77", "32");
  }

  @Test
  void widthsAreCompared() throws Exception {
    PipelineParts good = PipelineParts.load(ModelFolder.open(model));
    // The identity encoder with one head less, so that its vectors are shorter.
    replace("msid/config.json", "\"embed_dim\": 256", "\"embed_dim\": 192");
    replace("msid/config.json", "\"layer3\",", "");
    ModelException e = refused(model);
    assertTrue(e.getMessage().contains("identity encoder"), e.getMessage());
    good.requireMatch("the good one");
  }

  @Test
  void truncatedWeightsAreRefused() throws Exception {
    Path file = model.resolve("vae/diffusion_pytorch_model.safetensors");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 10);
    }
    ModelException e = refused(model, "autoencoder");
    assertInstanceOf(SafetensorsException.class, e.getCause());
  }

  @Test
  void weightsThatAreNoNumbersAreRefused() throws Exception {
    Path file = model.resolve("mapping/model.safetensors");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer nan =
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(Float.NaN).flip();
      channel.write(nan, channel.size() - 4);
    }
    ModelException e = refused(model, "mapping network", "not finite");
    assertInstanceOf(WeightsException.class, e.getCause());
  }

  @Test
  void missingAndUnusedWeightsAreNamed() throws Exception {
    Files.copy(
        model.resolve("vae/diffusion_pytorch_model.safetensors"),
        model.resolve("mapping/model.safetensors"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    refused(model, "mapping network");
  }

  @Test
  void brokenConfigurationsAreNamed() throws Exception {
    Files.writeString(model.resolve("unet/config.json"), "{");
    refused(model, "unet", "JSON");
    Files.delete(model.resolve("unet/config.json"));
    refused(model, "config.json");
  }

  @Test
  void identifierIsTwoWords() throws Exception {
    replace("mapping/config.json", "\"f l\"", "\"somebody\"");
    refused(model, "somebody", "two words");
  }
}
