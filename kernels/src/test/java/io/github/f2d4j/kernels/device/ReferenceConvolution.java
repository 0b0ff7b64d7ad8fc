package io.github.f2d4j.kernels.device;

import io.github.f2d4j.kernels.cudnn.ConvolutionSpec;
import io.github.f2d4j.kernels.cudnn.ConvolutionSpec.Layout;

/** The convolution that cuDNN is asked for, by its definition, in double precision; NHWC. */
final class ReferenceConvolution {
  private final ConvolutionSpec s;
  private final DeviceNumbers numbers;

  ReferenceConvolution(ConvolutionSpec spec, DeviceNumbers numbers) {
    if (spec.layout() != Layout.NHWC) {
      throw new IllegalArgumentException("only NHWC is simulated, not " + spec);
    }
    this.s = spec;
    this.numbers = numbers;
  }

  /** y = x ∗ w + bias + residual; bias and residual are 0 where absent. */
  void run(long x, long w, long bias, long residual, long y) {
    int filters = s.filters();
    int pixels = s.batch() * s.outputHeight() * s.outputWidth();
    float[] picture = numbers.read(x, s.batch() * s.height() * s.width() * s.channels());
    float[] taps = numbers.read(w, filters * s.kernelHeight() * s.kernelWidth() * s.channels());
    float[] shift = bias == 0 ? null : numbers.read(bias, filters);
    float[] added = residual == 0 ? null : numbers.read(residual, pixels * filters);
    double[] result = new double[pixels * filters];
    for (int p = 0; p < pixels; p++) {
      for (int f = 0; f < filters; f++) {
        int at = p * filters + f;
        result[at] =
            sum(picture, taps, p, f)
                + (shift == null ? 0 : shift[f])
                + (added == null ? 0 : added[at]);
      }
    }
    numbers.write(y, result);
  }

  private double sum(float[] picture, float[] taps, int pixel, int filter) {
    int column = pixel % s.outputWidth() * s.strideWidth() - s.padWidth();
    int row = pixel / s.outputWidth() % s.outputHeight() * s.strideHeight() - s.padHeight();
    int n = pixel / s.outputWidth() / s.outputHeight();
    double sum = 0;
    for (int ky = 0; ky < s.kernelHeight(); ky++) {
      for (int kx = 0; kx < s.kernelWidth(); kx++) {
        int i = row + ky * s.dilationHeight();
        int j = column + kx * s.dilationWidth();
        if (i < 0 || i >= s.height() || j < 0 || j >= s.width()) {
          continue;
        }
        int from = ((n * s.height() + i) * s.width() + j) * s.channels();
        int tap = ((filter * s.kernelHeight() + ky) * s.kernelWidth() + kx) * s.channels();
        for (int c = 0; c < s.channels(); c++) {
          sum += (double) picture[from + c] * taps[tap + c];
        }
      }
    }
    return sum;
  }
}
