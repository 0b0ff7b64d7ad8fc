package io.github.f2d4j.engine.cpu.multiply;

import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.amx.Precision;
import io.github.f2d4j.engine.cpu.tile.Tile;

/** What multiplies the strips and panels of a product. */
public enum Multiplier {
  /** The register tile: every element is one chain of fused multiply-adds, see {@link Tile}. */
  TILE,

  /** The processor's matrix unit, see {@link Amx}. */
  AMX;

  /**
   * Fewest rows for the matrix unit, of images and attention. With fewer it takes longer to make
   * operands of the columns, where they were not kept, than vectors take to multiply them.
   */
  public static final int AMX_ROWS = 32;

  /**
   * What cutting products into blocks depends on.
   *
   * @param rows of a strip
   * @param strips that are best multiplied at once
   * @param depth steps of k that go together: stretches of k are cut into multiples of it
   * @param chunk most steps of k that are copied at a time, a multiple of {@code depth}
   * @param longest most steps of a stretch of k
   * @param shortest fewest steps where more stretches are possible than the fewest
   * @param bytes of an element of a strip or panel
   * @param near rows and columns that the first-level cache should keep
   * @param speed multiply-adds in the time in which {@link Tile} does one
   * @param making an element of an operand of what was copied, in multiply-adds of {@link Tile}
   * @param keeps whether constant panels are kept in the form of operands, see {@link KeptPanels}
   */
  public record Traits(
      int rows,
      int strips,
      int depth,
      int chunk,
      int longest,
      int shortest,
      int bytes,
      int near,
      double speed,
      double making,
      boolean keeps) {
    /** Steps of a stretch if {@code k} steps are cut into the fewest. */
    public int stretch(int k) {
      return stretch(k, Math.max(1, Math.ceilDiv(k, longest)));
    }

    /** Steps of a stretch if {@code k} steps are cut into {@code count} even stretches. */
    public int stretch(int k, int count) {
      return Math.max(1, Math.ceilDiv(Math.ceilDiv(k, count), depth)) * depth;
    }

    /** Whether left operands can be {@link KeptRows}, in pieces of {@code count} numbers. */
    public boolean keepsRows(int count) {
      return keeps && bytes == Short.BYTES && count % depth == 0;
    }
  }

  /**
   * What multiplies items of {@code rows} rows. Items are what a batch is made of, so that results
   * do not depend on the batch.
   */
  public static Multiplier of(int rows) {
    return Amx.used() && rows >= AMX_ROWS ? AMX : TILE;
  }

  /**
   * The same for matrices. As digits a right operand that is constant is kept, takes less memory
   * than in float32 and pays for any rows; one that is not gives the same bits, though not as fast.
   * In bfloat16 single rows, which are time embeddings and the like, stay float32.
   */
  public static Multiplier ofMatrix(int rows) {
    return Amx.used() && digits() ? AMX : of(rows);
  }

  /** In which of its two forms the matrix unit multiplies. */
  static boolean digits() {
    return Amx.precision() != Precision.MEDIUM;
  }

  /** Its traits. */
  public Traits traits() {
    return switch (this) {
      case TILE -> TileOperands.TRAITS;
      case AMX -> digits() ? DigitOperands.TRAITS : BfloatOperands.TRAITS;
    };
  }

  /** Operands without room. */
  public BlockOperands operands() {
    return switch (this) {
      case TILE -> new TileOperands();
      case AMX -> digits() ? new DigitOperands() : new BfloatOperands();
    };
  }
}
