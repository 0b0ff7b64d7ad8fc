package io.github.f2d4j.engine.cpu.amx;

import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R8;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R9;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RAX;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RCX;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RDI;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RDX;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RSI;

import java.util.List;

/** Machine code of functions that bring operands of attention to the form of {@link HeadShape}. */
final class HeadCode {
  // Vector registers: channels of rows, or one channel of many rows; what their parts leave; parts;
  // where the rows lie; a factor.
  private static final int X = 0;
  private static final int PART = 4;
  private static final int ZERO = 8;
  private static final int INDEX = 9;
  private static final int FACTOR = 10;

  /** Mask registers. */
  private static final int MASK = 1;

  private static final int PARTIAL = 2;

  private final Assembler x = new Assembler();
  private final HeadShape shape;

  private HeadCode(HeadShape shape) {
    this.shape = shape;
  }

  /**
   * {@code void keys(const float *k, const void *, bfloat *to, long count, const void *, long
   * pitch)}: rows of {@code count} keys, which lie {@code pitch} bytes apart.
   */
  static byte[] keys(HeadShape shape) {
    HeadCode code = new HeadCode(shape);
    code.keys();
    return code.x.code();
  }

  /**
   * {@code void values(const float *v, const int *index, bfloat *to, long mask, const void *, long
   * half)}: values of a block of keys, of those in the mask. The first 16 lie {@code index} bytes
   * from v, the others {@code half} bytes from the first.
   */
  static byte[] values(HeadShape shape) {
    HeadCode code = new HeadCode(shape);
    code.values();
    return code.x.code();
  }

  /**
   * {@code void queries(const float *q, const int *index, bfloat *to, long mask, const float
   * *factor, long)}: 16 queries, of those in the mask, times the factor.
   */
  static byte[] queries(HeadShape shape) {
    HeadCode code = new HeadCode(shape);
    code.queries();
    return code.x.code();
  }

  /**
   * {@code void results(float *y, const int *index, const float *strip, long mask, const void *,
   * long half)}: sums divided by those of powers, for the queries in the mask of one half of a
   * strip.
   */
  static byte[] results(HeadShape shape) {
    HeadCode code = new HeadCode(shape);
    code.results();
    return code.x.code();
  }

  private void keys() {
    x.vpxord(ZERO, ZERO, ZERO);
    int row = x.here();
    List<HeadShape.Piece> pieces = shape.pieces();
    for (HeadShape.Piece piece : pieces) {
      mask(PARTIAL, piece.count());
      if (piece.part() == HeadShape.NOTHING) {
        store(piece, ZERO);
        continue;
      }
      x.vmovups(X, PARTIAL, RDI, piece.channel() * Float.BYTES);
      for (int part = 0; part < piece.part(); part++) {
        part(X, PART);
        rest(X, PART);
      }
      part(X, PART);
      store(piece, PART);
    }
    x.add(RDI, R9);
    x.add(RDX, shape.keyBytes());
    x.dec(RCX);
    x.jnz(row);
    end();
  }

  private void mask(int k, int count) {
    x.mov(RAX, (1 << count) - 1);
    x.kmovw(k, RAX);
  }

  private void store(HeadShape.Piece piece, int part) {
    x.vpmovdw(RDX, piece.at() * Short.BYTES, PARTIAL, part);
  }

  /** The next part of a number, in the lower half of the lanes. */
  private void part(int number, int part) {
    x.vcvtneps2bf16(part, number);
    x.vpmovzxwd(part, part);
  }

  /** What a part leaves. Moves the part to the upper half of the lanes. */
  private void rest(int number, int part) {
    x.vpslld(part, part, Short.SIZE);
    x.vsubps(number, number, part);
  }

  private void values() {
    x.vpxord(ZERO, ZERO, ZERO);
    x.vmovups(INDEX, RSI, 0);
    x.mov(R8, RDI);
    x.add(R8, R9);
    x.mov(R9, RCX);
    x.shr(R9, Tiles.SIDE);
    for (int channel = 0; channel < shape.channelTiles() * Tiles.SIDE; channel++) {
      if (channel >= shape.d()) {
        for (int part = 0; part < shape.parts(); part++) {
          x.vmovups(RDX, shape.valueRow(part, channel), ZERO);
        }
        continue;
      }
      gather(X, RDI, RCX, channel);
      gather(X + 1, R8, R9, channel);
      for (int part = 0; part < shape.parts(); part++) {
        pair();
        x.vmovups(RDX, shape.valueRow(part, channel), PART + 2);
      }
    }
    end();
  }

  /** One channel of 16 rows, of those in the mask; of the others 0. */
  private void gather(int to, Assembler.Register base, Assembler.Register mask, int channel) {
    x.kmovw(MASK, mask);
    x.vpxord(to, to, to);
    x.vgatherdps(to, MASK, base, INDEX, channel * Float.BYTES);
  }

  /** The next parts of {@link #X} and the register behind it, together in {@link #PART} + 2. */
  private void pair() {
    part(X, PART);
    part(X + 1, PART + 1);
    x.vmovaps(PART + 2, PART);
    rest(X, PART);
    rest(X + 1, PART + 1);
    x.vpaddd(PART + 2, PART + 2, PART + 1);
  }

  private void queries() {
    x.vpxord(ZERO, ZERO, ZERO);
    x.vmovups(INDEX, RSI, 0);
    x.vbroadcastss(FACTOR, R8, 0);
    // Positions that belong to no channel.
    int rows = shape.windows().size() * Tiles.SIDE;
    boolean[] taken = new boolean[rows];
    for (int channel = 0; channel < shape.d(); channel += 2) {
      List<List<Integer>> places = shape.queryRows(channel);
      gather(X, RDI, RCX, channel);
      gather(X + 1, RDI, RCX, channel + 1);
      x.vmulps(X, X, FACTOR);
      x.vmulps(X + 1, X + 1, FACTOR);
      for (int part = 0; part < shape.parts(); part++) {
        pair();
        for (int place : places.get(part)) {
          x.vmovups(RDX, place, PART + 2);
          taken[place / Tiles.ROW] = true;
        }
      }
    }
    for (int row = 0; row < rows; row++) {
      if (!taken[row]) {
        x.vmovups(RDX, row * Tiles.ROW, ZERO);
      }
    }
    end();
  }

  private void results() {
    x.vmovups(INDEX, RSI, 0);
    x.test(R9);
    int second = x.jnz();
    for (int half = 0; half < 2; half++) {
      x.vmovups(FACTOR, RDX, HeadShape.powers(half));
      for (int channel = 0; channel < shape.d(); channel++) {
        int at = HeadShape.sums(channel / Tiles.SIDE, half) + channel % Tiles.SIDE * Tiles.ROW;
        x.vmovups(X, RDX, at);
        x.vdivps(X, X, FACTOR);
        x.kmovw(MASK, RCX);
        x.vscatterdps(RDI, INDEX, channel * Float.BYTES, MASK, X);
      }
      end();
      if (half == 0) {
        x.land(second);
      }
    }
  }

  private void end() {
    x.vzeroupper();
    x.ret();
  }
}
