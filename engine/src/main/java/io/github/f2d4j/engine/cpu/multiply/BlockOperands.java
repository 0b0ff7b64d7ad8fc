package io.github.f2d4j.engine.cpu.multiply;

import io.github.f2d4j.engine.cpu.amx.BfloatTile;
import io.github.f2d4j.engine.cpu.tile.Tile;
import java.lang.foreign.MemorySegment;

/**
 * The operands of a block of a product in the form in which a {@link Multiplier} wants them: strips
 * of rows of a and a panel of columns of b are copied to arrays, which then become operands. Their
 * sums stay in slots, one for a strip and a panel, until they are wanted.
 */
public interface BlockOperands {
  /** Makes room for {@code strips} and a panel, of {@code depth} steps of k, and {@code slots}. */
  void reserve(int strips, int depth, int slots);

  /** Floats from one row of {@link #rows} to the next. */
  int pitch();

  /** Where the rows of a strip are copied to: element (row, k) at {@code row * pitch + k}. */
  float[] rows(int strip);

  /**
   * What was copied to {@link #rows} becomes steps {@code [k, k + length)} of the strip, of which
   * it has {@code depth}.
   */
  void takeRows(int strip, int k, int length, int depth);

  /** Whether {@link #takeMatrix} can take rows of {@code length} steps. */
  default boolean takesMatrix(int length) {
    return false;
  }

  /**
   * A strip is {@code count} rows of a matrix in memory off the heap, and zeros.
   *
   * @param from the first row's first byte
   * @param pitch bytes from one row to the next
   * @param length all steps of the strip
   */
  default void takeMatrix(
      int strip, MemorySegment memory, long from, long pitch, int count, int length) {
    throw new UnsupportedOperationException("rows are to be copied");
  }

  /**
   * Steps {@code [k, k + length)} of a row of a strip are numbers that {@link KeptRows} wrote.
   *
   * @param depth all steps of the strip
   * @param from the first number, or −1 for zeros
   * @throws UnsupportedOperationException if {@link Multiplier.Traits#keepsRows} is false
   */
  void takeKept(int strip, int row, int k, int length, int depth, MemorySegment memory, long from);

  /**
   * 16 rows of a strip are windows of an image of numbers that {@link KeptRows} wrote.
   *
   * @param half of the strip, 0 or 1
   * @param from the first row's byte in the image
   * @param k the first step of the windows that is the strip's
   * @throws UnsupportedOperationException if {@link Multiplier.Traits#keepsRows} is false
   */
  default void takeWindows(BfloatTile.Windows image, int strip, int half, long from, int k) {
    throw new UnsupportedOperationException("rows are to be copied");
  }

  /**
   * Where the columns of the panel are copied to: element (k, column) at {@code k * columns +
   * column}, see {@link Tile#columns}.
   */
  float[] columns();

  /**
   * What was copied to {@link #columns} becomes steps {@code [k, k + length)} of the panel, of
   * which it has {@code depth}.
   */
  void takeColumns(int k, int length, int depth);

  /** Whether {@link #takePanel} can take a panel. */
  default boolean takesPanel() {
    return false;
  }

  /**
   * The panel is floats off the heap.
   *
   * @param floats dense [{@link KeptPanels#rows}, columns], with zeros behind {@code length}
   * @param length all steps of the panel
   */
  default void takePanel(MemorySegment floats, int length) {
    throw new UnsupportedOperationException("panels are to be copied");
  }

  /**
   * The panel is steps {@code [k, k + length)} of what {@link KeptPanels} wrote, where it lies.
   *
   * @param panel its first byte
   * @param depth all its steps of k
   * @throws UnsupportedOperationException if the multiplier's traits say that it keeps none
   */
  void useKept(MemorySegment memory, long panel, int k, int length, int depth);

  /**
   * As {@link Tile#multiply}, of {@code count} strips and the panel, whose sums go to as many
   * slots.
   *
   * @param count at most {@link Multiplier.Traits#strips}
   * @param depth steps of k, as many as the strips and the panel have
   * @param slot the first strip's
   * @param first whether what is there does not count
   */
  void multiply(int strip, int count, int depth, int slot, boolean first);

  /** Whether {@link #multiplyInto} can put sums into memory {@code out}. */
  default boolean multipliesInto(MemorySegment out) {
    return false;
  }

  /**
   * As {@link #multiply}, but sums go to, or are added to, whole rows of a panel's columns in
   * memory.
   *
   * @param at the first row's first byte
   * @param pitch bytes from one row to the next
   */
  default void multiplyInto(
      int strip, int count, int depth, MemorySegment out, long at, long pitch, boolean first) {
    throw new UnsupportedOperationException("sums stay in their slots");
  }

  /**
   * The sums, for slots that were {@link #fetch fetched}: those of a slot lie dense from {@code
   * slot * rows * columns} on, see {@link Multiplier.Traits#rows}.
   */
  float[] sums();

  /** Brings slots to {@link #sums}. */
  void fetch(int slot, int count);

  /** All slots' sums off the heap, laid out like {@link #sums}; empty if they are not there. */
  default MemorySegment slots() {
    return MemorySegment.NULL;
  }
}
