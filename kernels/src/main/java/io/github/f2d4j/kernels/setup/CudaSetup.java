package io.github.f2d4j.kernels.setup;

import io.github.f2d4j.engine.backend.BackendProvider.Finding;
import io.github.f2d4j.kernels.cublas.CublasProvider;
import io.github.f2d4j.kernels.cuda.CudaDriver;
import io.github.f2d4j.kernels.cuda.DriverApi;
import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.library.LibraryLoader;
import io.github.f2d4j.kernels.library.LoadedLibrary;
import io.github.f2d4j.kernels.library.Loading;
import io.github.f2d4j.kernels.library.NativeLibrary;
import io.github.f2d4j.kernels.library.SearchPath;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks at driver, GPUs, JCuda and libraries, from the first to the last that the next depends on.
 * What it loads stays loaded. It makes no context and takes none of a GPU's memory.
 */
public final class CudaSetup {
  /** The oldest CUDA version that a driver must know: 12.0, with drivers from 525. */
  static final int OLDEST_DRIVER = 12000;

  private static final int OLDEST_CAPABILITY = 70;

  private final LibraryLoader loader;
  private final Findings findings = new Findings();
  private @Nullable DriverApi driver;
  private @Nullable CudaLibraries libraries;
  private CudaMode mode = CudaMode.CPU;

  private CudaSetup(LibraryLoader loader) {
    this.loader = loader;
  }

  /** Looks at this machine. */
  public static CudaSetup ofThisMachine() {
    List<String> obstacles = LibraryLoader.obstacles();
    if (!obstacles.isEmpty()) {
      CudaSetup setup = new CudaSetup(new LibraryLoader(new SearchPath(List.of())));
      setup.findings.bad("cuda", obstacles);
      setup.conclude();
      return setup;
    }
    return examine(
        new LibraryLoader(SearchPath.ofThisMachine()), System.getProperty(CublasProvider.PROPERTY));
  }

  /**
   * Looks at what {@code loader} finds.
   *
   * @param provider who is to call cuBLAS, by name; null for the best
   */
  public static CudaSetup examine(LibraryLoader loader, @Nullable String provider) {
    CudaSetup setup = new CudaSetup(loader);
    setup.examine(CublasProvider.named(provider));
    setup.conclude();
    return setup;
  }

  /** Everything that was found, in order, for a person to read. */
  public List<Finding> findings() {
    return findings.all();
  }

  /** The best that can be made of it. */
  public CudaMode mode() {
    return mode;
  }

  /** The driver's functions; null where no GPU can be used. */
  public @Nullable DriverApi driver() {
    return mode.gpu() ? driver : null;
  }

  /** The libraries; null where no GPU can be used. */
  public @Nullable CudaLibraries libraries() {
    return mode.gpu() ? libraries : null;
  }

  private void conclude() {
    String text = mode.describe();
    if (mode.gpu()) {
      findings.good("cuda mode", text);
    } else {
      findings.bad("cuda mode", text);
    }
  }

  private void examine(CublasProvider provider) {
    Loading loading = loader.load(NativeLibrary.DRIVER, NativeLibrary.DRIVER.majors());
    switch (loading) {
      case Loading.Missing missing -> findings.missing("cuda driver", missing);
      case Loading.Loaded loaded -> {
        findings.bad("cuda driver", loaded.failures());
        int version = version(loaded.library());
        if (version == 0 || !devices()) {
          return;
        }
        boolean jcuda = jcuda(loaded.library());
        libraries = CudaLibraries.load(loader, version / 1000, provider, findings);
        if (jcuda && libraries.products()) {
          mode = libraries.mode();
        }
      }
    }
  }

  /** The driver's version; 0 if it cannot be used. */
  private int version(LoadedLibrary library) {
    try {
      DriverApi api = new DriverApi(library);
      int version = api.version();
      String text = library.file() + ", for CUDA up to " + dotted(version);
      if (version < OLDEST_DRIVER) {
        findings.bad(
            "cuda driver", text + ": too old, CUDA 12.0 is needed; " + library.kind().remedy());
        return 0;
      }
      findings.good("cuda driver", text);
      api.initialize();
      driver = api;
      return version;
    } catch (CudaException e) {
      findings.bad("cuda driver", e.getMessage());
      return 0;
    }
  }

  /** For example 12.4 of 12040. */
  static String dotted(long version) {
    return version / 1000 + "." + version % 1000 / 10;
  }

  /** Whether there is a GPU that is new enough. */
  private boolean devices() {
    DriverApi api = driver;
    if (api == null) {
      return false;
    }
    try {
      int count = api.deviceCount();
      boolean usable = false;
      for (int i = 0; i < count; i++) {
        usable |= device(api, i);
      }
      if (count == 0) {
        findings.bad("cuda gpu", "the driver finds no GPU; nvidia-smi lists those it should find");
      }
      return usable;
    } catch (CudaException e) {
      findings.bad("cuda gpu", e.getMessage());
      return false;
    }
  }

  private boolean device(DriverApi api, int ordinal) {
    int device = api.device(ordinal);
    int capability =
        10 * api.deviceAttribute(device, DriverApi.CAPABILITY_MAJOR)
            + api.deviceAttribute(device, DriverApi.CAPABILITY_MINOR);
    String text =
        "%s, sm_%d, %d multiprocessors, %.1f GiB"
            .formatted(
                api.deviceName(device),
                capability,
                api.deviceAttribute(device, DriverApi.MULTIPROCESSORS),
                api.totalMemory(device) / (double) (1L << 30));
    if (capability < OLDEST_CAPABILITY) {
      findings.bad("cuda gpu " + ordinal, text + ": too old, the kernels need sm_70 or newer");
      return false;
    }
    findings.good("cuda gpu " + ordinal, text);
    return true;
  }

  private boolean jcuda(LoadedLibrary library) {
    List<String> obstacles = CudaDriver.jcudaObstacles(library);
    if (obstacles.isEmpty()) {
      findings.good("cuda jcuda", CudaDriver.JCUDA + " for contexts, memory, streams and graphs");
      return true;
    }
    findings.bad("cuda jcuda", obstacles);
    return false;
  }
}
