package io.github.f2d4j.gpubundle;

import io.github.f2d4j.benchmarks.compare.Contender.Prepared;
import io.github.f2d4j.benchmarks.compare.F2dContender;
import io.github.f2d4j.benchmarks.compare.Net;
import io.github.f2d4j.benchmarks.compare.Workload;
import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.gpubundle.Step.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One step of Stable Diffusion 1.4's UNet (batch 2, 64×64 latents, 77 tokens), its decoder to
 * 512×512 and its text encoder, with random weights, on the CUDA backend. A result is compared with
 * the CPU backend's in float32 before its time is shown.
 */
final class NetworkTimes {
  private static final int WARM_UP = 5;
  private static final int SAMPLES = 30;
  private static final List<Net> NETS = List.of(Net.UNET, Net.VAE_DECODER, Net.TEXT_ENCODER);

  private NetworkTimes() {}

  static int run(Events events, Precision precision) throws Exception {
    List<String> obstacles = GoldenRun.cudaObstacles();
    if (!obstacles.isEmpty()) {
      events.notPossible(obstacles);
      return 0;
    }
    Backend cuda = Backends.get("cuda");
    events.fact("backend", cuda.describe());
    Path models = PictureRun.randomModel();
    for (Net net : NETS) {
      Workload.Network workload = new Workload.Network(net);
      events.start(workload.name());
      try {
        float[] expected = Backends.using(Backends.get("cpu"), () -> cpu(workload, models));
        events.row(Backends.using(cuda, () -> row(workload, models, expected, precision)));
        events.pass();
      } catch (AssertionError | IOException | RuntimeException e) {
        events.fail(e.toString());
      }
    }
    return 0;
  }

  private static float[] cpu(Workload.Network workload, Path models) throws Exception {
    try (Prepared prepared = F2dContender.prepare(workload, models, models)) {
      return prepared.result();
    }
  }

  private static Map<String, Object> row(
      Workload.Network workload, Path models, float[] expected, Precision precision)
      throws Exception {
    try (Prepared prepared = F2dContender.prepare(workload, models, models)) {
      double error = relativeError(expected, prepared.result());
      if (!(error <= precision.relativeError)) {
        throw new AssertionError(
            "relative error "
                + error
                + " against the CPU backend is more than the "
                + precision.relativeError
                + " allowed");
      }
      double[] millis = new double[SAMPLES];
      for (int i = -WARM_UP; i < SAMPLES; i++) {
        long start = System.nanoTime();
        prepared.run();
        Backends.current().synchronize();
        if (i >= 0) {
          millis[i] = (System.nanoTime() - start) / 1e6;
        }
      }
      Arrays.sort(millis);
      double median = millis[SAMPLES / 2];
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("network", workload.name());
      row.put("ms", median);
      row.put("min ms", millis[0]);
      row.put("max ms", millis[SAMPLES - 1]);
      row.put("TFLOP/s", workload.gflop() / median);
      row.put("relative error", error);
      return row;
    }
  }

  /** ‖a−b‖/‖b‖ */
  private static double relativeError(float[] expected, float[] actual) {
    if (expected.length != actual.length) {
      throw new AssertionError(actual.length + " values, not " + expected.length);
    }
    double difference = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      double d = (double) actual[i] - expected[i];
      difference += d * d;
      size += (double) expected[i] * expected[i];
    }
    return Math.sqrt(difference / size);
  }
}
