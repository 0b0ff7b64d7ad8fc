package io.github.f2d4j.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Runs a parser on input that nobody vouches for. It may accept the input, or refuse it by the one
 * exception that it declares, with a message that a person can read; nothing else may come out, and
 * it may not take more memory than the input justifies. (How long it takes is watched by the
 * fuzzer.)
 */
public final class Attempt {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Longer messages hold the input instead of speaking about it. */
  private static final int LONGEST_MESSAGE = 4000;

  private static final String OURS = "io.github.f2d4j.";

  private Attempt() {}

  /**
   * Parses.
   *
   * @param declared the exception that says the input is not accepted, of exactly that class or of
   *     a class of this project below it
   * @param maxBytes the most that may be allocated
   * @return what the parser made of the input; empty if it refused it
   * @throws Exception any other exception, as it came
   */
  public static <T> Optional<T> of(
      Class<? extends Exception> declared, long maxBytes, Callable<T> parser) throws Exception {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    Optional<T> result = once(declared, parser);
    if (THREADS.getCurrentThreadAllocatedBytes() - before > maxBytes) {
      // loading classes takes memory, too, but only once
      before = THREADS.getCurrentThreadAllocatedBytes();
      Optional<T> again = once(declared, parser);
      long spent = THREADS.getCurrentThreadAllocatedBytes() - before;
      assertTrue(spent <= maxBytes, () -> spent + " bytes allocated, allowed are " + maxBytes);
      assertEquals(result.isPresent(), again.isPresent());
    }
    return result;
  }

  private static <T> Optional<T> once(Class<? extends Exception> declared, Callable<T> parser)
      throws Exception {
    try {
      return Optional.of(parser.call());
    } catch (Exception e) {
      if (!isDeclared(declared, e)) {
        throw e;
      }
      requireReadable(e);
      return Optional.empty();
    }
  }

  private static boolean isDeclared(Class<? extends Exception> declared, Exception e) {
    return e.getClass() == declared
        || (declared.isInstance(e) && e.getClass().getName().startsWith(OURS));
  }

  private static void requireReadable(Exception e) {
    String message = e.getMessage();
    assertTrue(message != null && !message.isBlank(), () -> e + " has no message");
    assertTrue(
        message.length() <= LONGEST_MESSAGE,
        () -> "a message of " + message.length() + " characters: " + message.substring(0, 200));
  }
}
