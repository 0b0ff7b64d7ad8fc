package io.github.f2d4j.benchmarks;

import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.tuning.ConvolveAlgorithm;
import io.github.f2d4j.engine.cpu.tuning.ConvolveChoice;
import io.github.f2d4j.engine.cpu.tuning.ConvolveShape;
import org.jspecify.annotations.Nullable;

/**
 * Compares a 3×3 convolution of stride 1, padding 1 with double-precision sums: an element of every
 * pixel, and of every output channel one in which all its weights have a part, so that neither a
 * wrong pixel nor a wrong weight passes.
 *
 * <p>How far rounding can move an element depends on the algorithm. Direct results are one chain of
 * multiply-adds, and {@link CheckedSum} follows its rounding. Winograd's are combined from the
 * chains of their whole tile, which {@link WinogradSum} follows.
 *
 * @param images how many
 * @param size rows and columns of each
 * @param in channels of the input
 * @param out channels of the output
 * @param algorithm what computed the result
 */
record ConvolveCheck(int images, int size, int in, int out, ConvolveAlgorithm algorithm) {
  private static final int KERNEL = 3;

  /** Fewest rows for which the engine uses the matrix unit. */
  private static final int UNIT_ROWS = 32;

  /** The algorithm with which the current backend computes this shape. */
  static ConvolveAlgorithm algorithm(int size, int in, int out) {
    String backend = Backends.current().name();
    return switch (backend.replace(CpuBackend.AMX_MARK, "")) {
      case "cpu" ->
          ConvolveChoice.byShape(backend.contains(CpuBackend.AMX_MARK))
              .choose(new ConvolveShape(size, size, in, out));
      case "cpu+winograd-off" -> ConvolveAlgorithm.DIRECT;
      case "cpu+winograd-f2" -> ConvolveAlgorithm.WINOGRAD_F2;
      case "cpu+winograd-f4" -> ConvolveAlgorithm.WINOGRAD_F4;
      default ->
          throw new IllegalStateException(
              "backend "
                  + backend
                  + " does not tell by which algorithm it computes a convolution, and so how far"
                  + " rounding may move it; use -Df2d4j.winograd=auto, off, f2 or f4, and"
                  + " -Df2d4j.cpu.precision=highest");
    };
  }

  /**
   * Whether the processor's matrix unit multiplies: it does if an image has enough tiles.
   *
   * @param side of a tile of outputs
   */
  private boolean onMatrixUnit(int side) {
    int tiles = Math.ceilDiv(size, side) * Math.ceilDiv(size, side);
    return tiles >= UNIT_ROWS && Backends.current().name().contains(CpuBackend.AMX_MARK);
  }

  /** What is told of an element that was compared. */
  @FunctionalInterface
  interface Seen {
    /** Its error in standard deviations of rounding. */
    void error(int index, double deviations);
  }

  /**
   * Compares.
   *
   * @param x input, NHWC
   * @param w weights, OIHW
   * @param bias one for each output channel
   * @throws IllegalStateException if rounding does not explain an element's error
   */
  void check(float[] x, float[] w, float[] bias, float[] result) {
    check(x, w, bias, result, (index, deviations) -> {});
  }

  void check(float[] x, float[] w, float[] bias, float[] result, Seen seen) {
    WinogradSum winograd =
        switch (algorithm) {
          case DIRECT -> null;
          case WINOGRAD_F2 -> WinogradSum.f2(onMatrixUnit(2));
          case WINOGRAD_F4 -> WinogradSum.f4(onMatrixUnit(4));
        };
    int pixels = images * size * size;
    for (int pixel = 0; pixel < pixels; pixel++) {
      compare(x, w, bias, result, pixel, pixel % out, winograd, seen);
    }
    for (int channel = 0; channel < out; channel++) {
      compare(x, w, bias, result, inner(channel), channel, winograd, seen);
    }
  }

  /** A pixel that has all its neighbours, so that every weight has a part in it. */
  private int inner(int channel) {
    int side = Math.max(1, size - 2);
    int border = size > 2 ? 1 : 0;
    return (border + channel / side % side) * size + border + channel % side;
  }

  private void compare(
      float[] x,
      float[] w,
      float[] bias,
      float[] result,
      int pixel,
      int channel,
      @Nullable WinogradSum winograd,
      Seen seen) {
    CheckedSum sum = new CheckedSum();
    window(x, w, pixel, channel, sum);
    sum.finish(bias[channel]);
    int index = pixel * out + channel;
    double deviation =
        winograd == null
            ? sum.deviation()
            : deviation(x, w, bias[channel], pixel, channel, winograd);
    sum.check(index, result[index], deviation, algorithm.name());
    seen.error(index, sum.error(result[index], deviation));
  }

  /** Adds the products at one pixel, counted through all images, and one output channel. */
  void window(float[] x, float[] w, int pixel, int channel, CheckedSum sum) {
    int image = pixel / (size * size);
    int row = pixel / size % size;
    int column = pixel % size;
    for (int i = 0; i < KERNEL; i++) {
      for (int j = 0; j < KERNEL; j++) {
        int r = row + i - 1;
        int c = column + j - 1;
        if (r < 0 || r >= size || c < 0 || c >= size) {
          continue;
        }
        int from = ((image * size + r) * size + c) * in;
        for (int k = 0; k < in; k++) {
          sum.add(x[from + k], w[((channel * in + k) * KERNEL + i) * KERNEL + j]);
        }
      }
    }
  }

  /** The standard deviation of the rounding of one of Winograd's elements. */
  double deviation(float[] x, float[] w, float bias, int pixel, int channel, WinogradSum winograd) {
    int side = winograd.outputSide();
    int row = pixel / size % size;
    int column = pixel % size;
    int first = pixel / (size * size) * size * size * in;
    int n = winograd.inputSide();
    float[] d = new float[n * n];
    float[] g = new float[KERNEL * KERNEL];
    winograd.reset();
    for (int k = 0; k < in; k++) {
      for (int i = 0; i < d.length; i++) {
        int r = row / side * side - 1 + i / n;
        int c = column / side * side - 1 + i % n;
        boolean border = r < 0 || r >= size || c < 0 || c >= size;
        d[i] = border ? 0 : x[first + (r * size + c) * in + k];
      }
      System.arraycopy(w, (channel * in + k) * g.length, g, 0, g.length);
      winograd.add(d, g);
    }
    winograd.finish();
    return winograd.deviation(row % side, column % side, bias);
  }
}
