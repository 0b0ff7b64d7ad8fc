package io.github.f2d4j.engine.cpu.amx;

import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Bias, activation and residual of finished sums in machine code, which reads them where the unit
 * put them. May be touched only where {@link Amx#used} is true.
 */
public final class UnitFinish {
  /** What is done after the bias. */
  public enum Kind {
    /** Nothing. */
    PLAIN,

    /** GELU, by the error function. */
    GELU,

    /** The sums are multiplied with GELU of other sums. */
    GATED
  }

  private static final MemorySegment CONSTANTS = FinishCode.constants();

  /** The functions without residual, and with one. */
  private static final Map<Kind, MemorySegment> ALONE = functions(false);

  private static final Map<Kind, MemorySegment> ADDED = functions(true);

  private static final long ROW = (long) Amx.COLUMNS * Float.BYTES;

  private UnitFinish() {}

  private static Map<Kind, MemorySegment> functions(boolean residual) {
    Map<Kind, MemorySegment> functions = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      functions.put(kind, Amx.place(FinishCode.of(kind, residual)));
    }
    return functions;
  }

  /**
   * Rows of sums, and what is added to them.
   *
   * @param memory off the heap
   * @param at the first row's byte; rows of {@link Amx#COLUMNS} lie one behind the other
   * @param bias off the heap
   * @param biasAt its first column's byte
   */
  public record Sums(MemorySegment memory, long at, MemorySegment bias, long biasAt) {
    private long address(int rows) {
      return Amx.address(memory, at, rows * ROW);
    }

    private long biasAddress() {
      return Amx.address(bias, biasAt, ROW);
    }
  }

  /**
   * Finishes rows.
   *
   * @param gates of {@link Kind#GATED}, otherwise null
   * @param residual laid out like {@code out}, or null for none
   * @param out off the heap, the first row at byte {@code at}
   * @param pitch bytes from one row to the next
   * @param rows at least 1
   */
  public static void finish(
      Kind kind,
      Sums sums,
      @Nullable Sums gates,
      @Nullable MemorySegment residual,
      MemorySegment out,
      long at,
      long pitch,
      int rows) {
    long bytes = (rows - 1) * pitch + ROW;
    MemorySegment function = Objects.requireNonNull((residual == null ? ALONE : ADDED).get(kind));
    long from = sums.address(rows);
    long to = Amx.address(out, at, bytes);
    long bias = sums.biasAddress();
    long added = residual == null ? 0 : Amx.address(residual, at, bytes);
    long gate = gates == null ? 0 : gates.address(rows);
    long gateBias = gates == null ? 0 : gates.biasAddress();
    Amx.call(
        function, from, CONSTANTS.address(), to, (long) rows, bias, pitch, added, gate, gateBias);
  }
}
