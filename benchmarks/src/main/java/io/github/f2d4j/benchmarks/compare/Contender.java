package io.github.f2d4j.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A library that can run workloads. Found by {@link java.util.ServiceLoader}; nothing native may be
 * loaded before {@link #describe()} or {@link #prepare}, which only its own process calls.
 */
public interface Contender {
  /** Its name on the command line and in tables. */
  String name();

  /** The precision it computes in, which decides how far its results may be off. */
  Precision precision();

  /** How far a result may be off. */
  enum Precision {
    /** Relative error below 1e-5, of a network below {@link Net#tolerance()}. */
    FLOAT32(1e-5),
    /** Relative error below 3e-5: a little less than float32. */
    NEAR_FLOAT32(3e-5),
    /** The error is reported; only a result that is plainly another one is refused. */
    BFLOAT16(0.15);

    private final double tolerance;

    Precision(double tolerance) {
      this.tolerance = tolerance;
    }

    /** The largest relative error ‖a−b‖/‖b‖ of an operator's result whose time is told. */
    public double tolerance() {
      return tolerance;
    }

    /** The same of any workload. */
    double tolerance(Workload workload) {
      return this == FLOAT32 && workload instanceof Workload.Network(var net)
          ? net.tolerance()
          : tolerance;
    }
  }

  /** Flags of its JVM beyond those that all have. */
  default List<String> jvmFlags() {
    return List.of();
  }

  /** Environment variables of its process. */
  default Map<String, String> environment() {
    return Map.of();
  }

  /** Versions and settings, in one line. */
  String describe();

  /**
   * Makes a workload ready to run.
   *
   * @param networks where the weights of networks lie
   * @throws UnsupportedWorkloadException if this library or its settings have no such operator
   */
  Prepared prepare(Workload workload, Networks networks) throws IOException;

  /** Where a network's weights lie, or the file a user gave for it. */
  interface Networks {
    /** The folder with {@code config.json} and safetensors weights. */
    Path folder(Net net);

    /** An ONNX file of the network, if the user gave one. */
    Optional<Path> onnx(Net net);

    /** A folder for files that a contender makes and deletes. */
    Path scratch();
  }

  /** A workload ready to run; used by one thread. */
  interface Prepared extends AutoCloseable {
    /** Runs once; the result stays where the library leaves it. */
    void run();

    /**
     * Runs once and reads the result in float32, in this library's layout: rows, images as NHWC.
     */
    float[] result();

    /** What the library chose for this workload, in one line; nothing if there is no choice. */
    default String settings() {
      return "";
    }

    @Override
    default void close() {}
  }
}
