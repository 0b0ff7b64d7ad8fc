package io.github.f2d4j.kernels;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.BackendProvider.Availability;
import io.github.f2d4j.engine.backend.BackendProvider.Available;
import io.github.f2d4j.engine.backend.BackendProvider.Unavailable;
import io.github.f2d4j.kernels.backend.CudaOptions;
import io.github.f2d4j.kernels.backend.SelfCheck;
import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.setup.CudaSetup;
import java.util.List;

/**
 * Opens a GPU and checks it. A class of its own, so that who stays on the CPU loads nothing of
 * this.
 */
final class CudaOpening {
  private CudaOpening() {}

  private record Gpu(Backend backend) implements Available {}

  static Availability of(CudaSetup found) {
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
}
