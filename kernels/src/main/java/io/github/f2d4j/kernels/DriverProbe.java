package io.github.f2d4j.kernels;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Looks for an NVIDIA GPU and its driver without starting either.
 *
 * @param os the operating system's name, as in the system property {@code os.name}
 * @param devices the folder of device nodes, {@code /dev} on Linux
 * @param library how to try the driver's library
 */
record DriverProbe(String os, Path devices, LibraryCheck library) {
  /** Tries to load a native library. */
  interface LibraryCheck {
    /** Why the library {@code name} cannot be loaded, or null if it can. */
    @Nullable String failure(String name);
  }

  /** Everything that stands in the way of using a GPU; empty if nothing does. */
  List<String> reasons() {
    String system = os.toLowerCase(Locale.ROOT);
    if (system.startsWith("windows")) {
      return libraryReasons("nvcuda.dll");
    }
    if (!system.startsWith("linux")) {
      return List.of("CUDA exists for Linux and Windows, but this system is " + os);
    }
    List<String> reasons = new ArrayList<>(deviceReasons());
    reasons.addAll(libraryReasons("libcuda.so.1"));
    return reasons;
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

  private List<String> libraryReasons(String name) {
    String failure = library.failure(name);
    return failure == null ? List.of() : List.of(failure);
  }
}
