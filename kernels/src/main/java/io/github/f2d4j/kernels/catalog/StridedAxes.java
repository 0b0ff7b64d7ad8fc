package io.github.f2d4j.kernels.catalog;

import java.util.ArrayList;
import java.util.List;

/**
 * Axes along which a kernel walks through two tensors together, slowest first: extents, and strides
 * in elements. An axis with stride 0 repeats. Axes of extent 1 are left out, and neighbours that
 * lie dense in both tensors are one.
 *
 * @param first strides in the first tensor
 * @param second strides in the second
 */
public record StridedAxes(List<Integer> extents, List<Integer> first, List<Integer> second) {
  /** Axes that kernels take, after joining. */
  public static final int MAX_RANK = 6;

  /** Copies the lists, and checks them. */
  public StridedAxes {
    extents = List.copyOf(extents);
    first = List.copyOf(first);
    second = List.copyOf(second);
    if (extents.isEmpty() || extents.size() > MAX_RANK) {
      throw new IllegalArgumentException(
          "kernels walk along 1 to "
              + MAX_RANK
              + " axes, but "
              + extents
              + " with strides "
              + first
              + " and "
              + second
              + " cannot be joined into so few; copy in two steps");
    }
    if (first.size() != extents.size() || second.size() != extents.size()) {
      throw new IllegalArgumentException(
          "as many strides as extents are needed: " + extents + ", " + first + ", " + second);
    }
  }

  /**
   * The fewest axes for a walk.
   *
   * @param extents all at least 1
   * @param first strides in elements, below 2^31
   * @param second likewise
   */
  static StridedAxes join(int[] extents, long[] first, long[] second) {
    List<Integer> n = new ArrayList<>();
    List<Integer> s = new ArrayList<>();
    List<Integer> t = new ArrayList<>();
    long elements = 1;
    for (int i = 0; i < extents.length; i++) {
      elements *= extents[i];
      if (extents[i] == 1) {
        continue;
      }
      int last = n.size() - 1;
      if (last >= 0
          && s.get(last) == first[i] * extents[i]
          && t.get(last) == second[i] * extents[i]) {
        n.set(last, n.get(last) * extents[i]);
        s.set(last, Math.toIntExact(first[i]));
        t.set(last, Math.toIntExact(second[i]));
      } else {
        n.add(extents[i]);
        s.add(Math.toIntExact(first[i]));
        t.add(Math.toIntExact(second[i]));
      }
    }
    Geometry.indexable("Walk", elements);
    if (n.isEmpty()) {
      n.add(1);
      s.add(1);
      t.add(1);
    }
    return new StridedAxes(n, s, t);
  }

  /** How many elements are walked through. */
  int count() {
    return extents.stream().reduce(1, Math::multiplyExact);
  }

  /** These axes in units of {@code k} neighbouring elements, if both tensors allow it at all. */
  boolean dividesInto(int k) {
    int last = extents.size() - 1;
    if (first.get(last) != 1 || second.get(last) != 1 || extents.get(last) % k != 0) {
      return k == 1;
    }
    for (int i = 0; i < last; i++) {
      if (first.get(i) % k != 0 || second.get(i) % k != 0) {
        return false;
      }
    }
    return true;
  }

  /** These axes, counted in units of {@code k} elements; see {@link #dividesInto}. */
  StridedAxes dividedInto(int k) {
    if (k == 1) {
      return this;
    }
    int last = extents.size() - 1;
    List<Integer> n = new ArrayList<>(extents);
    List<Integer> s = new ArrayList<>(first.stream().map(x -> x / k).toList());
    List<Integer> t = new ArrayList<>(second.stream().map(x -> x / k).toList());
    n.set(last, n.get(last) / k);
    s.set(last, 1);
    t.set(last, 1);
    return new StridedAxes(n, s, t);
  }

  /** The arguments of a kernel: the rank, then six of each. */
  List<Argument> arguments() {
    List<Argument> arguments = new ArrayList<>();
    arguments.add(new Argument.Int32(extents.size()));
    for (List<Integer> numbers : List.of(extents, first, second)) {
      for (int i = 0; i < MAX_RANK; i++) {
        arguments.add(new Argument.Int32(i < numbers.size() ? numbers.get(i) : 0));
      }
    }
    return arguments;
  }
}
