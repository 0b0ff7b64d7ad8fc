package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.catalog.ElementType.F16;
import static io.github.f2d4j.kernels.catalog.ElementType.F32;

import java.util.ArrayList;
import java.util.List;

/** Group norm in one and in two passes, and layer norm, against the formula in double precision. */
final class NormalizeCases {
  private NormalizeCases() {}

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (ElementType type : ElementType.values()) {
      cases.add(groupNorm(type, 2, 9, 32, 8, true, true));
      cases.add(groupNorm(type, 1, 33, 30, 5, true, false));
      cases.add(groupNorm(type, 2, 19, 32, 8, false, true)); // vectors, groups inside one
      cases.add(groupNorm(type, 1, 37, 60, 10, false, false)); // none
      cases.add(groupNorm(type, 1, 20, 320, 32, false, true)); // groups across vectors
      cases.add(layerNorm(type, 11, 320));
      cases.add(groupNorm(type, 1, 13, 2560, 32, false, true)); // wider than a block of vectors
      cases.add(groupNorm(type, 1, 13, 261, 9, false, true)); // wider than one of elements
      cases.add(layerNorm(type, 9, 77));
      cases.add(layerNorm(type, 2, 1288)); // many turns of the unrolled loops
      cases.add(layerNorm(type, 1, 261));
      cases.add(layerNorm(type, 1, 1));
    }
    cases.add(groupNorm(F32, 1, 1, 5, 5, true, false));
    cases.add(groupNorm(F32, 1, 1, 5, 5, false, false));
    cases.add(groupNorm(F16, 1, 1030, 8, 2, false, false)); // many chunks
    for (boolean once : new boolean[] {true, false}) {
      cases.add(nearlyConstant(new GroupNormalization(F32, 2, 21, 24, 4, 1e-5f, false), once));
      cases.add(nearlyConstant(new GroupNormalization(F32, 1, 9, 30, 5, 1e-5f, true), once));
    }
    cases.add(nearlyConstant(new LayerNormalization(F32, 9, 320, 1e-5f)));
    cases.add(nearlyConstant(new LayerNormalization(F32, 3, 77, 1e-5f)));
    return cases;
  }

  /** 1000 ± 0.001, where a float32 mean is off by some percent of the deviation. */
  private static KernelCase nearlyConstant(GroupNormalization g, boolean once) {
    return new KernelCase(
        g + " of nearly constant numbers in " + (once ? "one pass" : "two passes"),
        device -> run(g, once, 1000, 1e-3, device));
  }

  private static KernelCase nearlyConstant(LayerNormalization norm) {
    return new KernelCase(
        norm + " of nearly constant numbers", device -> run(norm, 1000, 1e-3, device));
  }

  static KernelCase groupNorm(
      ElementType type,
      int batch,
      int pixels,
      int channels,
      int groups,
      boolean once,
      boolean silu) {
    GroupNormalization norm =
        new GroupNormalization(type, batch, pixels, channels, groups, 1e-5f, silu);
    return new KernelCase(
        norm + (once ? " in one pass" : " in two passes"),
        device -> run(norm, once, type == F32 ? 100 : 3, 1, device));
  }

  private static void run(
      GroupNormalization g, boolean once, double mean, double deviation, CaseDevice device) {
    int count = g.batch() * g.pixels() * g.channels();
    float[] x = Numbers.normal(count, 4, mean, deviation);
    float[] weight = Numbers.normal(g.channels(), 5, 1, 0.5);
    float[] bias = Numbers.normal(g.channels(), 6, 0, 1);
    CaseDevice.Memory deviceX = device.upload(g.type(), x);
    CaseDevice.Memory deviceWeight = device.upload(g.type(), weight);
    CaseDevice.Memory deviceBias = device.upload(g.type(), bias);
    CaseDevice.Memory y = device.allocate(g.type(), count);
    CaseDevice.Memory workspace =
        device.allocateBytes((long) g.batch() * g.pixels() * g.groups() * 8);
    device.launch(
        once
            ? g.once(deviceX.address(), y.address(), deviceWeight.address(), deviceBias.address())
            : g.twice(
                deviceX.address(),
                y.address(),
                deviceWeight.address(),
                deviceBias.address(),
                workspace.address()));
    double[] expected = groupNorm(g, x, weight, bias);
    Numbers.compare(g.type(), g.type() == F32 ? 40 : 2, y.read(g.type()), count, i -> expected[i]);
  }

  private static double[] groupNorm(GroupNormalization g, float[] x, float[] weight, float[] bias) {
    double[] y = new double[x.length];
    int width = g.channels() / g.groups();
    int size = g.pixels() * g.channels();
    for (int n = 0; n < g.batch(); n++) {
      for (int group = 0; group < g.groups(); group++) {
        int first = group * width;
        double mean = 0;
        for (int i = 0; i < g.pixels() * width; i++) {
          mean += x[n * size + i / width * g.channels() + first + i % width];
        }
        mean /= g.pixels() * width;
        double variance = 0;
        for (int i = 0; i < g.pixels() * width; i++) {
          double d = x[n * size + i / width * g.channels() + first + i % width] - mean;
          variance += d * d;
        }
        variance /= g.pixels() * width;
        for (int i = 0; i < g.pixels() * width; i++) {
          int c = first + i % width;
          int at = n * size + i / width * g.channels() + c;
          double value = (x[at] - mean) / Math.sqrt(variance + g.eps()) * weight[c] + bias[c];
          y[at] = g.silu() ? value * Numbers.sigmoid(value) : value;
        }
      }
    }
    return y;
  }

  static KernelCase layerNorm(ElementType type, int rows, int channels) {
    LayerNormalization norm = new LayerNormalization(type, rows, channels, 1e-5f);
    return new KernelCase(norm.toString(), device -> run(norm, 2, 1, device));
  }

  private static void run(
      LayerNormalization norm, double center, double deviation, CaseDevice device) {
    int channels = norm.channels();
    int count = norm.rows() * channels;
    float[] x = Numbers.normal(count, 7, center, deviation);
    float[] weight = Numbers.normal(channels, 8, 1, 0.5);
    float[] bias = Numbers.normal(channels, 9, 0, 1);
    CaseDevice.Memory deviceX = device.upload(norm.type(), x);
    CaseDevice.Memory deviceWeight = device.upload(norm.type(), weight);
    CaseDevice.Memory deviceBias = device.upload(norm.type(), bias);
    CaseDevice.Memory y = device.allocate(norm.type(), count);
    device.launch(
        norm.launches(
            deviceX.address(), y.address(), deviceWeight.address(), deviceBias.address()));
    double[] expected = new double[count];
    for (int row = 0; row < norm.rows(); row++) {
      double mean = 0;
      for (int c = 0; c < channels; c++) {
        mean += x[row * channels + c] / (double) channels;
      }
      double variance = 0;
      for (int c = 0; c < channels; c++) {
        variance += Math.pow(x[row * channels + c] - mean, 2) / channels;
      }
      for (int c = 0; c < channels; c++) {
        double z = (x[row * channels + c] - mean) / Math.sqrt(variance + norm.eps());
        expected[row * channels + c] = z * weight[c] + bias[c];
      }
    }
    Numbers.compare(
        norm.type(), norm.type() == F32 ? 40 : 2, y.read(norm.type()), count, i -> expected[i]);
  }
}
