package io.github.f2d4j.kernels.catalog;

/**
 * One use of a kernel family: inputs, launches, and the comparison of what comes out with plain
 * loops in double precision.
 *
 * @param name the kernel and the shape
 * @param body throws if anything is wrong
 */
public record KernelCase(String name, Body body) {
  /** Runs the case. */
  public interface Body {
    /** Throws if anything is wrong. */
    void run(CaseDevice device);
  }

  /** Runs it with the PTX that ships. */
  void run(PtxSet set) {
    body.run(Simulator.of(set));
  }

  @Override
  public String toString() {
    return name;
  }
}
