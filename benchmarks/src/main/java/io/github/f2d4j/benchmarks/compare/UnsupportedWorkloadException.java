package io.github.f2d4j.benchmarks.compare;

/** A library that has no such operator, or was not given what it needs. */
public final class UnsupportedWorkloadException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With the reason, which appears in the table. */
  public UnsupportedWorkloadException(String reason) {
    super(reason);
  }
}
