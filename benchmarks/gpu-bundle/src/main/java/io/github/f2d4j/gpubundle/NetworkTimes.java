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
 * 512×512 and its text encoder, with random weights, on a backend. A result is compared with the
 * CPU backend's in float32 before its time is shown.
 */
final class NetworkTimes {
  private static final List<Net> NETS = List.of(Net.UNET, Net.VAE_DECODER, Net.TEXT_ENCODER);

  private NetworkTimes() {}

  static int run(Events events, Precision precision, String backend, Scale scale) throws Exception {
    List<String> obstacles = GoldenRun.obstacles(backend);
    if (!obstacles.isEmpty()) {
      events.notPossible(obstacles);
      return 0;
    }
    Backend tried = Backends.get(backend);
    events.fact("backend", tried.describe());
    Path models = RandomModels.of(scale);
    for (Net net : NETS) {
      Workload.Network workload = new Workload.Network(net);
      events.start(workload.name());
      try {
        float[] expected = Backends.using(Backends.get("cpu"), () -> cpu(workload, models));
        events.row(Backends.using(tried, () -> row(workload, models, expected, precision, scale)));
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
      Workload.Network workload, Path models, float[] expected, Precision precision, Scale scale)
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
      double[] millis = new double[scale.samples];
      for (int i = -scale.warmUp; i < scale.samples; i++) {
        long start = System.nanoTime();
        prepared.run();
        Backends.current().synchronize();
        if (i >= 0) {
          millis[i] = (System.nanoTime() - start) / 1e6;
        }
      }
      Arrays.sort(millis);
      double median = millis[scale.samples / 2];
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("network", workload.name());
      row.put("ms", median);
      row.put("min ms", millis[0]);
      row.put("max ms", millis[scale.samples - 1]);
      if (scale == Scale.FULL) {
        row.put("TFLOP/s", workload.gflop() / median);
      }
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
