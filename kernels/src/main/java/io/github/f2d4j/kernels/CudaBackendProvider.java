package io.github.f2d4j.kernels;

import io.github.f2d4j.engine.backend.BackendProvider;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.kernels.setup.CudaSetup;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers for NVIDIA GPUs. Where there is a device node, driver and libraries are loaded and the
 * GPU computes a few known results; it is offered only if all of that succeeds. Where there is
 * none, or another backend is asked for by {@value Backends#PROPERTY}, nothing native is touched.
 */
public final class CudaBackendProvider implements BackendProvider {
  private static final Pattern DEVICE = Pattern.compile("cuda:(\\d{1,3})");

  private final DriverProbe probe;
  private final Supplier<CudaSetup> setup;
  private final @Nullable String wanted;
  private @Nullable CudaOpening opening;

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

  /** The GPU that {@value Backends#PROPERTY} names, as in cuda:1, or that the options name. */
  @Override
  public Availability probe() {
    if (wanted == null || wanted.equals(name())) {
      return opened(null);
    }
    Matcher device = DEVICE.matcher(wanted);
    return device.matches()
        ? opened(Integer.valueOf(device.group(1)))
        : new Unavailable(
            List.of("not looked for, since -D" + Backends.PROPERTY + " asks for " + wanted));
  }

  @Override
  public Availability probe(int device) {
    return opened(device);
  }

  /** Each GPU is opened once, so that nothing lies in its memory twice. */
  private synchronized Availability opened(@Nullable Integer device) {
    List<String> reasons = probe.reasons();
    if (!reasons.isEmpty()) {
      return new Unavailable(reasons);
    }
    CudaOpening known = opening;
    if (known == null) {
      known = new CudaOpening(setup.get());
      opening = known;
    }
    return known.of(device);
  }

  /** Loads the driver and NVIDIA's libraries to see what is there. */
  @Override
  public List<Finding> examine() {
    return setup.get().findings();
  }
}
