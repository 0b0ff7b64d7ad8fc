package io.github.f2d4j.kernels.ptx;

import java.util.Map;
import java.util.Set;

/** The kernels of one PTX text, by name. */
public record PtxModule(Map<String, PtxKernel> kernels) {
  /** The share of a kernel's instructions that launches have executed; branches do not count. */
  public double executed(String name) {
    PtxKernel kernel = kernel(name);
    int executed = 0;
    int all = 0;
    for (int i = 0; i < kernel.code().length; i++) {
      if (kernel.code()[i].control() == Instruction.Control.NEXT) {
        all++;
        executed += kernel.executed()[i] ? 1 : 0;
      }
    }
    return (double) executed / all;
  }

  /** The names of its kernels. */
  public Set<String> names() {
    return kernels.keySet();
  }

  PtxKernel kernel(String name) {
    PtxKernel kernel = kernels.get(name);
    if (kernel == null) {
      throw new KernelFault(
          KernelFault.Kind.LAUNCH, "no kernel " + name + ", only " + kernels.keySet());
    }
    return kernel;
  }
}
