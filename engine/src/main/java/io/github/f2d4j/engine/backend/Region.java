package io.github.f2d4j.engine.backend;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Off-heap memory with one lifetime: it is freed when nothing refers to it any more, or at once by
 * {@link #close()}. The weights of a model lie in one region, with everything that is packed or
 * computed from them.
 *
 * <p>Buffers keep their region alive, and so do the tensors that hold them. A bare {@link
 * java.lang.foreign.MemorySegment} does not: keep its buffer, or the region, for as long as it is
 * read. After {@link #close()} reading fails with an {@link IllegalStateException}; it never
 * touches memory that is gone. Close it only when no other thread computes with it: machine code
 * that runs at that moment would not notice.
 *
 * {@snippet file = "io/github/f2d4j/engine/example/TensorExample.java" region = "region"}
 */
public final class Region implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final ScopedValue<Region> CURRENT = ScopedValue.newInstance();

  private final Memory memory = new Memory();
  private final Cleaner.Cleanable cleanable = CLEANER.register(this, memory);

  /** What remains when the region is unreachable; must not refer to it. */
  private static final class Memory implements Runnable {
    final Arena arena = Arena.ofShared();
    final AtomicLong allocated = new AtomicLong();
    private final List<Runnable> elsewhere = new ArrayList<>();
    private boolean gone;

    /** Runs {@code free} when this memory is freed. */
    void add(Runnable free) {
      synchronized (elsewhere) {
        if (!gone) {
          elsewhere.add(free);
          return;
        }
      }
      free.run();
    }

    @Override
    public void run() {
      arena.close();
      List<Runnable> all;
      synchronized (elsewhere) {
        gone = true;
        all = List.copyOf(elsewhere);
        elsewhere.clear();
      }
      RuntimeException failure = null;
      for (Runnable free : all) {
        try {
          free.run();
        } catch (RuntimeException e) {
          if (failure == null) {
            failure = e;
          } else {
            failure.addSuppressed(e);
          }
        }
      }
      if (failure != null) {
        throw failure;
      }
    }
  }

  /** A region without memory. */
  public Region() {}

  /**
   * Zeroed memory of this region.
   *
   * @throws OutOfMemoryError saying how much was asked for and which flag raises the limit
   * @throws IllegalStateException if the region is closed
   */
  public HostBuffer allocate(long bytes) {
    HostBuffer buffer = HostBuffer.of(HostBuffer.allocate(memory.arena, bytes), this);
    memory.allocated.addAndGet(bytes);
    return buffer;
  }

  /**
   * Frees with this region what lies elsewhere, such as copies of its weights in a GPU's memory.
   *
   * @param free frees it; runs when this region is closed or unreachable, which it may therefore
   *     not refer to; at once if that has happened
   */
  public void freeWith(Runnable free) {
    memory.add(free);
  }

  /** Runs {@code body}; weight files that this thread opens in it are mapped into this region. */
  public <T, X extends Throwable> T loading(ScopedValue.CallableOp<? extends T, X> body) throws X {
    return ScopedValue.where(CURRENT, this).<T, X>call(body);
  }

  /**
   * Where a file is to be mapped: into the region that this thread is {@link #loading}, else into
   * memory that the garbage collector frees.
   */
  public static Arena mappingArena() {
    return CURRENT.isBound() ? CURRENT.get().memory.arena : Arena.ofAuto();
  }

  /** A buffer over memory of {@link #mappingArena()}, without a copy. */
  public static HostBuffer mapped(MemorySegment segment) {
    return CURRENT.isBound() ? HostBuffer.of(segment, CURRENT.get()) : HostBuffer.of(segment);
  }

  /** Bytes that {@link #allocate} has given out; mapped files are not counted. */
  public long allocatedBytes() {
    return memory.allocated.get();
  }

  /** Whether the memory can be read. */
  public boolean isOpen() {
    return memory.arena.scope().isAlive();
  }

  /** Frees the memory at once. Calling it again does nothing. */
  @Override
  public void close() {
    cleanable.clean();
  }
}
