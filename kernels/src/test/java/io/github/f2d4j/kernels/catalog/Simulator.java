package io.github.f2d4j.kernels.catalog;

import io.github.f2d4j.kernels.ptx.DeviceBuffer;
import io.github.f2d4j.kernels.ptx.PtxDevice;
import io.github.f2d4j.kernels.ptx.PtxModule;
import io.github.f2d4j.kernels.ptx.PtxParser;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** An interpreted GPU that has loaded one set of PTX, perhaps with a fault planted in it. */
final class Simulator implements CaseDevice {
  /** Parsed once: the large modules have twenty thousand lines. */
  private static final Map<String, PtxModule> PARSED = new ConcurrentHashMap<>();

  private final PtxSet set;
  private final PtxDevice device = new PtxDevice();
  private final Map<String, PtxModule> faulty;
  private final UnaryOperator<KernelLaunch> change;

  /** Where launches are noted instead of run, if not null. */
  private Set<String> recorded;

  private Simulator(PtxSet set, Map<String, PtxModule> faulty, UnaryOperator<KernelLaunch> change) {
    this.set = set;
    this.faulty = faulty;
    this.change = change;
  }

  static Simulator of(PtxSet set) {
    return new Simulator(set, Map.of(), UnaryOperator.identity());
  }

  /** With one kernel's text replaced. */
  static Simulator withFault(PtxSet set, String entry, String text) {
    return new Simulator(set, Map.of(entry, PtxParser.parse(text)), UnaryOperator.identity());
  }

  /** The kernels that a case launches, found without running any. */
  static Set<String> entries(PtxSet set, KernelCase kernelCase) {
    Set<String> entries = new TreeSet<>();
    Simulator recorder =
        withLaunches(
            set,
            launch -> {
              throw new AssertionError("nothing is launched");
            });
    recorder.recorded = entries;
    try {
      kernelCase.body().run(recorder);
    } catch (Recorded _) {
      return entries;
    }
    throw new AssertionError(kernelCase + " launched nothing");
  }

  /** Ends a case whose launches have been recorded. */
  private static final class Recorded extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** With every launch changed. */
  static Simulator withLaunches(PtxSet set, UnaryOperator<KernelLaunch> change) {
    return new Simulator(set, Map.of(), change);
  }

  @Override
  public PtxSet set() {
    return set;
  }

  @Override
  public Memory allocateBytes(long bytes) {
    return memory(device.allocate(bytes));
  }

  @Override
  public Memory upload(byte[] contents) {
    DeviceBuffer buffer = device.allocate(contents.length);
    buffer.write(contents);
    return memory(buffer);
  }

  private static Memory memory(DeviceBuffer buffer) {
    return new Memory() {
      @Override
      public long address() {
        return buffer.address();
      }

      @Override
      public byte[] bytes() {
        return buffer.bytes();
      }
    };
  }

  @Override
  public void launch(List<KernelLaunch> launches) {
    if (recorded != null) {
      launches.forEach(launch -> recorded.add(launch.entry()));
      throw new Recorded();
    }
    for (KernelLaunch launch : launches) {
      PtxModule module = faulty.get(launch.entry());
      if (module == null) {
        module = module(set, launch.module());
      }
      device.launch(module, change.apply(launch));
    }
  }

  static PtxModule module(PtxSet set, String name) {
    return PARSED.computeIfAbsent(set + "/" + name, _ -> PtxParser.parse(set.text(name)));
  }
}
