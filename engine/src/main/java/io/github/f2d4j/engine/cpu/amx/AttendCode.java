package io.github.f2d4j.engine.cpu.amx;

import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R10;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R11;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R12;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R13;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R14;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R15;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R8;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R9;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RAX;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RBP;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RBX;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RCX;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RDI;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RDX;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RSI;

import io.github.f2d4j.engine.cpu.math.FloatMath;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Machine code of attention: {@code void attend(const bfloat *queries, const bfloat *keys, const
 * bfloat *values, long blocks, const setting *s, float *strip, long work, long hidden)}. The online
 * softmax (Milakov and Gimelshein 2018, as in FlashAttention) of one strip of queries with some
 * blocks of keys, all as {@link HeadShape} says; the last {@code hidden} keys do not count. Scores
 * are in units of log₂.
 *
 * <p>For each block of keys three things are to be done: scores by the matrix unit, their powers
 * and the powers' parts by vectors, and sums of values by the unit. They are done for three blocks
 * at once, the scores of the next, the powers of this one, the sums of the one before: instructions
 * of the unit and of vectors alternate, so that neither waits for the other.
 *
 * <p>References move only when a score is more than 2^{@value #FAR_BITS} times what the reference
 * stands for. Then sums so far must be multiplied, so the block before is finished first.
 *
 * <p>Four tile registers are used: see {@link DigitCode} for why not more.
 */
final class AttendCode {
  /** How many powers of two a score may be above its reference. */
  static final int FAR_BITS = 6;

  /** A reference below all others, negated. */
  static final float NO_REFERENCE = 0x1p100f;

  /** The score of a key that does not count. */
  private static final float HIDDEN = -0x1p120f;

  /** Mask of what comes before the lower half. */
  private static final int UPPER = 0xFFFF0000;

  /** What rounds to the nearest whole number when it is added. */
  private static final float ROUND = 0x1.8p23f;

  // The setting: the configuration of tiles, then the constants.
  private static final int DEGREE = 5;
  private static final int CONSTANTS = 32 - (DEGREE + 1) - 6;
  private static final int LEAST = CONSTANTS;
  private static final int UPPER_HALF = CONSTANTS + 1;
  private static final int ROUNDING = CONSTANTS + 2;
  private static final int FAR = CONSTANTS + 3;
  private static final int HIDDEN_SCORE = CONSTANTS + 4;
  private static final int HALF_UNIT = CONSTANTS + 5;
  private static final int FACTORS = CONSTANTS + 6;

  // Tile registers: two sums, an operand a, an operand b.
  private static final int SUM = 0;
  private static final int A = 2;
  private static final int B = 3;

  // Vector registers of both halves of the strip: negated references, sums of powers.
  private static final int REFERENCE = 16;
  private static final int POWERS = 18;

  /** Vectors that are made powers of together. */
  private static final int TOGETHER = 4;

  // General registers.
  private static final Assembler.Register QUERIES = RDI;
  private static final Assembler.Register KEYS = RBX;
  private static final Assembler.Register VALUES = RBP;
  private static final Assembler.Register LEFT = RCX;
  private static final Assembler.Register STRIP = R9;
  private static final Assembler.Register TILE_ROW = RAX;
  private static final Assembler.Register KEY_ROW = RSI;
  private static final Assembler.Register PENDING = R10;
  private static final Assembler.Register SCORES = R12;
  private static final Assembler.Register NEXT_SCORES = R13;
  private static final Assembler.Register NEW = R14;
  private static final Assembler.Register LAST = R15;
  private static final Assembler.Register SOME = R11;
  private static final Assembler.Register AT = RDX;

  private static final List<Assembler.Register> SAVED = List.of(RBX, RBP, R12, R13, R14, R15);
  private static final int WORK = (SAVED.size() + 1) * Long.BYTES;
  private static final int HIDDEN_KEYS = WORK + Long.BYTES;

  private final Assembler x = new Assembler();
  private final HeadShape shape;

  private AttendCode(HeadShape shape) {
    this.shape = shape;
  }

  /** The function for heads of a shape. */
  static byte[] of(HeadShape shape) {
    AttendCode code = new AttendCode(shape);
    code.all();
    return code.x.code();
  }

  /** What the function's setting is. */
  static MemorySegment setting() {
    MemorySegment setting = Tiles.config((32 - CONSTANTS) * Float.BYTES);
    float[] constants = {
      -126f, Float.intBitsToFloat(UPPER), ROUND, FAR_BITS, HIDDEN, Float.intBitsToFloat(0x8000)
    };
    int at = Tiles.ROW;
    for (float[] some : List.of(constants, FloatMath.exp2Polynomial())) {
      for (float value : some) {
        setting.set(ValueLayout.JAVA_FLOAT, at, value);
        at += Float.BYTES;
      }
    }
    return setting;
  }

  /** Bytes of memory that the function works with: scores and powers of two blocks. */
  static long workBytes(HeadShape shape) {
    return 4L * (shape.scoreBytes() + shape.powerBytes());
  }

  private void all() {
    final int entry = x.jmp();
    final int scores = function(scores());
    final int powers = function(powers());
    final int sums = function(sums());
    final int move = move();
    x.land(entry);
    start();
    x.call(scores);
    nextKeys();
    x.xchg(SCORES, NEXT_SCORES);
    int loop = x.here();
    hide();
    largest();
    int near = x.jz();
    x.test(PENDING);
    int nothing = x.jz();
    x.call(sums);
    nextValues();
    x.mov(PENDING, 0);
    x.land(nothing);
    x.call(move);
    x.land(near);

    x.cmp(LEFT, 1);
    int last = x.jz();
    x.test(PENDING);
    int first = x.jz();
    Stream products = scores();
    products.add(sums());
    products.alternate(powers());
    nextKeys();
    nextValues();
    int done = x.jmp();

    // The same one after the other, where there is no block before or behind.
    x.land(last);
    x.land(first);
    x.test(PENDING);
    nothing = x.jz();
    x.call(sums);
    nextValues();
    x.land(nothing);
    x.cmp(LEFT, 1);
    nothing = x.jz();
    x.call(scores);
    nextKeys();
    x.land(nothing);
    x.call(powers);

    x.land(done);
    x.mov(PENDING, 1);
    x.xchg(SCORES, NEXT_SCORES);
    x.xchg(NEW, LAST);
    x.dec(LEFT);
    x.jnz(loop);
    x.call(sums);
    end();
  }

  private void nextKeys() {
    x.add(KEYS, HeadShape.KEYS * shape.keyBytes());
  }

  private void nextValues() {
    x.add(VALUES, shape.valueBytes());
  }

  private int function(Stream instructions) {
    final int here = x.here();
    instructions.emit();
    x.ret();
    return here;
  }

  private void start() {
    SAVED.forEach(x::push);
    x.ldtilecfg(R8);
    for (int constant = CONSTANTS; constant < 32; constant++) {
      x.vbroadcastss(constant, R8, Tiles.ROW + (constant - CONSTANTS) * Float.BYTES);
    }
    for (int half = 0; half < 2; half++) {
      x.vmovups(REFERENCE + half, STRIP, HeadShape.reference(half));
      x.vmovups(POWERS + half, STRIP, HeadShape.powers(half));
    }
    x.mov(KEYS, RSI);
    x.mov(VALUES, RDX);
    x.mov(KEY_ROW, shape.keyBytes());
    x.mov(TILE_ROW, Tiles.ROW);
    x.movFromStack(SCORES, WORK);
    x.mov(NEXT_SCORES, SCORES);
    x.add(NEXT_SCORES, 2 * shape.scoreBytes());
    x.mov(NEW, NEXT_SCORES);
    x.add(NEW, 2 * shape.scoreBytes());
    x.mov(LAST, NEW);
    x.add(LAST, 2 * shape.powerBytes());
    x.mov(PENDING, 0);
    x.xchg(SCORES, NEXT_SCORES);
  }

  private void end() {
    for (int half = 0; half < 2; half++) {
      x.vmovups(STRIP, HeadShape.reference(half), REFERENCE + half);
      x.vmovups(STRIP, HeadShape.powers(half), POWERS + half);
    }
    x.tilerelease();
    x.vzeroupper();
    SAVED.reversed().forEach(x::pop);
    x.ret();
  }

  /** Scores of the next block. */
  private Stream scores() {
    Stream all = new Stream();
    List<Integer> windows = shape.windows();
    int lower = Tiles.SIDE * shape.keyBytes();
    for (int half = 0; half < 2; half++) {
      int queries = half * shape.queryBytes();
      int to = half * shape.scoreBytes();
      all.add(() -> x.tilezero(SUM));
      all.add(() -> x.tilezero(SUM + 1));
      for (int w = 0; w < windows.size(); w++) {
        int key = windows.get(w) * Short.BYTES;
        int query = queries + w * Tiles.BYTES;
        all.add(() -> x.tileloadd(B, QUERIES, TILE_ROW, query));
        for (int tile = 0; tile < 2; tile++) {
          int sum = SUM + tile;
          int row = key + tile * lower;
          all.add(() -> x.tileloadd(A, KEYS, KEY_ROW, row));
          all.product(() -> x.tdpbf16ps(sum, A, B));
        }
      }
      for (int tile = 0; tile < 2; tile++) {
        int sum = SUM + tile;
        int at = to + tile * Tiles.BYTES;
        all.add(() -> x.tilestored(sum, NEXT_SCORES, TILE_ROW, at));
      }
    }
    return all;
  }

  /**
   * Sums of the last block's values. Products of smaller parts come first; from each to the next
   * only one operand changes.
   */
  private Stream sums() {
    Stream all = new Stream();
    for (int tile = 0; tile < shape.channelTiles(); tile++) {
      for (int half = 0; half < 2; half++) {
        int sum = SUM + half;
        int at = HeadShape.sums(tile, half);
        all.add(() -> x.tileloadd(sum, STRIP, TILE_ROW, at));
      }
      int loadedPart = 0;
      int loadedHalf = -1;
      for (int i = shape.parts() - 1; i >= 0; i--) {
        int value = shape.valueRow(i, tile * Tiles.SIDE);
        all.add(() -> x.tileloadd(A, VALUES, TILE_ROW, value));
        for (int j : startingWith(loadedPart, shape.parts() - i)) {
          int start = loadedHalf == 1 ? 1 : 0;
          for (int half : new int[] {start, 1 - start}) {
            if (j != loadedPart || half != loadedHalf) {
              int power = half * shape.powerBytes() + j * Tiles.BYTES;
              all.add(() -> x.tileloadd(B, LAST, TILE_ROW, power));
            }
            loadedPart = j;
            loadedHalf = half;
            int sum = SUM + half;
            all.product(() -> x.tdpbf16ps(sum, A, B));
          }
        }
      }
      for (int half = 0; half < 2; half++) {
        int sum = SUM + half;
        int at = HeadShape.sums(tile, half);
        all.add(() -> x.tilestored(sum, STRIP, TILE_ROW, at));
      }
    }
    return all;
  }

  /** The numbers below {@code end}, one of them first. */
  private static List<Integer> startingWith(int first, int end) {
    List<Integer> numbers = new ArrayList<>(List.of(first));
    for (int i = 0; i < end; i++) {
      if (i != first) {
        numbers.add(i);
      }
    }
    return numbers;
  }

  /** Powers of this block, and their parts. */
  private Stream powers() {
    Stream all = new Stream();
    for (int half = 0; half < 2; half++) {
      for (int row = 0; row < Tiles.SIDE; row += TOGETHER / 2) {
        int h = half;
        int[] rows = {row, row + Tiles.SIDE, row + 1, row + 1 + Tiles.SIDE};
        int first = h * shape.scoreBytes();
        for (int step = 0; step < STEPS; step++) {
          for (int i = 0; i < TOGETHER; i++) {
            int s = step;
            int score = first + rows[i] * Tiles.ROW;
            int vector = i;
            all.add(() -> power(s, vector, h, score));
          }
        }
        for (int part = 0; part < shape.parts(); part++) {
          part(all, part, h * shape.powerBytes() + part * Tiles.BYTES + row * Tiles.ROW);
        }
      }
    }
    return all;
  }

  // The vectors of one power: the score above its reference, its whole part, the result.
  private static int above(int vector) {
    return 3 * vector;
  }

  private static int whole(int vector) {
    return 3 * vector + 1;
  }

  private static int power(int vector) {
    return 3 * vector + 2;
  }

  /** Steps of {@link #power(int, int, int, int)}. */
  private static final int STEPS = DEGREE + 9;

  /** A step of 2^(score − reference) and its addition to the sum, or of 0 if it is tiny. */
  private void power(int step, int vector, int half, int score) {
    int u = above(vector);
    int n = whole(vector);
    int p = power(vector);
    switch (step) {
      case 0 -> x.vaddps(u, REFERENCE + half, SCORES, score);
      case 1 -> x.vmaxps(u, LEAST, u);
      case 2 -> x.vaddps(n, u, ROUNDING);
      case 3 -> x.vsubps(p, n, ROUNDING);
      case 4 -> x.vsubps(u, u, p);
      case 5 -> x.vmovaps(p, FACTORS + DEGREE);
      case STEPS - 3 -> x.vpslld(n, n, EXPONENT);
      case STEPS - 2 -> x.vpaddd(p, p, n);
      case STEPS - 1 -> x.vaddps(POWERS + half, POWERS + half, p);
      default -> x.vfmadd213ps(p, u, FACTORS + DEGREE + 5 - step);
    }
  }

  /** Bits of a float32 before its exponent. */
  private static final int EXPONENT = 23;

  /**
   * One part of the powers: of two vectors each the upper halves together. The last of a single
   * part is rounded; of several parts the first are cut off, and the last is what is left.
   */
  private void part(Stream all, int part, int to) {
    boolean single = shape.parts() == 1;
    for (int i = 0; i < TOGETHER; i += 2) {
      int even = i;
      if (single) {
        all.add(() -> x.vpaddd(power(even), power(even), HALF_UNIT));
        all.add(() -> x.vpaddd(power(even + 1), power(even + 1), HALF_UNIT));
      }
      all.add(() -> x.vpsrld(whole(even), power(even), Short.SIZE));
    }
    for (int i = 0; i < TOGETHER; i += 2) {
      int even = i;
      int at = to + i / 2 * Tiles.ROW;
      all.add(() -> x.vpternlogd(whole(even), power(even + 1), UPPER_HALF, SECOND_OR_FIRST));
      all.add(() -> x.vmovups(NEW, at, whole(even)));
    }
    if (part < shape.parts() - 1) {
      for (int i = 0; i < TOGETHER; i++) {
        int vector = i;
        all.add(() -> x.vpandd(above(vector), power(vector), UPPER_HALF));
      }
      for (int i = 0; i < TOGETHER; i++) {
        int vector = i;
        all.add(() -> x.vsubps(power(vector), power(vector), above(vector)));
      }
    }
  }

  /** Table of {@code VPTERNLOGD}: where the third operand has a bit, the second, or the first. */
  private static final int SECOND_OR_FIRST = 0xD8;

  /** Hides the last keys of the last block. */
  private void hide() {
    x.cmp(LEFT, 1);
    final int more = x.jnz();
    x.movFromStack(SOME, HIDDEN_KEYS);
    x.test(SOME);
    final int none = x.jz();
    x.mov(AT, SCORES);
    int key = x.here();
    for (int half = 0; half < 2; half++) {
      int last = half * shape.scoreBytes() + (HeadShape.KEYS - 1) * Tiles.ROW;
      x.vmovups(AT, last, HIDDEN_SCORE);
    }
    x.add(AT, -Tiles.ROW);
    x.dec(SOME);
    x.jnz(key);
    x.land(more);
    x.land(none);
  }

  /**
   * The largest scores of this block, in the first vector of each half. Sets masks 1 and 2 where
   * they are far above their references, and the zero flag if they are nowhere.
   */
  private void largest() {
    for (int half = 0; half < 2; half++) {
      for (int i = 0; i < TOGETHER; i++) {
        x.vmovups(half * TOGETHER + i, SCORES, half * shape.scoreBytes() + i * Tiles.ROW);
      }
    }
    for (int row = TOGETHER; row < HeadShape.KEYS; row += TOGETHER) {
      for (int half = 0; half < 2; half++) {
        for (int i = 0; i < TOGETHER; i++) {
          int most = half * TOGETHER + i;
          x.vmaxps(most, most, SCORES, half * shape.scoreBytes() + (row + i) * Tiles.ROW);
        }
      }
    }
    for (int half = 0; half < 2; half++) {
      int most = half * TOGETHER;
      x.vmaxps(most, most, most + 1);
      x.vmaxps(most + 2, most + 2, most + 3);
      x.vmaxps(most, most, most + 2);
      x.vaddps(most + 1, most, REFERENCE + half);
      x.vcmpgtps(1 + half, most + 1, FAR);
    }
    x.kortestw(1, 2);
  }

  /** A function that moves the references which are to move to what {@link #largest} found. */
  private int move() {
    final int here = x.here();
    int zero = 8;
    int moved = 9;
    int u = 10;
    int n = 11;
    int factor = 12;
    x.vpxord(zero, zero, zero);
    for (int half = 0; half < 2; half++) {
      x.vsubps(moved, zero, half * TOGETHER);
      x.vblendmps(moved, 1 + half, REFERENCE + half, moved);
      x.vsubps(u, moved, REFERENCE + half);
      x.vmovaps(REFERENCE + half, moved);
      x.vmaxps(u, LEAST, u);
      x.vaddps(n, u, ROUNDING);
      x.vsubps(factor, n, ROUNDING);
      x.vsubps(u, u, factor);
      x.vmovaps(factor, FACTORS + DEGREE);
      for (int i = DEGREE - 1; i >= 0; i--) {
        x.vfmadd213ps(factor, u, FACTORS + i);
      }
      x.vpslld(n, n, EXPONENT);
      x.vpaddd(factor, factor, n);
      x.vmulps(POWERS + half, POWERS + half, factor);
      x.mov(AT, STRIP);
      x.mov(SOME, shape.channelTiles());
      int tile = x.here();
      for (int row = 0; row < Tiles.SIDE; row++) {
        int at = HeadShape.sums(0, half) + row * Tiles.ROW;
        x.vmulps(u, factor, AT, at);
        x.vmovups(AT, at, u);
      }
      x.add(AT, HeadShape.sums(1, 0) - HeadShape.sums(0, 0));
      x.dec(SOME);
      x.jnz(tile);
    }
    x.ret();
    return here;
  }
}
