package io.github.f2d4j.kernels;

import io.github.f2d4j.engine.backend.BackendProvider;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.kernels.setup.CudaSetup;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers for NVIDIA GPUs. Where there is a device node, driver and libraries are loaded and the
 * GPU computes a few known results; it is offered only if all of that succeeds. Where there is
 * none, or another backend is asked for by {@value Backends#PROPERTY}, nothing native is touched.
 */
public final class CudaBackendProvider implements BackendProvider {
  private final DriverProbe probe;
  private final Supplier<CudaSetup> setup;
  private final @Nullable String wanted;

  /** A provider for this machine. */
  public CudaBackendProvider() {
    this(
        new DriverProbe(System.getProperty("os.name"), Path.of("/dev")),
        new ThisMachine(),
        System.getProperty(Backends.PROPERTY));
  }

  CudaBackendProvider(DriverProbe probe, Supplier<CudaSetup> setup, @Nullable String wanted) {
    this.probe = probe;
    this.setup = setup;
    this.wanted = wanted;
  }

  /** A lambda would load what it gives as soon as it is made. */
  private static final class ThisMachine implements Supplier<CudaSetup> {
    @Override
    public CudaSetup get() {
      return CudaSetup.ofThisMachine();
    }
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
    if (wanted != null && !wanted.equals(name())) {
      return new Unavailable(
          List.of("not looked for, since -D" + Backends.PROPERTY + " asks for " + wanted));
    }
    List<String> reasons = probe.reasons();
    return reasons.isEmpty() ? CudaOpening.of(setup.get()) : new Unavailable(reasons);
  }

  /** Loads the driver and NVIDIA's libraries to see what is there. */
  @Override
  public List<Finding> examine() {
    return setup.get().findings();
  }
}
