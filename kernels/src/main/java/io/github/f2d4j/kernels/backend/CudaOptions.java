package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.kernels.device.CudaGpu;
import io.github.f2d4j.kernels.setup.CudaMode;
import io.github.f2d4j.kernels.setup.CudaMode.Convolutions;
import io.github.f2d4j.kernels.setup.CudaSetup;
import org.jspecify.annotations.Nullable;

/**
 * What a program asks of the backend.
 *
 * @param device the GPU's number
 * @param precision of values between operators
 * @param cudnn whether cuDNN may be used where it is there
 * @param graph whether a plan that runs again is recorded as a CUDA graph
 */
public record CudaOptions(int device, Precision precision, boolean cudnn, boolean graph) {
  /** System property that chooses a GPU by its number, from 0. */
  public static final String DEVICE_PROPERTY = "f2d4j.cuda.device";

  /** System property that names the precision between operators: f16, bf16 or f32. */
  public static final String PRECISION_PROPERTY = "f2d4j.cuda.precision";

  /** System property that chooses who convolves: cudnn or im2col. */
  public static final String CONVOLVE_PROPERTY = "f2d4j.cuda.convolve";

  /** System property that says whether plans are recorded as CUDA graphs: on or off. */
  public static final String GRAPH_PROPERTY = "f2d4j.cuda.graph";

  /**
   * What the system properties say; without them the first GPU, float16, cuDNN, and graphs.
   *
   * @throws IllegalArgumentException if one of them says something else than it may
   */
  public static CudaOptions ofThisProgram() {
    return new CudaOptions(
        number(System.getProperty(DEVICE_PROPERTY)),
        precision(System.getProperty(PRECISION_PROPERTY)),
        cudnn(System.getProperty(CONVOLVE_PROPERTY)),
        graph(System.getProperty(GRAPH_PROPERTY)));
  }

  private static int number(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    if (!text.matches("\\d{1,3}")) {
      throw unknown(DEVICE_PROPERTY, text, "the GPUs' numbers from 0 on");
    }
    return Integer.parseInt(text);
  }

  static Precision precision(@Nullable String text) {
    return switch (text) {
      case null -> Precision.F16;
      case "f16" -> Precision.F16;
      case "bf16" -> Precision.BF16;
      case "f32" -> Precision.F32;
      default -> throw unknown(PRECISION_PROPERTY, text, "f16, bf16 and f32");
    };
  }

  private static boolean cudnn(@Nullable String text) {
    return switch (text) {
      case null -> true;
      case "cudnn" -> true;
      case "im2col" -> false;
      default -> throw unknown(CONVOLVE_PROPERTY, text, "cudnn and im2col");
    };
  }

  private static boolean graph(@Nullable String text) {
    return switch (text) {
      case null -> true;
      case "on" -> true;
      case "off" -> false;
      default -> throw unknown(GRAPH_PROPERTY, text, "on and off");
    };
  }

  private static IllegalArgumentException unknown(String property, String given, String known) {
    return new IllegalArgumentException(property + " is " + given + ", but there are " + known);
  }

  /** The same on another GPU. */
  public CudaOptions on(int other) {
    return new CudaOptions(other, precision, cudnn, graph);
  }

  /** The backend, on a GPU that {@code setup} found usable. */
  public CudaBackend open(CudaSetup setup) {
    CudaMode found = setup.mode();
    CudaMode mode =
        cudnn ? found : new CudaMode(found.gpu(), found.products(), Convolutions.IM2COL);
    return new CudaBackend(CudaGpu.open(setup, mode, device), precision, graph);
  }
}
