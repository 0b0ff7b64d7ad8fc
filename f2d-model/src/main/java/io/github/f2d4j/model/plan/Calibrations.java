package io.github.f2d4j.model.plan;

import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.face.Landmarks;
import io.github.f2d4j.model.image.ImageReader;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.FaceIdentity;
import io.github.f2d4j.model.pipeline.FaceInput;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.pipeline.ModelFolder;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/** Calibrations of the machine that this JVM runs on, for the current backend. */
public final class Calibrations {
  private Calibrations() {}

  /** The calibration that an earlier run has kept, if nothing it depends on has changed. */
  public static Optional<Calibration> kept(CalibrationStore store) {
    return store.find(MachineProfile.of(Backends.current()));
  }

  /**
   * The kept calibration, or else a new one, which is kept. Measuring takes some ten seconds and is
   * as good as the machine is quiet meanwhile; it should be among the first things that a JVM does,
   * because it also finds out what a JVM needs to warm up.
   *
   * @param onMeasure told before measuring begins
   * @throws IOException if the result cannot be kept
   */
  public static Calibration keptOrMeasured(CalibrationStore store, Consumer<String> onMeasure)
      throws IOException {
    Optional<Calibration> kept = kept(store);
    return kept.isPresent() ? kept.get() : measured(store, onMeasure);
  }

  /**
   * A new calibration, which is kept.
   *
   * @param onMeasure told before measuring begins
   * @throws IOException if the result cannot be kept
   */
  public static Calibration measured(CalibrationStore store, Consumer<String> onMeasure)
      throws IOException {
    MachineProfile machine = MachineProfile.of(Backends.current());
    onMeasure.accept("Measuring this machine once (some ten seconds): " + machine);
    Calibration measured = measure(machine);
    store.save(measured);
    return measured;
  }

  /** Measures the current backend. */
  public static Calibration measure(MachineProfile machine) throws IOException {
    DemoModel demo = DemoModel.open();
    // Commands plan before they generate, which warms up a part of the JVM outside of their time.
    GenerationPlan.of(ModelFolder.open(demo.folder()), request());
    double cold = runDemo(demo);
    Calibration rates = Calibrator.measure(machine);
    Double expected =
        GenerationPlan.of(ModelFolder.open(demo.folder()), request(), null, rates).seconds();
    return rates.withWarmUp(Math.max(0, cold - (expected == null ? 0 : expected)));
  }

  /** The seconds that a small generation takes now. */
  private static double runDemo(DemoModel demo) throws IOException {
    DemoModel.SampleFace face = demo.face("face_5");
    Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(demo.folder());
    FaceInput input =
        FaceInput.photo(ImageReader.read(face.image()), Landmarks.read(face.landmarks()));
    long start = System.nanoTime();
    FaceIdentity identity = pipeline.encode(input);
    pipeline.generate(identity, request());
    return (System.nanoTime() - start) * 1e-9;
  }

  private static GenerationRequest request() {
    return GenerationRequest.of("a photo of f l").build();
  }
}
