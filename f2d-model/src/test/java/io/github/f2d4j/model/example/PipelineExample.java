package io.github.f2d4j.model.example;

import io.github.f2d4j.model.face.Landmarks;
import io.github.f2d4j.model.image.ImageReader;
import io.github.f2d4j.model.image.PngWriter;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.FaceIdentity;
import io.github.f2d4j.model.pipeline.FaceInput;
import io.github.f2d4j.model.pipeline.GenerationListener;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.pipeline.GenerationResult;
import io.github.f2d4j.model.pipeline.StepProgress;
import io.github.f2d4j.model.scheduler.SchedulerKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** How to make pictures. */
final class PipelineExample {
  private PipelineExample() {}

  static void generate(Path model, Path photo, Path landmarks, Path folder) throws IOException {
    // @start region="generate"
    try (Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(model)) {
      FaceIdentity person =
          pipeline.encode(FaceInput.photo(ImageReader.read(photo), Landmarks.read(landmarks)));
      for (String place : new String[] {"at the beach", "in the snow"}) {
        GenerationRequest request = GenerationRequest.of("a photo of f l " + place).seed(7).build();
        RgbImage picture = pipeline.generate(person, request).images().getFirst();
        PngWriter.write(folder.resolve(place.replace(' ', '-') + ".png"), picture);
      }
    }
    // @end
  }

  static GenerationRequest request() {
    // @start region="request"
    GenerationRequest request =
        GenerationRequest.of("a photo of f l in the snow")
            .negativePrompt("blurry")
            .size(48, 64)
            .steps(20)
            .scheduler(SchedulerKind.DPM_SOLVER_2M)
            .seed(7)
            .images(4) // of seeds 7, 8, 9 and 10
            .build();
    // @end
    return request;
  }

  static GenerationResult follow(
      Face2DiffusionPipeline pipeline,
      FaceIdentity person,
      GenerationRequest request,
      AtomicBoolean stop) {
    // @start region="listener"
    GenerationListener listener =
        new GenerationListener() {
          @Override
          public void onStep(StepProgress p) {
            System.out.printf(
                "%d of %d, %d s left%n", p.step(), p.total(), p.remaining().toSeconds());
          }

          @Override
          public boolean isCancelled() {
            return stop.get(); // set by another thread: generate ends with a CancelledException
          }
        };
    GenerationResult result = pipeline.generate(person, request, listener);
    // @end
    return result;
  }
}
