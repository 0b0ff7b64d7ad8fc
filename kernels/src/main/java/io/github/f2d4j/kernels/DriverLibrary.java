package io.github.f2d4j.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import org.jspecify.annotations.Nullable;

/** Tries whether the system's loader finds a native library. */
final class DriverLibrary {
  private DriverLibrary() {}

  /**
   * Why the library {@code name} cannot be loaded, or null if it can. It is let go again.
   *
   * <p>Where native access is not granted this does not try, since the JVM would warn or throw.
   */
  @SuppressWarnings("restricted") // asks for native access first
  static @Nullable String failure(String name) {
    Module module = DriverLibrary.class.getModule();
    if (!module.isNativeAccessEnabled()) {
      return "cannot look for the NVIDIA driver library "
          + name
          + ": native access is off; start java with --enable-native-access="
          + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
    }
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup.libraryLookup(name, arena);
      return null;
    } catch (IllegalArgumentException e) {
      return "the NVIDIA driver library "
          + name
          + " cannot be loaded ("
          + e.getMessage()
          + "); install the NVIDIA driver";
    }
  }
}
