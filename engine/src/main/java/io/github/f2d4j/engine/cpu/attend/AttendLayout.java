package io.github.f2d4j.engine.cpu.attend;

import io.github.f2d4j.engine.backend.Operand;

/**
 * The sizes of an attention and where its rows lie: q [batch, queries, heads·d], k and v
 * [batch/sharing, keys, heads·d], the result like q but dense.
 *
 * @param d channels of a head
 * @param qPitch elements from one row of q to the next, kPitch and vPitch the same
 * @param sharing how many neighbouring items of q read the same keys
 */
record AttendLayout(
    int batch,
    int queries,
    int keys,
    int heads,
    int d,
    int qPitch,
    int kPitch,
    int vPitch,
    int sharing) {

  static AttendLayout of(Operand q, Operand k, Operand v, int heads) {
    int batch = q.type().shape().dim(0);
    return new AttendLayout(
        batch,
        q.type().shape().dim(1),
        k.type().shape().dim(1),
        heads,
        q.type().shape().dim(2) / heads,
        q.pitch(),
        k.pitch(),
        v.pitch(),
        batch / k.type().shape().dim(0));
  }

  /** Heads of all items, which are numbered one item after the other. */
  int allHeads() {
    return batch * heads;
  }

  /** The first byte of a head's row in q. */
  long query(int head, int row) {
    return queryAt(head, row, qPitch);
  }

  /** The first byte of a head's row in the result. */
  long result(int head, int row) {
    return queryAt(head, row, heads * d);
  }

  /** The first byte of a head's row in k. */
  long key(int head, int row) {
    return keyAt(head, row, kPitch);
  }

  /** The first byte of a head's row in v. */
  long value(int head, int row) {
    return keyAt(head, row, vPitch);
  }

  private long queryAt(int head, int row, int pitch) {
    return 4 * (((long) (head / heads) * queries + row) * pitch + (long) (head % heads) * d);
  }

  private long keyAt(int head, int row, int pitch) {
    long item = head / heads / sharing;
    return 4 * ((item * keys + row) * pitch + (long) (head % heads) * d);
  }
}
