package io.github.f2d4j.model.cli;

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.FaceIdentity;
import io.github.f2d4j.model.pipeline.FaceInput;
import io.github.f2d4j.model.pipeline.IdentityWords;
import io.github.f2d4j.weights.safetensors.SafetensorsWriter;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Computes what a model knows of a face. */
@Command(
    name = "encode",
    mixinStandardHelpOptions = true,
    description =
        "Write a face's identity features and the two word vectors that stand for it in a prompt.",
    sortOptions = false)
final class EncodeCommand implements Callable<Integer> {
  @Mixin private FaceOptions face = new FaceOptions();

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
    FaceInput input = face.read(console);
    Face2DiffusionPipeline pipeline = model.load(console);
    FaceIdentity identity = pipeline.encode(input);
    IdentityWords words = pipeline.words(identity);
    SafetensorsWriter.write(
        output,
        List.of(
            entry("identity", identity.features()),
            entry("word_first", words.first()),
            entry("word_last", words.last())),
        Map.of("format", "f2d4j face", "face", String.valueOf(face.path().getFileName())));
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("file", output.toString());
    object.put("identity", identity.size());
    object.put("word", words.first().length);
    console.result(
        "%s  (%d identity features, two words of %d)"
            .formatted(output, identity.size(), words.first().length),
        object);
    return ExitCode.OK.code();
  }

  private static TensorEntry entry(String name, float[] values) {
    HostBuffer buffer = HostBuffer.allocate(4L * values.length);
    MemorySegment.copy(
        values, 0, buffer.segment(), ValueLayout.JAVA_FLOAT_UNALIGNED, 0, values.length);
    return new TensorEntry(name, TensorType.f32(Shape.of(values.length)), buffer.segment());
  }
}
