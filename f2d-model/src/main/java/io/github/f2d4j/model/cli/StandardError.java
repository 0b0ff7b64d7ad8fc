package io.github.f2d4j.model.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Standard error as the launcher script leaves it. The JVM announces its incubator modules there
 * before any program runs; the script filters that line, and for the time after it keeps the true
 * standard error as another descriptor. Writing to it directly keeps messages in order and complete
 * when the program ends, which a filter in between could not promise.
 */
final class StandardError {
  /** The system property with which the script names the descriptor of the true standard error. */
  static final String PROPERTY = "f2d.stderr";

  private static final int STANDARD_ERROR = 2;

  private StandardError() {}

  /** Puts the true standard error back in place, if the launcher script has moved it. */
  static void restore() {
    Integer kept = Integer.getInteger(PROPERTY);
    if (kept == null || !StandardError.class.getModule().isNativeAccessEnabled()) {
      return;
    }
    System.err.flush();
    duplicate(kept, STANDARD_ERROR);
  }

  /** POSIX dup2; where it fails, messages go on through the script's filter. */
  @SuppressWarnings("restricted") // restore asks for native access first
  private static void duplicate(int from, int to) {
    Linker linker = Linker.nativeLinker();
    linker
        .defaultLookup()
        .find("dup2")
        .ifPresent(
            address -> {
              MethodHandle dup2 =
                  linker.downcallHandle(
                      address,
                      FunctionDescriptor.of(
                          ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
              try {
                int _ = (int) dup2.invokeExact(from, to);
              } catch (Throwable e) {
                throw new LinkageError("dup2 has another signature on this system", e);
              }
            });
  }
}
