package io.github.f2d4j.kernels.library;

/** What {@code MethodHandle.invokeExact} declares to throw and native code never does. */
public final class Rethrown {
  private Rethrown() {}

  /** {@code e} itself if it is unchecked; the caller throws what this returns. */
  public static RuntimeException unchecked(Throwable e) {
    if (e instanceof RuntimeException runtime) {
      return runtime;
    }
    if (e instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("a native call threw", e);
  }
}
