package io.github.f2d4j.engine.backend;

import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.TreeSet;

/**
 * Keeps host working memory between runs. A borrower gets the smallest free block that is large
 * enough; when there is none, the largest free block is freed before a new one is made, so the pool
 * never holds more blocks than were ever in use at once.
 */
public final class WorkspacePool {
  private static final System.Logger LOG = System.getLogger(WorkspacePool.class.getName());

  private final TreeSet<Block> free =
      new TreeSet<>(
          Comparator.comparingLong((Block b) -> b.buffer.bytes()).thenComparingLong(b -> b.serial));
  private long serial;
  private int borrowed;

  /** A pool that holds nothing yet. */
  public WorkspacePool() {}

  private final class Block implements Backend.Workspace {
    final Arena arena = Arena.ofShared();
    final long serial;
    final HostBuffer buffer;

    Block(long serial, long bytes) {
      this.serial = serial;
      MemorySegment memory;
      try {
        memory = HostBuffer.allocate(arena, bytes);
      } catch (OutOfMemoryError e) {
        arena.close();
        throw e;
      }
      this.buffer = HostBuffer.of(memory);
    }

    @Override
    public Buffer buffer() {
      return buffer;
    }

    @Override
    public void close() {
      giveBack(this);
    }
  }

  /** Borrows at least {@code bytes}; closing gives the memory back to this pool. */
  public Backend.Workspace borrow(long bytes) {
    long number;
    Block victim = null;
    synchronized (free) {
      for (Block b : free) {
        if (b.buffer.bytes() >= bytes) {
          free.remove(b);
          borrowed++;
          return b;
        }
      }
      if (!free.isEmpty()) {
        victim = free.pollLast();
      }
      number = serial++;
    }
    if (victim != null) {
      victim.arena.close();
    }
    Block block = new Block(number, bytes);
    synchronized (free) {
      borrowed++;
    }
    LOG.log(Level.DEBUG, "Working memory of {0} bytes", bytes);
    return block;
  }

  /** Blocks that are lent at the moment. */
  public int borrowed() {
    synchronized (free) {
      return borrowed;
    }
  }

  /** Bytes that are kept for later and not lent at the moment. */
  public long idleBytes() {
    synchronized (free) {
      return free.stream().mapToLong(b -> b.buffer.bytes()).sum();
    }
  }

  /** Frees all memory that nobody has borrowed. */
  public void trim() {
    synchronized (free) {
      free.forEach(b -> b.arena.close());
      free.clear();
    }
  }

  private void giveBack(Block block) {
    synchronized (free) {
      free.add(block);
      borrowed--;
    }
  }
}
