package io.github.f2d4j.kernels.cudnn;

import io.github.f2d4j.kernels.library.LibraryLoader;
import io.github.f2d4j.kernels.library.LoadedLibrary;
import java.util.ArrayList;
import java.util.List;

/** Makes cuDNN ready: its parts are loaded first, since version 8 ends the process without them. */
public final class CudnnProvider {
  private CudnnProvider() {}

  /** The files that convolutions need beside {@code libcudnn.so.MAJOR}, in loading order. */
  static List<String> parts(int major) {
    return major == 8
        ? List.of("libcudnn_ops_infer.so.8", "libcudnn_cnn_infer.so.8")
        : List.of("libcudnn_graph.so.9", "libcudnn_ops.so.9", "libcudnn_cnn.so.9");
  }

  /**
   * Loads the parts of {@code cudnn}, and tells why it cannot be used; empty if it can.
   *
   * @param notes is given what is missing but does not stand in the way: version 9 answers with a
   *     status where a part is missing, and may have it elsewhere
   */
  public static List<String> obstacles(
      LoadedLibrary cudnn, LibraryLoader loader, List<String> notes) {
    List<String> missing = new ArrayList<>();
    for (String part : parts(cudnn.major())) {
      List<String> failures = new ArrayList<>();
      if (!loader.preload(part, failures)) {
        missing.addAll(failures);
      }
    }
    List<String> reasons = new ArrayList<>();
    CudnnApi.SIGNATURES.signatures().stream()
        .filter(s -> !CudnnApi.OPTIONAL.contains(s.name()) && !cudnn.has(s.name()))
        .forEach(s -> reasons.add(cudnn + " lacks " + s.name()));
    if (cudnn.major() == 8) {
      missing.forEach(m -> reasons.add(m + "; without it cuDNN 8 would end the process"));
    } else {
      notes.addAll(missing);
    }
    return reasons;
  }

  /** The version of {@code cudnn}: 8906 for 8.9.6, 90100 for 9.1.0. */
  public static long version(LoadedLibrary cudnn) {
    return CudnnApi.version(cudnn);
  }

  /** The CUDA version that {@code cudnn} was made for, such as 12040; 0 where it does not tell. */
  public static long cudaVersion(LoadedLibrary cudnn) {
    return CudnnApi.cudaVersion(cudnn);
  }

  /** Starts cuDNN, for which there are no {@link #obstacles}, in the current context. */
  public static CudaDnn open(LoadedLibrary cudnn) {
    return new FfmCudnn(cudnn);
  }
}
