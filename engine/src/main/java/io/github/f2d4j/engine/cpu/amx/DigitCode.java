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
 * <p>It makes 16 by 16 sums after the other. Products of digits of the same weight are added in a
 * tile register of integers; the registers go through the stack to vectors, which make float32 of
 * them. The three digits of a stay in registers for 64 steps of k, those of b pass: each is loaded
 * once. That fills all eight registers, which slows loads on a core whose other half is busy, but
 * less than more loads would.
 */
final class DigitCode {
  /** Bytes of scratch on the stack: a tile of sums, and room to align it. */
  private static final int STACK = Tiles.BYTES + Tiles.ROW;

  /** What the function must restore. */
  private static final List<Assembler.Register> SAVED = List.of(RBX, RBP, R12, R13, R14, R15);

  // Where arguments beyond the sixth lie, behind what was saved and the return address.
  private static final int GROUPS = STACK + (SAVED.size() + 1) * Long.BYTES;
  private static final int SKIP = GROUPS + Long.BYTES;
  private static final int PITCH = SKIP + Long.BYTES;

  /** Rows of a strip are two to the power of this. */
  private static final int ROWS_BITS = 5;

  // Tile registers: sums from 0 on, the digits of a, one of b.
  private static final int A = 4;
  private static final int B = 7;

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
      x.mov(R11, RBX);
      sums();
      floats();
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
    x.add(RBP, Tiles.ROW - 1);
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

  /** 16 by 16 sums of each weight. Leaves R8 at the rows' scales, R11 behind the columns'. */
  private void sums() {
    for (int weight = 0; weight < weights; weight++) {
      x.tilezero(weight);
    }
    x.mov(RAX, RCX);
    int loop = x.here();
    step();
    x.add(R8, Digits.ROWS_STEP);
    x.add(R11, Digits.COLUMNS_STEP);
    x.dec(RAX);
    x.jnz(loop);
  }

  /**
   * 64 steps of k. Each digit of b meets those of a with which it makes products of the weights;
   * the lowest comes first, since it needs the fewest digits of a.
   */
  private void step() {
    int loaded = 0;
    for (int j = Digits.COUNT - 1; j >= 0; j--) {
      x.tileloadd(B, R11, R10, j * Tiles.BYTES);
      for (int i = 0; i < Math.min(Digits.COUNT, weights - j); i++) {
        if (i == loaded) {
          x.tileloadd(A + i, R8, R10, i * Tiles.BYTES);
          loaded++;
        }
        x.tdpbssd(i + j, A + i, B);
      }
    }
  }

  /**
   * The sums as float32, the least weight first, to or onto rows of c from R15 on. One tile of
   * scratch serves all: with more of them the loads that follow would have to wait for stores to
   * places that look like theirs.
   */
  private void floats() {
    for (int weight = weights - 1; weight >= 0; weight--) {
      x.tilestored(weight, RBP, R10, 0);
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
