package io.github.f2d4j.kernels;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.BackendProvider;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.kernels.backend.CudaOptions;
import io.github.f2d4j.kernels.backend.SelfCheck;
import io.github.f2d4j.kernels.library.CudaException;
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
        CudaSetup::ofThisMachine,
        System.getProperty(Backends.PROPERTY));
  }

  CudaBackendProvider(DriverProbe probe, Supplier<CudaSetup> setup, @Nullable String wanted) {
    this.probe = probe;
    this.setup = setup;
    this.wanted = wanted;
  }

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public int priority() {
    return 100;
  }

  private record Gpu(Backend backend) implements Available {}

  @Override
  public Availability probe() {
    if (wanted != null && !wanted.equals(name())) {
      return new Unavailable(
          List.of("not looked for, since -D" + Backends.PROPERTY + " asks for " + wanted));
    }
    List<String> reasons = probe.reasons();
    return reasons.isEmpty() ? open() : new Unavailable(reasons);
  }

  private Availability open() {
    CudaSetup found = setup.get();
    if (!found.mode().gpu()) {
      return new Unavailable(
          found.findings().stream()
              .filter(f -> !f.good())
              .map(f -> f.subject() + ": " + f.text())
              .toList());
    }
    try {
      Backend backend = CudaOptions.ofThisProgram().open(found);
      List<String> wrong = SelfCheck.of(backend);
      return wrong.isEmpty() ? new Gpu(backend) : new Unavailable(wrong);
    } catch (CudaException | IllegalArgumentException | OutOfMemoryError e) {
      return new Unavailable(List.of(String.valueOf(e.getMessage())));
    }
  }

  /** Loads the driver and NVIDIA's libraries to see what is there. */
  @Override
  public List<Finding> examine() {
    return setup.get().findings();
  }
}
