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
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RSP;

import java.util.List;

/**
 * Machine code of a function that multiplies a and b that come in {@link Digits}: {@code void
 * multiply(const digits *a, const digits *b, float *c, long steps, const setting *s, long strips,
 * long groups, long skip, long pitch)}. For each of several strips of 32 rows c [32, 16·groups] =
 * or += a [32, 64·steps] · b [64·steps, 16·groups]. Strips lie one behind the other in a; in b,
 * {@code skip} bytes lie between a group of 16 columns and the next; rows of c are {@code pitch}
 * bytes apart.
 *
 * <p>It makes 16 by 16 sums after the other, each in two passes over k, first the products of less
 * weight. Products of digits of the same weight are added in a tile register of integers; the
 * registers go through the stack to vectors, which make float32 of them. In one pass fewer loads
 * would do. But a core whose other half is busy slows down with every tile register that holds
 * something until it is released: so four are used.
 */
final class DigitCode {
  /** Bytes on the stack: a place for a register, a tile of sums, and room to align it. */
  private static final int STACK = Tiles.BYTES + 2 * Tiles.ROW;

  /** Where the place for a register lies. */
  private static final int SAVED_A = 0;

  /** What the function must restore. */
  private static final List<Assembler.Register> SAVED = List.of(RBX, RBP, R12, R13, R14, R15);

  // Where arguments beyond the sixth lie, behind what was saved and the return address.
  private static final int GROUPS = STACK + (SAVED.size() + 1) * Long.BYTES;
  private static final int SKIP = GROUPS + Long.BYTES;
  private static final int PITCH = SKIP + Long.BYTES;

  /** Rows of a strip are two to the power of this. */
  private static final int ROWS_BITS = 5;

  // Tile registers: sums of one or two weights, a digit of a, one of b.
  private static final int SUM = 0;
  private static final int A = 2;
  private static final int B = 3;

  /** Weights of the second pass; those from here on are the first's. */
  private static final int HEAVY = 2;

  // Vector registers: a row of sums in each of the first 16; its part of one weight, in turn; the
  // columns' scales; the weights, powers of 256.
  private static final int PARTS = 16;
  private static final int SOME = 8;
  private static final int SCALE = 24;
  private static final int WEIGHTS = 25;

  private final Assembler x = new Assembler();

  /** Products of digits i and j are made for i + j below this. */
  private final int weights;

  private final boolean resume;

  private DigitCode(int weights, boolean resume) {
    this.weights = weights;
    this.resume = resume;
  }

  /**
   * The function.
   *
   * @param weights of the products of digits that it makes, the largest
   * @param resume whether it adds to c
   */
  static byte[] multiply(int weights, boolean resume) {
    DigitCode code = new DigitCode(weights, resume);
    code.all();
    return code.x.code();
  }

  private void all() {
    start();
    x.mov(R14, RSI);
    x.mov(RSI, RDX);
    int strip = x.here();
    x.mov(RBX, R14);
    x.mov(RDX, RSI);
    x.movFromStack(R12, GROUPS);
    int group = x.here();
    x.mov(R8, RDI);
    x.mov(R15, RDX);
    for (int half = 0; half < Amx.ROWS / Tiles.SIDE; half++) {
      x.movToStack(SAVED_A, R8);
      pass(HEAVY, weights);
      x.movFromStack(R8, SAVED_A);
      pass(0, HEAVY);
      store();
    }
    x.mov(RBX, R11);
    x.addFromStack(RBX, SKIP);
    x.add(RDX, Tiles.SIDE * Float.BYTES);
    x.dec(R12);
    x.jnz(group);
    x.mov(RDI, R8);
    x.mov(RAX, R13);
    x.shl(RAX, ROWS_BITS);
    x.add(RSI, RAX);
    x.dec(R9);
    x.jnz(strip);
    end();
  }

  private void start() {
    SAVED.forEach(x::push);
    x.add(RSP, -STACK);
    x.mov(RBP, RSP);
    x.add(RBP, 2 * Tiles.ROW - 1);
    x.and(RBP, -Tiles.ROW);
    x.ldtilecfg(R8);
    for (int weight = 0; weight < weights; weight++) {
      x.vbroadcastss(WEIGHTS + weight, R8, DigitTile.WEIGHTS + weight * Float.BYTES);
    }
    x.mov(R10, Tiles.ROW);
    x.movFromStack(R13, PITCH);
  }

  private void end() {
    x.tilerelease();
    x.vzeroupper();
    x.add(RSP, STACK);
    SAVED.reversed().forEach(x::pop);
    x.ret();
  }

  /**
   * 16 by 16 sums of products of the weights from {@code least} on, below {@code end}, as float32
   * onto what the passes before left in vectors. Leaves R8 at the rows' scales, R11 behind the
   * columns'.
   */
  private void pass(int least, int end) {
    for (int weight = least; weight < end; weight++) {
      x.tilezero(SUM + weight - least);
    }
    x.mov(R11, RBX);
    x.mov(RAX, RCX);
    int loop = x.here();
    step(least, end);
    x.add(R8, Digits.ROWS_STEP);
    x.add(R11, Digits.COLUMNS_STEP);
    x.dec(RAX);
    x.jnz(loop);
    for (int weight = end - 1; weight >= least; weight--) {
      floats(weight, SUM + weight - least);
    }
  }

  /**
   * 64 steps of k. Digits of a come from the highest to the lowest, for each those of b the other
   * way round or back, so that the last of one is the first of the next.
   */
  private void step(int least, int end) {
    int loaded = -1;
    for (int i = 0; i < Digits.COUNT; i++) {
      int lowest = Math.min(Digits.COUNT, end - i) - 1;
      int highest = Math.max(0, least - i);
      if (highest > lowest) {
        continue;
      }
      x.tileloadd(A, R8, R10, i * Tiles.BYTES);
      boolean back = loaded == highest;
      for (int n = 0; n <= lowest - highest; n++) {
        int j = back ? highest + n : lowest - n;
        if (j != loaded) {
          x.tileloadd(B, R11, R10, j * Tiles.BYTES);
          loaded = j;
        }
        x.tdpbssd(SUM + i + j - least, A, B);
      }
    }
  }

  /**
   * Sums of one weight as float32 to vectors, or onto them. One tile of scratch serves all: with
   * more of them the loads that follow would have to wait for stores to places that look like
   * theirs.
   */
  private void floats(int weight, int tile) {
    x.tilestored(tile, RBP, R10, 0);
    for (int row = 0; row < Tiles.SIDE; row++) {
      int part = PARTS + row % SOME;
      x.vcvtdq2ps(part, RBP, row * Tiles.ROW);
      if (weight == weights - 1) {
        x.vmulps(row, part, WEIGHTS + weight);
      } else {
        x.vfmadd231ps(row, part, WEIGHTS + weight);
      }
    }
  }

  /** Scales the vectors and puts them to, or onto, rows of c from R15 on. */
  private void store() {
    x.vmovups(SCALE, R11, -Digits.SCALES);
    for (int row = 0; row < Tiles.SIDE; row++) {
      x.vmulpsBroadcast(row, row, R8, row * Float.BYTES);
      if (resume) {
        x.vfmadd213ps(row, SCALE, R15, 0);
      } else {
        x.vmulps(row, row, SCALE);
      }
      x.vmovups(R15, 0, row);
      x.add(R15, R13);
    }
    x.add(R8, Digits.SCALES);
  }
}
