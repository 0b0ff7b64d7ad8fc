package io.github.f2d4j.engine.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Adds up how long each kind of kernel takes, for the plans that a thread runs inside {@link
 * #recording}. Each kernel is waited for, so that its time is its own; plans run outside pay
 * nothing. Safe for use by many threads.
 *
 * {@snippet file = "io/github/f2d4j/engine/example/ProfileExample.java" region = "profile"}
 */
public final class Profile {
  private static final ScopedValue<Profile> CURRENT = ScopedValue.newInstance();

  private record Key(String family, String operator, String kernel) {}

  private static final class Sum {
    long calls;
    long nanos;
    long flops;
    long bytes;
  }

  private final Map<Key, Sum> sums = new LinkedHashMap<>();

  /** A profile without times. */
  public Profile() {}

  /**
   * The time of all calls of one kind.
   *
   * @param family of the operator
   * @param operator such as {@code Conv2d 3x3}
   * @param kernel what computed it
   * @param calls how often
   * @param nanos time in all
   * @param flops floating-point operations in all
   * @param bytes least traffic in all, see {@link KernelCall#bytes()}
   */
  public record Entry(
      String family,
      String operator,
      String kernel,
      long calls,
      long nanos,
      long flops,
      long bytes) {
    /** The longest time first. */
    public static final Comparator<Entry> LONGEST_FIRST =
        Comparator.comparingLong(Entry::nanos).reversed();

    /** The sum of this and another entry of the same kind. */
    public Entry plus(Entry other) {
      return new Entry(
          family,
          operator,
          kernel,
          calls + other.calls,
          nanos + other.nanos,
          flops + other.flops,
          bytes + other.bytes);
    }

    /** Operations in a nanosecond, which is 10⁹ in a second. */
    public double gigaflops() {
      return nanos == 0 ? 0 : (double) flops / nanos;
    }
  }

  /** The profile that this thread records into, or null. */
  public static @Nullable Profile current() {
    return CURRENT.isBound() ? CURRENT.get() : null;
  }

  /** Runs {@code body} and records the kernels that this thread starts in it. */
  public <T, X extends Throwable> T recording(ScopedValue.CallableOp<? extends T, X> body)
      throws X {
    return ScopedValue.where(CURRENT, this).<T, X>call(body);
  }

  /** Adds one call. */
  public void add(KernelCall call, long nanos) {
    synchronized (sums) {
      Sum sum =
          sums.computeIfAbsent(
              new Key(call.family(), call.operator(), call.kernel()), k -> new Sum());
      sum.calls++;
      sum.nanos += nanos;
      sum.flops += call.flops();
      sum.bytes += call.bytes();
    }
  }

  /** What was recorded since the last call of this method, the longest time first. */
  public List<Entry> take() {
    List<Entry> entries = new ArrayList<>();
    synchronized (sums) {
      sums.forEach(
          (k, s) ->
              entries.add(
                  new Entry(k.family, k.operator, k.kernel, s.calls, s.nanos, s.flops, s.bytes)));
      sums.clear();
    }
    entries.sort(Entry.LONGEST_FIRST);
    return entries;
  }
}
