package io.github.f2d4j.engine.cpu.amx;

import java.util.ArrayList;
import java.util.List;

/**
 * How the operands of attention lie for heads of {@code d} channels, whose numbers come in {@code
 * parts} bfloat16 numbers: a number is the sum of its parts, each the next eight bits rounded to
 * the nearest. Products of part i and part j are made for i + j below the number of parts, so that
 * with three of them what is left out is as small as float32's rounding.
 *
 * <p><b>Keys</b> are rows. A row holds the parts of the key as {@link #segments}, one behind the
 * other: with three parts 0, 1, 0, 2. The unit multiplies {@link #windows} of 32 numbers of a row
 * with those of the queries' parts that belong there; all windows are multiplied once, and the
 * first ones once more, with other parts of the queries. So no product is made twice, and fewer
 * than 32 in all are made for nothing, although heads rarely have whole windows of channels. If the
 * second time ends within a window, its last channels are repeated behind the segments, since
 * windows must not straddle cache lines.
 *
 * <p><b>Queries</b> come 16 together, a tile for each window: a row for a pair of positions of the
 * window, in it a pair of bfloat16 numbers for each query.
 *
 * <p><b>Values</b> come {@link #KEYS} keys together, for each part tiles of 16 channels: a row for
 * a channel, in it pairs of keys, 16 apart.
 *
 * <p><b>Scores</b> are [keys, queries] and <b>sums</b> [channels, queries], so that the softmax
 * needs nothing from one lane for another.
 *
 * @param d channels, a multiple of 8
 * @param parts 1 or 3
 */
record HeadShape(int d, int parts) {
  /** Keys of a block. */
  static final int KEYS = 32;

  /** Queries of a strip: two tiles' columns. */
  static final int QUERIES = 2 * Tiles.SIDE;

  /** Positions of a window. */
  static final int WINDOW = 32;

  /** Bytes after which memory falls to the same place of the first-level cache again. */
  private static final int CACHE_WAY = 4096;

  /**
   * Part of a key that lies somewhere in its row.
   *
   * @param part which one; {@link #NOTHING} if zeros lie there
   * @param channel the first channel
   * @param count of channels, at most 16
   * @param at where in the row, in bfloat16 numbers
   */
  record Piece(int part, int channel, int count, int at) {}

  /** The part of nothing. */
  static final int NOTHING = -1;

  /** The key's parts in its row. */
  private int[] segments() {
    return parts == 1 ? new int[] {0} : new int[] {0, 1, 0, 2};
  }

  /** The queries' parts that all segments are multiplied with. */
  private int[] first() {
    return parts == 1 ? new int[] {0} : new int[] {0, 0, 1, 0};
  }

  /** The queries' parts that the first segments are multiplied with, the second time. */
  private int[] second() {
    return parts == 1 ? new int[] {} : new int[] {2, 1};
  }

  /** How many of the last channels of the second time lie behind the segments. */
  private int repeated() {
    return second().length * d % WINDOW;
  }

  /** Positions of a row. */
  private int positions() {
    return Math.ceilDiv(segments().length * d + repeated(), WINDOW) * WINDOW;
  }

  /** Bytes of a key's row, and of what keeps it from the next one's place in the cache. */
  int keyBytes() {
    int bytes = positions() * Short.BYTES;
    return bytes % CACHE_WAY == 0 ? bytes + Tiles.ROW : bytes;
  }

  /** Where the windows start in a row, in bfloat16 numbers. */
  List<Integer> windows() {
    List<Integer> windows = new ArrayList<>();
    for (int at = 0; at < positions(); at += WINDOW) {
      windows.add(at);
    }
    for (int at = 0; at + WINDOW <= second().length * d; at += WINDOW) {
      windows.add(at);
    }
    return windows;
  }

  /** What a key's row consists of. */
  List<Piece> pieces() {
    List<Piece> pieces = new ArrayList<>();
    int at = 0;
    for (int part : segments()) {
      add(pieces, part, 0, d, at);
      at += d;
    }
    int repeated = repeated();
    if (repeated > 0) {
      add(pieces, segments()[second().length - 1], d - repeated, repeated, at);
      at += repeated;
    }
    add(pieces, NOTHING, 0, positions() - at, at);
    return pieces;
  }

  private static void add(List<Piece> pieces, int part, int channel, int count, int at) {
    for (int done = 0; done < count; done += Tiles.SIDE) {
      int some = Math.min(Tiles.SIDE, count - done);
      pieces.add(new Piece(part, channel + done, some, at + done));
    }
  }

  /**
   * Where the parts of two neighbouring channels of a query belong.
   *
   * @param channel the first, an even number
   * @return for each part the bytes from the first tile on
   */
  List<List<Integer>> queryRows(int channel) {
    List<List<Integer>> rows = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      List<Integer> places = new ArrayList<>();
      for (int segment = 0; segment < first().length; segment++) {
        if (first()[segment] == part) {
          places.add(segment * d + channel);
        }
      }
      int end = second().length * d;
      for (int segment = 0; segment < second().length; segment++) {
        if (second()[segment] == part) {
          int at = segment * d + channel;
          boolean whole = at < end - repeated();
          places.add(whole ? positions() + at : first().length * d + at - (end - repeated()));
        }
      }
      rows.add(places.stream().map(p -> p / 2 * Tiles.ROW).toList());
    }
    return rows;
  }

  /** Bytes of 16 queries. */
  int queryBytes() {
    return (positions() / WINDOW + second().length * d / WINDOW) * Tiles.BYTES;
  }

  /** Tiles of 16 channels. */
  int channelTiles() {
    return Math.ceilDiv(d, Tiles.SIDE);
  }

  /** Bytes of the values of a block of keys. */
  int valueBytes() {
    return parts * channelTiles() * Tiles.BYTES;
  }

  /** Where a channel of one part of the values lies. */
  int valueRow(int part, int channel) {
    return part * channelTiles() * Tiles.BYTES + channel * Tiles.ROW;
  }

  /** Bytes of 16 queries' powers of a block of keys. */
  int powerBytes() {
    return parts * Tiles.BYTES;
  }

  /** Bytes of the scores of 16 queries and a block of keys. */
  int scoreBytes() {
    return KEYS * Tiles.ROW;
  }

  // What is kept of a strip: vectors of 16 queries' negated references, of the next 16's, of both's
  // sums of powers; then for each tile of channels the sums of both.

  /** Where the negated reference of the first 16 queries lies, or of the others. */
  static int reference(int half) {
    return half * Tiles.ROW;
  }

  /** Where the sums of powers lie. */
  static int powers(int half) {
    return (2 + half) * Tiles.ROW;
  }

  /** Where a tile of sums lies. */
  static int sums(int tile, int half) {
    return 4 * Tiles.ROW + (2 * tile + half) * Tiles.BYTES;
  }

  /** Bytes of all that. */
  int stripBytes() {
    return sums(channelTiles(), 0);
  }
}
