package io.github.f2d4j.kernels.cuda;

import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.library.LoadedLibrary;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The driver with all that the bindings need of it: its own functions, and JCuda. */
public final class CudaDriver {
  /** The Maven coordinates of JCuda's driver bindings. */
  public static final String JCUDA = "org.jcuda:jcuda:12.6.0";

  private static final String JCUDA_CLASS = "jcuda.driver.JCudaDriver";

  private final DriverApi api;

  private CudaDriver(DriverApi api) {
    this.api = api;
  }

  /** Why contexts, memory and streams cannot be had through JCuda; empty if they can. */
  public static List<String> jcudaObstacles(LoadedLibrary driver) {
    List<String> reasons = new ArrayList<>();
    List<String> missing = JCudaSymbols.missing(driver);
    if (!missing.isEmpty()) {
      reasons.add(driver + " lacks " + String.join(", ", missing) + "; " + driver.kind().remedy());
      return reasons; // A start would be harmless, but no call after it.
    }
    @Nullable String failure = JCudaNatives.failure(JCUDA_CLASS, JCUDA);
    if (failure != null) {
      reasons.add(failure);
    }
    return reasons;
  }

  /**
   * Starts the driver.
   *
   * @throws CudaException if there is no GPU, or JCuda cannot be used
   */
  public static CudaDriver start(LoadedLibrary library) {
    DriverApi api = new DriverApi(library);
    api.initialize();
    List<String> obstacles = jcudaObstacles(library);
    if (!obstacles.isEmpty()) {
      throw CudaException.notPossible(
          "JCuda",
          "the start",
          String.join("; ", obstacles),
          "put " + JCUDA + " with its natives on the class path",
          null);
    }
    return new CudaDriver(api);
  }

  /** The functions that are called without JCuda. */
  public DriverApi api() {
    return api;
  }

  /** The GPU number {@code ordinal} with its primary context, which other libraries share. */
  public CudaContext open(int ordinal) {
    int count = api.deviceCount();
    if (ordinal < 0 || ordinal >= count) {
      throw new IllegalArgumentException(
          "there is no GPU " + ordinal + "; this machine has " + count + ", numbered from 0");
    }
    return new CudaContext(api, ordinal);
  }
}
