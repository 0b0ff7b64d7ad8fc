package io.github.f2d4j.kernels;

import io.github.f2d4j.engine.backend.BackendProvider;
import io.github.f2d4j.kernels.setup.CudaSetup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers for NVIDIA GPUs. This version ships no CUDA backend, so the answer is always {@link
 * Unavailable}; the reasons tell apart a machine that lacks a GPU from one where only the backend
 * is missing. {@link #examine()} looks at the driver and every library.
 */
public final class CudaBackendProvider implements BackendProvider {
  /** The reason that holds on every machine. */
  static final String NO_KERNELS =
      "this version of f2d4j-kernels ships no CUDA backend; models run on the CPU backend";

  private final DriverProbe probe;

  /** A provider for this machine. */
  public CudaBackendProvider() {
    this(new DriverProbe(System.getProperty("os.name"), Path.of("/dev")));
  }

  CudaBackendProvider(DriverProbe probe) {
    this.probe = probe;
  }

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public int priority() {
    return 100;
  }

  @Override
  public Availability probe() {
    List<String> reasons = new ArrayList<>(probe.reasons());
    reasons.add(NO_KERNELS);
    return new Unavailable(reasons);
  }

  /** Loads the driver and NVIDIA's libraries to see what is there. */
  @Override
  public List<Finding> examine() {
    return CudaSetup.ofThisMachine().findings();
  }
}
