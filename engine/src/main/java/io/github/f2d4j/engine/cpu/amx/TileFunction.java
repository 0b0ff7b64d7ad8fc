package io.github.f2d4j.engine.cpu.amx;

/** The functions in machine code. */
enum TileFunction {
  /** {@link Digits} of rows. */
  SPLIT_ROWS,

  /** {@link Digits} of columns. */
  SPLIT_COLUMNS,

  /** Strips and a panel of {@link Bfloats}. */
  BFLOAT_STRIPS,

  /** The same with strips that lie in an image. */
  BFLOAT_WINDOWS,

  /** {@link Bfloats} of rows. */
  ROUND_ROWS;

  /**
   * The function's code.
   *
   * @param resume whether it adds to the sums that are there
   */
  byte[] code(boolean resume) {
    return switch (this) {
      case SPLIT_ROWS -> SplitCode.rows();
      case SPLIT_COLUMNS -> SplitCode.columns();
      case BFLOAT_STRIPS -> BfloatCode.strips(resume);
      case BFLOAT_WINDOWS -> BfloatCode.windows(resume);
      case ROUND_ROWS -> RoundCode.rows();
    };
  }
}
