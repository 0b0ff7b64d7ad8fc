package io.github.f2d4j.kernels;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.BackendProvider.Availability;
import io.github.f2d4j.engine.backend.BackendProvider.Available;
import io.github.f2d4j.engine.backend.BackendProvider.Unavailable;
import io.github.f2d4j.kernels.backend.CudaOptions;
import io.github.f2d4j.kernels.backend.SelfCheck;
import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.setup.CudaSetup;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Opens GPUs, each once, and checks them. A class of its own, so that who stays on the CPU loads
 * nothing of this.
 */
final class CudaOpening {
  private final CudaSetup found;
  private final Map<Integer, Availability> opened = new HashMap<>();

  CudaOpening(CudaSetup found) {
    this.found = found;
  }

  private record Gpu(Backend backend) implements Available {}

  /** The backend on GPU {@code device}; on the one that the options name if it is null. */
  synchronized Availability of(@Nullable Integer device) {
    if (!found.mode().gpu()) {
      return new Unavailable(
          found.findings().stream()
              .filter(f -> !f.good())
              .map(f -> f.subject() + ": " + f.text())
              .toList());
    }
    try {
      CudaOptions options = CudaOptions.ofThisProgram();
      CudaOptions here = device == null ? options : options.on(device);
      return opened.computeIfAbsent(here.device(), _ -> open(here));
    } catch (IllegalArgumentException e) {
      return new Unavailable(List.of(String.valueOf(e.getMessage())));
    }
  }

  private Availability open(CudaOptions options) {
    try {
      Backend backend = options.open(found);
      List<String> wrong = SelfCheck.of(backend);
      return wrong.isEmpty() ? new Gpu(backend) : new Unavailable(wrong);
    } catch (CudaException
        | IllegalArgumentException
        | IllegalStateException
        | OutOfMemoryError e) {
      return new Unavailable(List.of(String.valueOf(e.getMessage())));
    }
  }
}
