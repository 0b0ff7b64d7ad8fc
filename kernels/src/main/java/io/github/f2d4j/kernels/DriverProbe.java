package io.github.f2d4j.kernels;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Looks for an NVIDIA GPU without touching its driver: nothing native is loaded, so that programs
 * that stay on the CPU pay nothing.
 *
 * @param os the operating system's name, as in the system property {@code os.name}
 * @param devices the folder of device nodes, {@code /dev} on Linux
 */
record DriverProbe(String os, Path devices) {
  /** Everything that stands in the way of using a GPU; empty if nothing does. */
  List<String> reasons() {
    String system = os.toLowerCase(Locale.ROOT);
    if (system.startsWith("windows")) {
      return List.of();
    }
    if (!system.startsWith("linux")) {
      return List.of("CUDA exists for Linux and Windows, but this system is " + os);
    }
    return deviceReasons();
  }

  /** The driver's kernel module makes nvidiactl and one numbered node per GPU; WSL makes dxg. */
  private List<String> deviceReasons() {
    if (Files.exists(devices.resolve("dxg"))) {
      return List.of();
    }
    Path control = devices.resolve("nvidiactl");
    if (!Files.exists(control)) {
      return List.of(
          "no NVIDIA device: "
              + control
              + " does not exist (is a GPU present, its driver loaded, and is it passed into this"
              + " container?)");
    }
    if (!Files.isReadable(control) || !Files.isWritable(control)) {
      return List.of(
          "the NVIDIA device "
              + control
              + " may not be opened by user "
              + System.getProperty("user.name")
              + "; give that user read and write access");
    }
    return List.of();
  }
}
