package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.catalog.ElementType.F32;

import java.util.ArrayList;
import java.util.List;

/**
 * Group norm of channels-first pictures and batch norm, against the formula in double precision.
 */
final class PlaneCases {
  private PlaneCases() {}

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (ElementType type : ElementType.values()) {
      for (boolean once : new boolean[] {true, false}) {
        cases.add(groupNorm(type, 2, 12, 35, 4, once, true));
        cases.add(groupNorm(type, 1, 6, 200, 2, once, false));
        cases.add(groupNorm(type, 1, 5, 1, 5, once, false));
      }
      cases.add(batchNorm(new BatchNormalization(type, 9, 33, 1e-3f)));
      cases.add(batchNorm(new BatchNormalization(type, 1, 1, 1e-5f)));
    }
    for (boolean once : new boolean[] {true, false}) {
      GroupNormalizationPlanes norm = new GroupNormalizationPlanes(F32, 2, 12, 35, 4, 1e-5f, false);
      cases.add(
          new KernelCase(
              norm + " of nearly constant numbers in " + (once ? "one pass" : "two passes"),
              device -> run(norm, once, 1000, 1e-3, device)));
    }
    return cases;
  }

  static KernelCase groupNorm(
      ElementType type,
      int batch,
      int channels,
      int pixels,
      int groups,
      boolean once,
      boolean silu) {
    GroupNormalizationPlanes norm =
        new GroupNormalizationPlanes(type, batch, channels, pixels, groups, 1e-5f, silu);
    return new KernelCase(
        norm + (once ? " in one pass" : " in two passes"),
        device -> run(norm, once, type == F32 ? 100 : 3, 1, device));
  }

  private static void run(
      GroupNormalizationPlanes g, boolean once, double mean, double deviation, CaseDevice device) {
    int count = g.batch() * g.pixels() * g.channels();
    float[] x = Numbers.normal(count, 4, mean, deviation);
    float[] weight = Numbers.normal(g.channels(), 5, 1, 0.5);
    float[] bias = Numbers.normal(g.channels(), 6, 0, 1);
    long deviceX = device.upload(g.type(), x).address();
    long deviceWeight = device.upload(g.type(), weight).address();
    long deviceBias = device.upload(g.type(), bias).address();
    CaseDevice.Memory y = device.allocate(g.type(), count);
    long workspace = device.allocateBytes((long) g.batch() * g.groups() * 2 * 8).address();
    device.launch(
        once
            ? g.once(deviceX, y.address(), deviceWeight, deviceBias)
            : g.twice(deviceX, y.address(), deviceWeight, deviceBias, workspace));
    double[] expected = groupNorm(g, x, weight, bias);
    Numbers.compare(g.type(), g.type() == F32 ? 40 : 2, y.read(g.type()), count, i -> expected[i]);
  }

  private static double[] groupNorm(
      GroupNormalizationPlanes g, float[] x, float[] weight, float[] bias) {
    double[] y = new double[x.length];
    int width = g.channels() / g.groups();
    int run = width * g.pixels();
    for (int first = 0; first < x.length; first += run) {
      double mean = 0;
      for (int i = first; i < first + run; i++) {
        mean += (double) x[i] / run;
      }
      double variance = 0;
      for (int i = first; i < first + run; i++) {
        variance += (x[i] - mean) * (x[i] - mean) / run;
      }
      for (int i = first; i < first + run; i++) {
        int c = i / g.pixels() % g.channels();
        double value = (x[i] - mean) / Math.sqrt(variance + g.eps()) * weight[c] + bias[c];
        y[i] = g.silu() ? value * Numbers.sigmoid(value) : value;
      }
    }
    return y;
  }

  static KernelCase batchNorm(BatchNormalization norm) {
    return new KernelCase(
        norm.toString(),
        device -> {
          int channels = norm.channels();
          int count = norm.rows() * channels;
          ElementType type = norm.type();
          float[] x = Numbers.normal(count, 7, 1, 2);
          float[] weight = Numbers.normal(channels, 8, 1, 0.5);
          float[] bias = Numbers.normal(channels, 9, 0, 1);
          float[] mean = Numbers.normal(channels, 10, 1, 1);
          float[] variance = Numbers.normal(channels, 11, 3, 0.5);
          CaseDevice.Memory deviceX = device.upload(type, x);
          CaseDevice.Memory y = device.allocate(type, count);
          device.launch(
              norm.launches(
                  deviceX.address(),
                  y.address(),
                  device.upload(type, weight).address(),
                  device.upload(type, bias).address(),
                  device.upload(type, mean).address(),
                  device.upload(type, variance).address()));
          Numbers.compare(
              type,
              type == F32 ? 12 : 2,
              y.read(type),
              count,
              i -> {
                int c = i % channels;
                return (x[i] - mean[c]) / Math.sqrt(variance[c] + norm.eps()) * weight[c] + bias[c];
              });
        });
  }
}
