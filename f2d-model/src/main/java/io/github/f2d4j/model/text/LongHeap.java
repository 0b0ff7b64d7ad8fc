package io.github.f2d4j.model.text;

import java.util.Arrays;

/** A binary min-heap of longs. */
final class LongHeap {
  private long[] values;
  private int size;

  LongHeap(int capacity) {
    values = new long[Math.max(capacity, 1)];
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** The smallest value; the heap must not be empty. */
  long peek() {
    return values[0];
  }

  void add(long value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    int i = size++;
    while (i > 0 && values[(i - 1) / 2] > value) {
      values[i] = values[(i - 1) / 2];
      i = (i - 1) / 2;
    }
    values[i] = value;
  }

  /** Takes out the smallest value; the heap must not be empty. */
  long poll() {
    long smallest = values[0];
    long last = values[--size];
    int i = 0;
    while (2 * i + 1 < size) {
      int child = 2 * i + 1;
      if (child + 1 < size && values[child + 1] < values[child]) {
        child++;
      }
      if (values[child] >= last) {
        break;
      }
      values[i] = values[child];
      i = child;
    }
    values[i] = last;
    return smallest;
  }
}
