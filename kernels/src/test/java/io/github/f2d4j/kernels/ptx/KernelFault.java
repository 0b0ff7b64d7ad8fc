package io.github.f2d4j.kernels.ptx;

/** What the interpreter found wrong with a kernel or its launch. */
public final class KernelFault extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** The sorts of fault. */
  public enum Kind {
    /** Two warps touch the same bytes, one of them writes, and no barrier lies between. */
    RACE,
    /** A read of bytes that nobody wrote. */
    UNINITIALISED,
    /** A read of bytes whose asynchronous copy has not been waited for. */
    PENDING_COPY,
    /** An address outside the memory it points into. */
    OUT_OF_BOUNDS,
    /** An address that is no multiple of the access's size. */
    MISALIGNED,
    /** A warp-wide instruction that not all its lanes reach, or a barrier that not all warps do. */
    DIVERGENCE,
    /** A division by zero, or more instructions than any kernel needs. */
    RUNAWAY,
    /** A launch that does not fit the kernel. */
    LAUNCH,
    /** Text that is no PTX, or PTX that the interpreter does not know. */
    SYNTAX
  }

  private final Kind kind;

  KernelFault(Kind kind, String message) {
    super(kind + ": " + message);
    this.kind = kind;
  }

  private KernelFault(KernelFault cause, String where) {
    super(cause.getMessage() + "\n  at " + where, cause);
    this.kind = cause.kind;
  }

  /** The same fault, with the place where it happened. */
  KernelFault at(String where) {
    return new KernelFault(this, where);
  }

  /** Its sort. */
  public Kind kind() {
    return kind;
  }
}
