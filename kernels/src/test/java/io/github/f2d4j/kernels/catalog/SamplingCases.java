package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.catalog.ElementType.F32;

import io.github.f2d4j.engine.random.TorchCudaNoise;
import java.util.ArrayList;
import java.util.List;

/** Sampler steps, and noise against the engine's own generator. */
final class SamplingCases {
  /** A GPU so small that few numbers take several rounds. */
  private static final TorchCudaNoise.Grid SMALL = new TorchCudaNoise.Grid(1, 512);

  private SamplingCases() {}

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (ElementType type : ElementType.values()) {
      cases.add(step(type, 257, true));
      cases.add(step(type, 5, false));
    }
    cases.add(noise(new Sampling.PhiloxNormal(1, SMALL, 7, 0)));
    cases.add(noise(new Sampling.PhiloxNormal(1500, TorchCudaNoise.Grid.A100, (1L << 40) | 3, 8)));
    cases.add(noise(new Sampling.PhiloxNormal(5000, SMALL, -2, (1L << 34) - 4)));
    return cases;
  }

  static KernelCase step(ElementType type, int elements, boolean noisy) {
    Sampling.GuidedStep op = new Sampling.GuidedStep(type, elements);
    return new KernelCase(op + (noisy ? " with noise" : ""), device -> run(op, noisy, device));
  }

  private static void run(Sampling.GuidedStep op, boolean noisy, CaseDevice device) {
    int n = op.elements();
    float[] model = Numbers.normal(2 * n, 1, 0, 1);
    float[] sample = Numbers.normal(n, 2, 0, 5);
    float[] noise = Numbers.normal(n, 3, 0, 1);
    float[] k = Sampling.GuidedStep.coefficients(7.5f, 0.75f, -1.5f, 0.5f, 0.25f);
    CaseDevice.Memory deviceSample = device.upload(F32, sample);
    CaseDevice.Memory input = device.allocate(op.type(), 2 * n);
    device.launch(
        op.launches(
            device.upload(op.type(), model).address(),
            deviceSample.address(),
            noisy ? device.upload(F32, noise).address() : 0,
            device.upload(F32, k).address(),
            input.address()));
    double[] next = new double[n];
    for (int i = 0; i < n; i++) {
      double guided = model[i] + 7.5 * (model[n + i] - model[i]);
      next[i] = 0.75 * sample[i] - 1.5 * guided + (noisy ? 0.5 * noise[i] : 0);
    }
    Numbers.compare(F32, 20, deviceSample.read(F32), n, i -> next[i]);
    Numbers.compare(
        op.type(),
        op.type() == F32 ? 20 : 2,
        input.read(op.type()),
        2 * n,
        i -> 0.25 * next[i % n]);
  }

  /**
   * Bits and places are exact. Sine and cosine are cuRAND's, the hardware's own: off by up to
   * 2^-20.5, times a radius of at most 6.8.
   */
  static KernelCase noise(Sampling.PhiloxNormal op) {
    return new KernelCase(
        op.toString(),
        device -> {
          CaseDevice.Memory y = device.allocate(F32, op.elements());
          device.launch(op.launches(y.address()));
          TorchCudaNoise source = new TorchCudaNoise(op.seed(), op.grid());
          source.setOffset(op.offset());
          float[] expected = new float[op.elements()];
          source.fillNormal(expected);
          Numbers.compare(F32, 80, y.read(F32), op.elements(), i -> expected[i]);
          if (source.offset() != op.nextOffset()) {
            throw new AssertionError(op.nextOffset() + " but torch is at " + source.offset());
          }
        });
  }
}
