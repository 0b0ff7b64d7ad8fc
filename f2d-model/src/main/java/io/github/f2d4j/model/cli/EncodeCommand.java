package io.github.f2d4j.model.cli;

import io.github.f2d4j.model.card.IdentityCard;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes an identity card. */
@Command(
    name = "encode",
    mixinStandardHelpOptions = true,
    description =
        "Write an identity card: a face's identity features and the two word vectors that stand"
            + " for it in a prompt, to use instead of the photo (generate --card). Whoever has the"
            + " card can make pictures of the person.",
    sortOptions = false)
final class EncodeCommand implements Callable<Integer> {
  @Mixin private IdentityOptions who = new IdentityOptions();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "safetensors file to write (default: ${DEFAULT-VALUE}).",
      defaultValue = "face.safetensors")
  private Path output = Path.of("face.safetensors");

  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private OutputOptions talk = new OutputOptions();

  @Override
  public Integer call() throws IOException {
    Console console = talk.console();
    OutputFiles.requireWritable(List.of(output));
    IdentityOptions.Ingredients ingredients = who.read(console);
    Face2DiffusionPipeline pipeline = model.load(console);
    IdentityCard card =
        IdentityCard.of(pipeline, ingredients.identity(pipeline), ingredients.photos());
    card.write(output);
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("file", output.toString());
    object.put("identity", card.identity().size());
    object.put("word", card.words().width());
    object.put("encoder_sha256", card.encoder());
    object.put("photos", card.photos());
    console.result(
        "%s  (%d identity features, two words of %d)"
            .formatted(output, card.identity().size(), card.words().width()),
        object);
    return ExitCode.OK.code();
  }
}
