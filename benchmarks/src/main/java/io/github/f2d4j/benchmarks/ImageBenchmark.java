package io.github.f2d4j.benchmarks;

import io.github.f2d4j.benchmarks.peak.Work;
import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.face.Landmarks;
import io.github.f2d4j.model.image.ImageReader;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.FaceIdentity;
import io.github.f2d4j.model.pipeline.FaceInput;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.pipeline.GenerationResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From a prompt and a person to a picture. {@code -p model=FOLDER} names a model folder; empty is
 * the built-in model, whose pictures are small.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-XX:MaxDirectMemorySize=16g", "--enable-native-access=ALL-UNNAMED"})
public class ImageBenchmark {
  /** Billions of operations of one guided denoising step at 512×512, and of a decoding. */
  private static final double STEP = 1606.55;

  private static final double DECODING = 2514.52;

  /** A model folder, or nothing. */
  @Param("")
  public String model = "";

  /** Denoising steps. */
  @Param("30")
  public int steps = 30;

  private Face2DiffusionPipeline pipeline;
  private FaceIdentity person;

  /** Loads the model and a sample face. */
  @Setup
  public void prepare() throws IOException {
    DemoModel demo = DemoModel.open();
    pipeline = Face2DiffusionPipeline.load(model.isEmpty() ? demo.folder() : Path.of(model));
    DemoModel.SampleFace face = demo.face("face_5");
    person =
        pipeline.encode(
            FaceInput.photo(ImageReader.read(face.image()), Landmarks.read(face.landmarks())));
  }

  /** One picture. The arithmetic counted is that of Stable Diffusion 1.4's size. */
  @Benchmark
  public GenerationResult generate(Work work) {
    work.gflop += model.isEmpty() ? 0 : steps * STEP + DECODING;
    return pipeline.generate(
        person, GenerationRequest.of("a photo of f l at the beach").seed(7).steps(steps).build());
  }
}
