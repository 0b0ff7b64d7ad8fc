package io.github.f2d4j.engine.profile;

/**
 * Whether the JDK's flight recorder is there. Module {@code jdk.jfr} is optional: an image made by
 * {@code jlink} may lack it, and then nothing is recorded. Classes that extend {@code
 * jdk.jfr.Event} may be touched only where {@link #PRESENT} is true.
 */
public final class FlightRecorder {
  /** Whether {@code jdk.jfr} is resolved in this JVM. */
  public static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private FlightRecorder() {}

  /** Whether a recording wants every kernel; false where there is no recorder. */
  public static boolean wantsKernels() {
    return PRESENT && RecordedKernel.isWanted();
  }

  /** Runs {@code body}, which computes {@code call}, as an event of the recording. */
  public static void record(KernelCall call, Runnable body) {
    RecordedKernel.record(call, body);
  }
}
