package io.github.f2d4j.kernels.setup;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Backends;

/** Computes on the CPU with this module on the class path; run in a JVM of its own. */
public final class CpuOnly {
  private CpuOnly() {}

  /** Needs no arguments. */
  public static void main(String[] args) {
    System.out.println(Backends.current().describe());
    System.out.println(Backends.available().get("cuda"));
    System.out.println(
        Tensor.of(new float[] {1, 2}, 2).add(Tensor.of(new float[] {3, 4}, 2)).toFloats()[1]);
  }
}
