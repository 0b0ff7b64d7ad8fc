package io.github.f2d4j.engine.backend;

import java.util.List;

/** Finds out whether a backend can run here; found by {@link java.util.ServiceLoader}. */
public interface BackendProvider {
  /** The backend's short name, such as {@code cuda}. */
  String name();

  /** Providers that are available are preferred in descending order; the CPU has 0. */
  int priority();

  /** Looks, without side effects that outlast the answer. */
  Availability probe();

  /**
   * The backend on one of several devices; one of the answers is that of {@link #probe()}.
   *
   * @param device counted from 0
   */
  default Availability probe(int device) {
    return device == 0
        ? probe()
        : new Unavailable(List.of(name() + " has but one device, " + name() + ":0"));
  }

  /**
   * Looks thoroughly at everything that the backend depends on, for a person to read. Unlike {@link
   * #probe()} this may load native libraries, which stay.
   */
  default List<Finding> examine() {
    return List.of();
  }

  /**
   * One thing that was looked at.
   *
   * @param good whether it is as it should be
   * @param subject what it is, in a word or two
   * @param text what was found, and what to do about it
   */
  record Finding(boolean good, String subject, String text) {}

  /** The answer of {@link #probe()}. */
  sealed interface Availability {}

  /** The backend can run. */
  non-sealed interface Available extends Availability {
    /** The backend, made on the first call. */
    Backend backend();
  }

  /** The backend cannot run, and all the reasons why. */
  record Unavailable(List<String> reasons) implements Availability {
    public Unavailable {
      if (reasons.isEmpty()) {
        throw new IllegalArgumentException("an unavailable backend must give a reason");
      }
      reasons = List.copyOf(reasons);
    }
  }
}
