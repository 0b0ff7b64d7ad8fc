package io.github.f2d4j.model.cli;

/** The exit codes of {@code f2d}, as the README lists them. */
enum ExitCode {
  /** Done. */
  OK(0),
  /** A fault of f2d itself. */
  INTERNAL(1),
  /** Wrong options or arguments. */
  USAGE(2),
  /** The photo, the landmarks or the prompt cannot be used. */
  INPUT(3),
  /** The model folder or its weights cannot be used. */
  MODEL(4),
  /** Not enough memory. */
  MEMORY(5),
  /** A file could not be read or written. */
  FILES(6),
  /** {@code doctor} found something that keeps f2d from running. */
  UNHEALTHY(7),
  /** {@code replay}: a picture cannot be made again as it was. */
  DIFFERENT(8),
  /** Cancelled. */
  CANCELLED(130);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
