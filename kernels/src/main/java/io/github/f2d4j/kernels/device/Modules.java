package io.github.f2d4j.kernels.device;

import io.github.f2d4j.kernels.catalog.Argument;
import io.github.f2d4j.kernels.catalog.KernelLaunch;
import io.github.f2d4j.kernels.catalog.PtxSet;
import io.github.f2d4j.kernels.cuda.CudaContext;
import io.github.f2d4j.kernels.cuda.CudaFunction;
import io.github.f2d4j.kernels.cuda.CudaModule;
import io.github.f2d4j.kernels.cuda.CudaStream;
import io.github.f2d4j.kernels.cuda.LaunchArguments;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Kernels that a GPU's driver has compiled, each when it is first launched. One thread at a time.
 */
final class Modules implements AutoCloseable {
  private static final int MOST_ARGUMENTS = 64;

  /** A kernel, and the most shared memory that it may be launched with. */
  private record Ready(CudaFunction function, int sharedBytes) {}

  private final CudaContext context;
  private final PtxSet set;
  private final Map<String, CudaModule> modules = new HashMap<>();
  private final Map<String, Ready> functions = new HashMap<>();
  private final Arena arena = Arena.ofShared();

  /** Used for every launch: the driver copies the arguments before a launch returns. */
  private final LaunchArguments arguments = new LaunchArguments(arena, MOST_ARGUMENTS);

  Modules(CudaContext context, PtxSet set) {
    this.context = context;
    this.set = set;
  }

  void launch(KernelLaunch launch, CudaStream stream) {
    List<Argument> values = launch.arguments();
    for (int i = 0; i < values.size(); i++) {
      switch (values.get(i)) {
        case Argument.Address(long value) -> arguments.set(i, value);
        case Argument.Int64(long value) -> arguments.set(i, value);
        case Argument.Int32(int value) -> arguments.set(i, value);
        case Argument.Float32(float value) -> arguments.set(i, value);
      }
    }
    function(launch).launch(launch.grid(), launch.block(), launch.sharedBytes(), stream, arguments);
  }

  private CudaFunction function(KernelLaunch launch) {
    Ready ready = functions.get(launch.entry());
    if (ready == null || ready.sharedBytes < launch.sharedBytes()) {
      CudaModule module =
          modules.computeIfAbsent(launch.module(), name -> context.load(set.text(name)));
      ready =
          new Ready(module.function(launch.entry(), launch.sharedBytes()), launch.sharedBytes());
      functions.put(launch.entry(), ready);
    }
    return ready.function;
  }

  @Override
  public void close() {
    modules.values().forEach(CudaModule::close);
    arena.close();
  }
}
