package io.github.f2d4j.kernels.setup;

import io.github.f2d4j.kernels.cublas.CudaBlas;
import io.github.f2d4j.kernels.cudnn.CudaDnn;
import io.github.f2d4j.kernels.library.NativeLibrary;
import io.github.f2d4j.kernels.mock.MockLibrary;
import java.nio.file.Path;
import java.util.Optional;

/** Prints what is found in a folder of mocks; run in a JVM of its own. */
public final class SetupReport {
  private SetupReport() {}

  /** Takes the folder, then {@code name=number} for the driver or {@code provider=name}. */
  public static void main(String[] args) {
    Path folder = Path.of(args[0]);
    MockLibrary driver = MockLibrary.load(folder, NativeLibrary.DRIVER, 1);
    String provider = null;
    for (int i = 1; i < args.length; i++) {
      String[] pair = args[i].split("=", 2);
      if (pair[0].equals("provider")) {
        provider = pair[1];
      } else {
        driver.set(pair[0], Long.parseLong(pair[1]));
      }
    }
    CudaSetup setup = CudaSetup.examine(MockLibrary.loader(folder), provider);
    setup
        .findings()
        .forEach(f -> System.out.println((f.good() ? "+ " : "- ") + f.subject() + ": " + f.text()));
    CudaLibraries libraries = setup.libraries();
    if (libraries != null) {
      try (CudaBlas blas = libraries.openBlas()) {
        Optional<CudaDnn> dnn = libraries.openDnn();
        System.out.println(
            "opened cuBLAS "
                + blas.version()
                + " and "
                + dnn.map(d -> "cuDNN " + d.version()).orElse("no cuDNN"));
        dnn.ifPresent(CudaDnn::close);
      }
    }
  }
}
