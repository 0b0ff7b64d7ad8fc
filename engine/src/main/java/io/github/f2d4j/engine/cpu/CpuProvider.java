package io.github.f2d4j.engine.cpu;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.BackendProvider;
import io.github.f2d4j.engine.cpu.pool.WorkPool;

/** Offers the CPU, which is always available. */
public final class CpuProvider implements BackendProvider {
  /** For the service loader. */
  public CpuProvider() {}

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public Availability probe() {
    return new Cpu();
  }

  private static final class Cpu implements Available {
    /** Made on first use, so that asking what is available starts no threads. */
    private static final class Holder {
      static final Backend BACKEND = new CpuBackend(WorkPool.shared());
    }

    @Override
    public Backend backend() {
      return Holder.BACKEND;
    }
  }
}
