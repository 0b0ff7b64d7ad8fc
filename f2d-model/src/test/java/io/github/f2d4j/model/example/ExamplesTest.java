package io.github.f2d4j.model.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.random.TorchCpuNoise;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.face.Landmarks;
import io.github.f2d4j.model.image.ImageReader;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.pipeline.CancelledException;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.FaceIdentity;
import io.github.f2d4j.model.pipeline.FaceInput;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.scheduler.SchedulerConfig;
import io.github.f2d4j.model.scheduler.SchedulerKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The documentation's programs do what it says. */
class ExamplesTest {
  @Test
  void generating(@TempDir Path folder) throws Exception {
    DemoModel demo = DemoModel.open();
    DemoModel.SampleFace face = demo.face("face_5");
    PipelineExample.generate(demo.folder(), face.image(), face.landmarks(), folder);
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(2, files.filter(f -> f.toString().endsWith(".png")).count());
    }
  }

  @Test
  void following() throws Exception {
    DemoModel demo = DemoModel.open();
    DemoModel.SampleFace face = demo.face("face_5");
    try (Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(demo.folder())) {
      FaceIdentity person =
          pipeline.encode(
              FaceInput.photo(ImageReader.read(face.image()), Landmarks.read(face.landmarks())));
      GenerationRequest request = PipelineExample.request();
      GenerationRequest small = request.toBuilder().size(24, 32).steps(2).images(1).build();
      AtomicBoolean stop = new AtomicBoolean();
      RgbImage expected = PipelineExample.follow(pipeline, person, small, stop).images().getFirst();
      RgbImage published =
          PublisherExample.subscribe(pipeline, person, small).get(2, TimeUnit.MINUTES);
      assertEquals(expected, published);
      assertTrue(expected.width() == 24 && expected.height() == 32);
      stop.set(true);
      assertThrows(
          CancelledException.class, () -> PipelineExample.follow(pipeline, person, small, stop));
    }
  }

  @Test
  void tokenizing() throws Exception {
    assertEquals(1, TokenizerExample.tokenize(DemoModel.open().folder()));
  }

  @ParameterizedTest
  @EnumSource(SchedulerKind.class)
  void sampling(SchedulerKind kind) {
    SchedulerConfig config = SchedulerConfig.stableDiffusion();
    TorchCpuNoise noise = new TorchCpuNoise(7);
    List<Double> asked = new ArrayList<>();
    Tensor sample =
        SchedulerExample.sample(
            kind.create(config, 0),
            (x, timestep) -> {
              asked.add(timestep);
              return x.mul(0.5f);
            },
            () -> Tensor.of(noise(noise), 1, 2, 2, 3));
    assertEquals(
        Arrays.stream(kind.create(config, 0).start(30).timesteps()).boxed().toList(), asked);
    assertEquals(Shape.of(1, 2, 2, 3), sample.shape());
    for (float value : sample.toFloats()) {
      assertTrue(Float.isFinite(value), kind + ": " + value);
    }
  }

  private static float[] noise(TorchCpuNoise source) {
    float[] values = new float[12];
    source.fillNormal(values);
    return values;
  }
}
