package io.github.f2d4j.engine.backend;

import java.util.List;

/**
 * A kernel with all that a run reads and writes.
 *
 * @param inputs the operands, as {@link Kernel#run} takes them
 * @param output where the result goes
 * @param scratch its scratch memory
 */
public record BoundKernel(Kernel kernel, List<Buffer> inputs, Buffer output, Buffer scratch) {
  /** Copies the list. */
  public BoundKernel {
    inputs = List.copyOf(inputs);
  }

  /** Runs it. */
  public void run() {
    kernel.run(inputs, output, scratch);
  }
}
