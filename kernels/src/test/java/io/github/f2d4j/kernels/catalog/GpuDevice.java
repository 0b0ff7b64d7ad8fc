package io.github.f2d4j.kernels.catalog;

import io.github.f2d4j.kernels.cuda.CudaContext;
import io.github.f2d4j.kernels.cuda.CudaDriver;
import io.github.f2d4j.kernels.cuda.CudaEvent;
import io.github.f2d4j.kernels.cuda.CudaFunction;
import io.github.f2d4j.kernels.cuda.CudaGraph;
import io.github.f2d4j.kernels.cuda.CudaModule;
import io.github.f2d4j.kernels.cuda.CudaStream;
import io.github.f2d4j.kernels.cuda.DeviceMemory;
import io.github.f2d4j.kernels.cuda.DriverApi;
import io.github.f2d4j.kernels.cuda.LaunchArguments;
import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.library.LibraryLoader;
import io.github.f2d4j.kernels.library.Loading;
import io.github.f2d4j.kernels.library.NativeLibrary;
import io.github.f2d4j.kernels.library.SearchPath;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A real GPU as device of cases. Fresh memory holds bytes of all ones, which are NaN in every float
 * format, and lies between guards of the same: what a kernel leaves out, reads too early or writes
 * outside shows.
 */
public final class GpuDevice implements CaseDevice, AutoCloseable {
  private static final int GUARD = 512;

  private final CudaContext context;
  private final CudaStream stream;
  private final Map<String, CudaModule> modules = new HashMap<>();
  private final Map<KernelLaunch, CudaFunction> functions = new HashMap<>();
  private final List<Guarded> memories = new ArrayList<>();
  private final int capability;
  private PtxSet set;

  private GpuDevice(CudaContext context, int capability, PtxSet set) {
    this.context = context;
    this.stream = context.newStream();
    this.capability = capability;
    this.set = set;
  }

  /** Why there is none; empty if {@link #open} will do. */
  public static List<String> obstacles() {
    List<String> obstacles = new ArrayList<>(LibraryLoader.obstacles());
    if (!obstacles.isEmpty()) {
      return obstacles;
    }
    switch (load()) {
      case Loading.Missing missing -> obstacles.addAll(missing.failures());
      case Loading.Loaded loaded -> {
        try {
          DriverApi api = CudaDriver.start(loaded.library()).api();
          if (api.deviceCount() == 0) {
            obstacles.add("the driver finds no GPU");
          } else if (set(api).isEmpty()) {
            obstacles.add("the GPU is older than sm_70");
          }
        } catch (CudaException e) {
          obstacles.add(e.getMessage());
        }
      }
    }
    return obstacles;
  }

  private static Loading load() {
    return new LibraryLoader(SearchPath.ofThisMachine())
        .load(NativeLibrary.DRIVER, NativeLibrary.DRIVER.majors());
  }

  private static int capability(DriverApi api) {
    int device = api.device(0);
    return 10 * api.deviceAttribute(device, DriverApi.CAPABILITY_MAJOR)
        + api.deviceAttribute(device, DriverApi.CAPABILITY_MINOR);
  }

  private static List<PtxSet> set(DriverApi api) {
    return PtxSet.forCapability(capability(api) / 10).stream().toList();
  }

  /** The first GPU. */
  public static GpuDevice open() {
    if (!(load() instanceof Loading.Loaded loaded)) {
      throw new IllegalStateException("no driver: " + obstacles());
    }
    CudaDriver driver = CudaDriver.start(loaded.library());
    PtxSet set = set(driver.api()).getFirst();
    return new GpuDevice(driver.open(0), capability(driver.api()), set);
  }

  /** For example 90. */
  public int capability() {
    return capability;
  }

  /** The sets that it can run: its own and all older ones. */
  public List<PtxSet> sets() {
    List<PtxSet> all = List.of(PtxSet.values());
    return all.subList(
        all.indexOf(PtxSet.forCapability(capability / 10).orElseThrow()), all.size());
  }

  /** The GPU's memory, streams and events, for what is no case. */
  public CudaContext context() {
    return context;
  }

  /** Its queue of work. */
  public CudaStream stream() {
    return stream;
  }

  /** Runs the kernels of {@code wanted} from now on. */
  public void use(PtxSet wanted) {
    set = wanted;
  }

  @Override
  public PtxSet set() {
    return set;
  }

  @Override
  public Memory allocateBytes(long bytes) {
    return new Guarded(Math.toIntExact(bytes));
  }

