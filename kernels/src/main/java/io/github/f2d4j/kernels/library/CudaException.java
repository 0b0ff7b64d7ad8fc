package io.github.f2d4j.kernels.library;

import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A call of one of NVIDIA's libraries failed, or could not be made. Carries the call, the status
 * code, the library's own name and text for it, and what to do.
 */
public final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String library;
  private final String call;
  private final @Nullable Integer status;
  private final String statusName;
  private final String statusText;
  private final String remedy;

  private CudaException(
      String library,
      String call,
      @Nullable Integer status,
      String statusName,
      String statusText,
      String remedy,
      @Nullable Throwable cause) {
    super(
        call
            + " of "
            + library
            + " failed: "
            + (status == null ? "" : "status " + status + " ")
            + statusName
            + (statusText.isEmpty() || statusText.equals(statusName) ? "" : " (" + statusText + ")")
            + "; "
            + remedy,
        cause);
    this.library = library;
    this.call = call;
    this.status = status;
    this.statusName = statusName;
    this.statusText = statusText;
    this.remedy = remedy;
  }

  /**
   * A call that returned a status other than success.
   *
   * @param library name and version of the library
   * @param call the function
   * @param status what it returned
   * @param name the library's name for the status, such as {@code CUDA_ERROR_OUT_OF_MEMORY}
   * @param text the library's explanation; may be empty
   */
  public static CudaException failedCall(
      String library, String call, int status, String name, String text) {
    return new CudaException(library, call, status, name, text, Remedies.of(name), null);
  }

  /** A call that cannot be made, since the library has no such function. */
  public static CudaException missingFunction(String library, String symbol, String remedy) {
    return new CudaException(
        library, symbol, null, "the library has no such function", "", remedy, null);
  }

  /** A call that cannot be made for a reason outside the library. */
  public static CudaException notPossible(
      String library, String call, String reason, String remedy, @Nullable Throwable cause) {
    return new CudaException(library, call, null, reason, "", remedy, cause);
  }

  /** All of it in one sentence. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /** Name, and version or file, of the library. */
  public String library() {
    return library;
  }

  /** The function that was called. */
  public String call() {
    return call;
  }

  /** The status code; empty where the call was not made. */
  public OptionalInt status() {
    return status == null ? OptionalInt.empty() : OptionalInt.of(status);
  }

  /** The library's name for the status. */
  public String statusName() {
    return statusName;
  }

  /** The library's explanation; may be empty. */
  public String statusText() {
    return statusText;
  }

  /** What to do about it. */
  public String remedy() {
    return remedy;
  }
}
