package io.github.f2d4j.peers.libtorch;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One operator in several forms: the first call times them all and keeps the fastest. A form that
 * this processor does not have is passed over.
 */
final class Fastest implements AutoCloseable {
  private static final int TRIES = 2;

  /** Nanoseconds after which a form has no further try: a network has hundreds of operators. */
  private static final long ENOUGH = 300_000_000;

  private final @Nullable Tensor source;
  private List<Candidate> forms;
  private @Nullable Form chosen;
  private String choice = "";

  /**
   * A form to be tried.
   *
   * @param name for people
   */
  record Candidate(String name, Supplier<Form> form) {}

  /** One way to compute an operator, with what it has packed for it. */
  interface Form extends AutoCloseable {
    /** The operator of these inputs, which stay the caller's. */
    Tensor apply(Tensor... inputs);

    /** Whether it goes on reading the weight it was made of. */
    default boolean readsSource() {
      return false;
    }

    @Override
    default void close() {}
  }

  /**
   * An operator.
   *
   * @param source the weight that all forms are made of; freed as soon as nothing reads it
   */
  Fastest(@Nullable Tensor source, List<Candidate> forms) {
    this.source = source;
    this.forms = List.copyOf(forms);
  }

  Tensor apply(Tensor... inputs) {
    Form form = chosen;
    if (form == null) {
      form = choose(inputs);
      chosen = form;
    }
    return form.apply(inputs);
  }

  /** The name of the form that was the fastest; nothing before the first call. */
  String choice() {
    return choice;
  }

  private Form choose(Tensor... inputs) {
    Form best = null;
    long least = Long.MAX_VALUE;
    List<RuntimeException> missing = new ArrayList<>();
    for (Candidate candidate : forms) {
      Form form = null;
      try {
        form = candidate.form().get();
        long time = time(form, inputs);
        Form loser = time < least ? best : form;
        if (time < least) {
          least = time;
          best = form;
          choice = candidate.name();
        }
        if (loser != null) {
          loser.close();
        }
      } catch (RuntimeException e) {
        missing.add(e);
        if (form != null) {
          form.close();
        }
      }
    }
    if (best == null) {
      throw missing.getLast();
    }
    forms = List.of();
    if (source != null && !best.readsSource()) {
      source.close();
    }
    return best;
  }

  /** The least of some calls, but of one only where that takes long. */
  private static long time(Form form, Tensor... inputs) {
    long least = Long.MAX_VALUE;
    long total = 0;
    for (int i = 0; i < TRIES && total < ENOUGH; i++) {
      long start = System.nanoTime();
      form.apply(inputs).close();
      long spent = System.nanoTime() - start;
      least = Math.min(least, spent);
      total += spent;
    }
    return least;
  }

  @Override
  public void close() {
    if (chosen != null) {
      chosen.close();
    }
  }
}