  @Override
  public Memory upload(byte[] contents) {
    Guarded memory = new Guarded(contents.length);
    memory.write(contents);
    return memory;
  }

  @Override
  public void launch(List<KernelLaunch> launches) {
    try (Arena arena = Arena.ofConfined()) {
      launches.forEach(
          l ->
              function(l)
                  .launch(l.grid(), l.block(), l.sharedBytes(), stream, arguments(arena, l)));
      stream.synchronize();
    }
  }

  private CudaFunction function(KernelLaunch l) {
    KernelLaunch key =
        new KernelLaunch(
            set + l.module(), l.entry(), Dim3.of(1), Dim3.of(1), l.sharedBytes(), List.of());
    return functions.computeIfAbsent(
        key,
        _ ->
            modules
                .computeIfAbsent(set + l.module(), _ -> context.load(set.text(l.module())))
                .function(l.entry(), l.sharedBytes()));
  }

  private static LaunchArguments arguments(Arena arena, KernelLaunch l) {
    LaunchArguments arguments = new LaunchArguments(arena, l.arguments().size());
    for (int i = 0; i < l.arguments().size(); i++) {
      switch (l.arguments().get(i)) {
        case Argument.Address(long value) -> arguments.set(i, value);
        case Argument.Int64(long value) -> arguments.set(i, value);
        case Argument.Int32(int value) -> arguments.set(i, value);
        case Argument.Float32(float value) -> arguments.set(i, value);
      }
    }
    return arguments;
  }

  /**
   * Milliseconds of the GPU for all launches one after the other, recorded as one graph: the best
   * of {@code runs} after one to warm up.
   */
  public double millis(List<KernelLaunch> launches, int runs) {
    try (Arena arena = Arena.ofConfined();
        CudaEvent start = context.newEvent(true);
        CudaEvent end = context.newEvent(true)) {
      launches.forEach(this::function); // modules load outside of the recording
      stream.beginCapture();
      for (KernelLaunch l : launches) {
        function(l).launch(l.grid(), l.block(), l.sharedBytes(), stream, arguments(arena, l));
      }
      double best = Double.POSITIVE_INFINITY;
      try (CudaGraph graph = stream.endCapture()) {
        for (int i = 0; i <= runs; i++) {
          stream.record(start);
          graph.launch(stream);
          stream.record(end);
          stream.synchronize();
          if (i > 0) {
            best = Math.min(best, end.millisSince(start));
          }
        }
      }
      return best;
    }
  }

  /** Frees what the last case took, and says which guards were overwritten, if any. */
  public @Nullable String finish() {
    String broken = null;
    for (Guarded memory : memories) {
      if (broken == null) {
        broken = memory.broken();
      }
      memory.memory.close();
    }
    memories.clear();
    return broken;
  }

  @Override
  public void close() {
    finish();
    modules.values().forEach(CudaModule::close);
    stream.close();
    context.close();
  }

  private final class Guarded implements Memory {
    private final int bytes;
    private final DeviceMemory memory;

    Guarded(int bytes) {
      this.bytes = bytes;
      this.memory = context.allocate(bytes + 2L * GUARD);
      memory.fill((byte) 0xFF, stream);
      memories.add(this);
    }

    @Override
    public long address() {
      return memory.address() + GUARD;
    }

    void write(byte[] contents) {
      if (contents.length == 0) {
        return;
      }
      try (Arena arena = Arena.ofConfined()) {
        memory.copyFrom(arena.allocateFrom(ValueLayout.JAVA_BYTE, contents), GUARD, stream);
        stream.synchronize();
      }
    }

    private byte[] read(int from, int count) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment host = arena.allocate(Math.max(1, count));
        memory.copyTo(host.asSlice(0, count), from, stream);
        stream.synchronize();
        return host.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
      }
    }

    @Override
    public byte[] bytes() {
      return bytes == 0 ? new byte[0] : read(GUARD, bytes);
    }

    @Nullable String broken() {
      byte[] before = read(0, GUARD);
      byte[] after = read(GUARD + bytes, GUARD);
      for (int i = 0; i < GUARD; i++) {
        if (before[i] != -1) {
          return "byte " + (i - GUARD) + " of a memory of " + bytes + " bytes was written";
        }
        if (after[i] != -1) {
          return "byte " + (bytes + i) + " of a memory of " + bytes + " bytes was written";
        }
      }
      return null;
    }
  }
}
