package io.github.f2d4j.engine.backend;

import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A kind of processor: it compiles operators and owns the memory they run in. Safe for use by many
 * threads.
 */
public interface Backend {
  /** A short name such as {@code cpu}. */
  String name();

  /** One line on what runs: device, lanes, threads. */
  String describe();

  /**
   * Compiles {@code op}.
   *
   * @param inputs the operands; their types are those that {@code op} accepts, or those that {@link
   *     #holds} gave for them
   * @param output the result's type, which is what {@code op} infers, or what {@link #holds} gave
   */
  Kernel compile(Op op, List<Operand> inputs, TensorType output);

  /**
   * Whether kernels of {@code op} read input {@code index} also as a range of columns: rows of the
   * last axis that lie {@link Operand#pitch()} elements apart. A slice of columns then needs no
   * copy.
   */
  default boolean readsColumns(Op op, int index) {
    return false;
  }

  /**
   * The element type in which this backend keeps the result of {@code op} where nobody but its own
   * kernels sees it: in a run's working memory. Results of a run always have the type that their
   * operator infers.
   *
   * @param inputs the operands, as they are kept
   * @param output the type that {@code op} infers
   */
  default DType holds(Op op, List<Operand> inputs, TensorType output) {
    return output.dtype();
  }

  /**
   * The same processor and memory, where numbers between operators have a wider range: for what was
   * not finite here. Null where there is none.
   */
  default @Nullable Backend wider() {
    return null;
  }

  /** Fresh memory for a result, which the garbage collector frees. */
  Buffer allocate(long bytes);

  /** As {@link #allocate}; where memory can be freed at once, this is freed with {@code owner}. */
  default Buffer allocateBeside(Buffer owner, long bytes) {
    return allocate(bytes);
  }

  /** {@code buffer} where this backend's kernels can read it. */
  Buffer resident(Buffer buffer);

  /**
   * Borrows working memory of at least {@code bytes}, uninitialised; several may be out at once.
   *
   * @throws OutOfMemoryError with the remedy, if there is not enough
   */
  Workspace borrow(long bytes);

  /**
   * What runs the kernels of one plan as a unit, such as a recording that is queued with one call;
   * null where they run one after the other. Asked once for each plan.
   */
  default @Nullable SequenceRunner runner(KernelSequence sequence) {
    return null;
  }

  /** Frees working memory that is kept for later runs and not borrowed. */
  default void trim() {}

  /**
   * Runs {@code body} for 0 to {@code tasks} − 1, on several threads where this backend has them.
   */
  default void parallel(int tasks, IntConsumer body) {
    for (int i = 0; i < tasks; i++) {
      body.accept(i);
    }
  }

  /** Waits until all kernels that this thread has started are done. */
  void synchronize();

  /** Borrowed working memory; closing gives it back. */
  interface Workspace extends AutoCloseable {
    /** The memory. */
    Buffer buffer();

    @Override
    void close();
  }
}
