package io.github.f2d4j.model.cli;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.model.checkpoint.RandomModel;
import io.github.f2d4j.model.checkpoint.RandomModel.Component;
import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.identity.MsidViT;
import io.github.f2d4j.model.identity.MsidVitConfig;
import io.github.f2d4j.model.layout.Sd14;
import io.github.f2d4j.model.mapping.MappingConfig;
import io.github.f2d4j.model.mapping.MappingNetwork;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes a full-size model that needs no download and draws noise. */
@Command(
    name = "make-random-model",
    mixinStandardHelpOptions = true,
    description =
        "For development: write a full-size Stable Diffusion 1.4 + Face2Diffusion folder with"
            + " random weights, to measure speed and memory. What it draws is noise.")
final class MakeRandomModelCommand implements Callable<Integer> {
  private static final List<String> TOKENIZER_FILES =
      List.of("vocab.json", "merges.txt", "special_tokens_map.json");

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FOLDER",
      description = "Folder to write; absent or empty. Takes 2.2 GB as F16, 4.4 GB as F32.")
  private Path output = Path.of("");

  @Option(
      names = "--dtype",
      description = "F16 (default, as published), BF16 or F32.",
      defaultValue = "F16")
  private DType dtype = DType.F16;

  @Option(names = "--seed", description = "Seed of the weights (default: 0).", defaultValue = "0")
  private long seed;

  @Mixin private OutputOptions talk = new OutputOptions();

  @Override
  public Integer call() throws IOException {
    Console console = talk.console();
    List<Component> components = new ArrayList<>(Sd14.components());
    components.add(
        new Component(
            "msid",
            "model.safetensors",
            "{\"architecture\": \"msid_vit\"}\n",
            w -> new MsidViT(w, MsidVitConfig.PUBLISHED)));
    components.add(
        new Component(
            "mapping",
            "model.safetensors",
            "{\"architecture\": \"IMG2TEXTwithEXP\"}\n",
            w -> new MappingNetwork(w, MappingConfig.PUBLISHED)));
    Map<String, byte[]> files = new LinkedHashMap<>(Sd14.files());
    files.putAll(tokenizer());
    RandomModel.write(output, components, files, dtype, seed, f -> console.say("writing " + f));
    console.result(
        output + ": full-size random model, " + dtype,
        Map.of("folder", output.toString(), "dtype", dtype.name(), "seed", seed));
    return ExitCode.OK.code();
  }

  /** The demonstration model's small vocabulary, at the full prompt length. */
  private static Map<String, byte[]> tokenizer() throws IOException {
    Path folder = DemoModel.open().folder().resolve("tokenizer");
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String name : TOKENIZER_FILES) {
      files.put("tokenizer/" + name, Files.readAllBytes(folder.resolve(name)));
    }
    String config =
        """
        {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77,
         "bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>",
         "unk_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}
        """;
    files.put("tokenizer/tokenizer_config.json", config.getBytes(StandardCharsets.UTF_8));
    return files;
  }
}
