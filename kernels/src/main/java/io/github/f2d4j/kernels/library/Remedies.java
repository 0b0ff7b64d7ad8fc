package io.github.f2d4j.kernels.library;

import java.util.List;

/**
 * What to do about a failed call, by the name of its status: names are alike over the versions of a
 * library, while the codes of cuDNN 8 and 9 differ.
 */
final class Remedies {
  /** A part of a status name, and the remedy; the first match counts. */
  private record Remedy(String part, String text) {}

  private static final List<Remedy> TABLE =
      List.of(
          new Remedy(
              "OUT_OF_MEMORY",
              "use a smaller batch or image, or end other programs on this GPU (nvidia-smi lists"
                  + " them)"),
          new Remedy("ALLOC_FAILED", "free GPU memory: nvidia-smi lists who holds it"),
          new Remedy(
              "NO_DEVICE",
              "no GPU is visible: check nvidia-smi, CUDA_VISIBLE_DEVICES and, in a container,"
                  + " --gpus all"),
          new Remedy(
              "SYSTEM_DRIVER_MISMATCH",
              "the driver's library and kernel module differ: restart the machine after a driver"
                  + " update"),
          new Remedy(
              "SYSTEM_NOT_READY", "start the NVIDIA fabric manager (nvidia-fabricmanager) first"),
          new Remedy(
              "UNSUPPORTED_PTX_VERSION", "install a newer NVIDIA driver: this one is too old"),
          new Remedy("JIT_COMPILER_NOT_FOUND", "install the driver's libnvidia-ptxjitcompiler.so"),
          new Remedy("INVALID_PTX", "report this: the driver refuses a kernel; its log is above"),
          new Remedy(
              "NO_BINARY_FOR_GPU", "this GPU is too old for the kernels: they need sm_70 or newer"),
          new Remedy(
              "INSUFFICIENT_DRIVER", "install the NVIDIA driver that this CUDA version needs"),
          new Remedy("ARCH_MISMATCH", "this GPU is too old for the operation: use float32"),
          new Remedy(
              "ILLEGAL_ADDRESS",
              "a kernel left its memory, and the context is lost: report it with the shapes, and"
                  + " restart the program"),
          new Remedy("LAUNCH_FAILED", "the context is lost: report it, and restart the program"),
          new Remedy("ECC_UNCORRECTABLE", "the GPU's memory is faulty: see nvidia-smi -q -d ECC"),
          new Remedy(
              "VERSION_MISMATCH",
              "the library's files are of different versions: install one version, or point"
                  + " -D"
                  + SearchPath.PROPERTY
                  + " at one"),
          new Remedy("SUBLIBRARY", "install all files of cuDNN, of one version, in one folder"),
          new Remedy(
              "NOT_INITIALIZED",
              "the library could not start: check free GPU memory and that its version suits the"
                  + " driver"),
          new Remedy("NOT_SUPPORTED", "choose another algorithm or data type for this shape"),
          new Remedy("NOT_PERMITTED", "give this user access to the GPU (/dev/nvidia*)"),
          new Remedy("BAD_PARAM", "report this with the shapes: the arguments do not fit"),
          new Remedy("INVALID_VALUE", "report this with the shapes: the arguments do not fit"));

  private Remedies() {}

  /** What to do about the status called {@code name}. */
  static String of(String name) {
    return TABLE.stream()
        .filter(r -> name.contains(r.part))
        .map(Remedy::text)
        .findFirst()
        .orElse("f2d doctor shows the GPU, its driver and libraries");
  }
}
