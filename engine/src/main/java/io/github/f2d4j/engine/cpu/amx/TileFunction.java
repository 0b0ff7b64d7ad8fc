package io.github.f2d4j.engine.cpu.amx;

/** The functions in machine code. */
enum TileFunction {
  /** Strips and columns of {@link Digits}, to float32. */
  EIGHT_PRODUCTS,

  /** The same with fewer products. */
  SIX_PRODUCTS,

  /** {@link Digits} of rows. */
  SPLIT_ROWS,

  /** {@link Digits} of columns. */
  SPLIT_COLUMNS,

  /** Strips and a panel of {@link Bfloats}. */
  BFLOAT_STRIPS;

  /**
   * The function's code.
   *
   * @param resume whether it adds to the sums that are there
   */
  byte[] code(boolean resume) {
    return switch (this) {
      case EIGHT_PRODUCTS -> DigitCode.multiply(4, resume);
      case SIX_PRODUCTS -> DigitCode.multiply(3, resume);
      case SPLIT_ROWS -> SplitCode.rows();
      case SPLIT_COLUMNS -> SplitCode.columns();
      case BFLOAT_STRIPS -> BfloatCode.strips(resume);
    };
  }
}
