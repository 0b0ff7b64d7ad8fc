package io.github.f2d4j.kernels.ptx;

import io.github.f2d4j.kernels.catalog.Dim3;
import io.github.f2d4j.kernels.ptx.AccessLog.Clock;

/** The threads of one block, their shared memory and their barrier. */
final class ThreadBlock {
  final PtxKernel kernel;
  final Memory shared;
  final Memory parameters;
  final Clock clock;
  private final PtxDevice device;
  private final Dim3 grid;
  private final Dim3 size;
  private final int x;
  private final int y;
  private final int z;

  ThreadBlock(
      PtxDevice device,
      PtxKernel kernel,
      Memory parameters,
      int dynamicShared,
      Dim3 grid,
      Dim3 size,
      long index,
      Clock clock) {
    this.device = device;
    this.kernel = kernel;
    this.parameters = parameters;
    this.shared = new Memory("shared memory", kernel.staticShared() + dynamicShared);
    this.clock = clock;
    this.grid = grid;
    this.size = size;
    this.x = (int) (index % grid.x());
    this.y = (int) (index / grid.x() % grid.y());
    this.z = (int) (index / grid.x() / grid.y());
  }

  Memory global(long address) {
    return device.memory(address);
  }

  /** Runs all warps, from barrier to barrier. */
  void run() {
    int threads = (int) size.count();
    Warp[] warps = new Warp[(threads + 31) / 32];
    for (int i = 0; i < warps.length; i++) {
      warps[i] = new Warp(this, i, threads);
    }
    while (true) {
      int waiting = 0;
      for (Warp warp : warps) {
        warp.run();
        if (warp.live != 0) {
          waiting++;
        }
      }
      clock.now++;
      if (waiting == 0) {
        return;
      }
      if (waiting < warps.length) {
        throw new KernelFault(
                KernelFault.Kind.DIVERGENCE,
                waiting + " of " + warps.length + " warps reach a barrier, the others returned")
            .at(kernel.name() + ", " + this);
      }
    }
  }

  /** %tid.x and its like, for a thread. */
  long special(String name, int thread) {
    return switch (name) {
      case "%tid.x" -> thread % size.x();
      case "%tid.y" -> thread / size.x() % size.y();
      case "%tid.z" -> thread / size.x() / size.y();
      case "%ntid.x" -> size.x();
      case "%ntid.y" -> size.y();
      case "%ntid.z" -> size.z();
      case "%ctaid.x" -> x;
      case "%ctaid.y" -> y;
      case "%ctaid.z" -> z;
      case "%nctaid.x" -> grid.x();
      case "%nctaid.y" -> grid.y();
      case "%nctaid.z" -> grid.z();
      case "%laneid" -> thread % 32;
      default -> throw new KernelFault(KernelFault.Kind.SYNTAX, "unknown register " + name);
    };
  }

  @Override
  public String toString() {
    return "block " + x + "," + y + "," + z;
  }
}
