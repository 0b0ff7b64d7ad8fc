package io.github.f2d4j.engine.backend;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One operator, compiled for given types. Immutable and shared between threads: whatever a run
 * needs beyond its operands is scratch memory.
 */
public interface Kernel {
  /** What profiles call this kernel, such as {@code GemmKernel}. */
  default String name() {
    return getClass().getSimpleName();
  }

  /** Bytes of scratch memory that a run needs. */
  default long scratchBytes() {
    return 0;
  }

  /**
   * The form in which constant input {@code index} is to be passed, or null for its plain contents.
   * Asked only for inputs that were compiled as constant.
   */
  default @Nullable Packing packing(int index) {
    return null;
  }

  /**
   * Computes.
   *
   * @param inputs the operands, each plain or in the form {@link #packing} asked for
   * @param output where the result goes, uninitialised; overlaps no input
   * @param scratch at least {@link #scratchBytes()}, uninitialised; aligned as buffers are
   */
  void run(List<Buffer> inputs, Buffer output, Buffer scratch);
}
