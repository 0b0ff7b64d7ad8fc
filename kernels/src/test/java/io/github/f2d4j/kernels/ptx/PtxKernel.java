package io.github.f2d4j.kernels.ptx;

import java.util.List;

/**
 * A kernel that is ready to run.
 *
 * @param parameterOffsets where each parameter lies in the parameter memory
 * @param parameterTypes their types
 * @param parameterBytes the size of that memory
 * @param executed which instructions any launch has executed so far
 * @param registers how many registers a thread has, constants among them
 * @param constants registers that hold a constant
 * @param staticShared bytes of shared memory declared in the text; dynamic memory follows
 * @param maxThreads of a block
 */
record PtxKernel(
    String name,
    int[] parameterOffsets,
    List<PtxType> parameterTypes,
    int parameterBytes,
    Instruction[] code,
    boolean[] executed,
    int registers,
    List<Constant> constants,
    int staticShared,
    int maxThreads) {
  /** A register with a fixed value. */
  record Constant(int register, long value) {}
}
