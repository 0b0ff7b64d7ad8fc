package io.github.f2d4j.kernels.library;

import java.util.List;

/** NVIDIA's libraries in the order in which they must be loaded: each may need those before it. */
public enum NativeLibrary {
  /** The driver. It comes with the kernel module, never with a toolkit. */
  DRIVER("CUDA driver", "libcuda.so.", "install the NVIDIA driver (525 or newer)", 1),

  /** The compiler that cuDNN calls at run time. */
  NVRTC(
      "NVRTC",
      "libnvrtc.so.",
      "install the CUDA toolkit's runtime libraries (package cuda-nvrtc)",
      13,
      12),

  /** Matrix products with fused epilogues. */
  CUBLAS_LT(
      "cuBLASLt", "libcublasLt.so.", "install cuBLAS of CUDA 12 or 13 (package libcublas)", 13, 12),

  /** Matrix products. */
  CUBLAS("cuBLAS", "libcublas.so.", "install cuBLAS of CUDA 12 or 13 (package libcublas)", 13, 12),

  /** Convolutions. */
  CUDNN(
      "cuDNN",
      "libcudnn.so.",
      "install cuDNN 9 or 8 (package libcudnn9-cuda-12 or libcudnn9-cuda-13)",
      9,
      8);

  private final String title;
  private final String stem;
  private final String remedy;

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<Integer> majors;

  NativeLibrary(String title, String stem, String remedy, Integer... majors) {
    this.title = title;
    this.stem = stem;
    this.remedy = remedy;
    this.majors = List.of(majors);
  }

  /** The name that people know it by. */
  public String title() {
    return title;
  }

  /** What to do where it is missing. */
  public String remedy() {
    return remedy;
  }

  /** The versions in their files' names that the bindings know, the preferred one first. */
  public List<Integer> majors() {
    return majors;
  }

  /** The name by which the dynamic loader knows version {@code major}. */
  public String soname(int major) {
    return stem + major;
  }
}
