package io.github.f2d4j.engine.cpu.amx;

import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R10;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R11;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R12;
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

/**
 * Machine code of a function that multiplies a and b that come in {@link Digits}: {@code void
 * strips(const digits *a, const digits *b, float *c, long steps, const setting *s, long strips,
 * long skip)}. For each of several strips of 32 rows c [32, 64] = or += a [32, 64·steps] · b
 * [64·steps, 64]. Strips lie one behind the other in a and c; in b, {@code skip} bytes lie between
 * 16 columns and the next 16.
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

  /** Where the seventh argument lies, behind what was saved and the return address. */
  private static final int SEVENTH = STACK + 4 * Long.BYTES;

  /** Bytes from one row of c to the next. */
  private static final int SUM_ROW = Amx.COLUMNS * Float.BYTES;

  private static final int GROUP = Tiles.SIDE * Float.BYTES;

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
  static byte[] strips(int weights, boolean resume) {
    DigitCode code = new DigitCode(weights, resume);
    code.strips();
    return code.x.code();
  }

  private void strips() {
    x.push(RBX);
    x.push(RBP);
    x.push(R12);
    x.add(RSP, -STACK);
    x.mov(RBP, RSP);
    x.add(RBP, Tiles.ROW - 1);
    x.and(RBP, -Tiles.ROW);
    x.ldtilecfg(R8);
    for (int weight = 0; weight < weights; weight++) {
      x.vbroadcastss(WEIGHTS + weight, R8, DigitTile.WEIGHTS + weight * Float.BYTES);
    }
    x.mov(R10, Tiles.ROW);
    int strip = x.here();
    x.mov(RBX, RSI);
    x.mov(R12, Amx.COLUMNS / Tiles.SIDE);
    int group = x.here();
    x.mov(R8, RDI);
    for (int row = 0; row < Amx.ROWS; row += Tiles.SIDE) {
      x.mov(R11, RBX);
      sums();
      floats(row * SUM_ROW);
      x.add(R8, Digits.SCALES);
    }
    x.mov(RBX, R11);
    x.addFromStack(RBX, SEVENTH);
    x.add(RDX, GROUP);
    x.dec(R12);
    x.jnz(group);
    x.mov(RDI, R8);
    x.add(RDX, Amx.ROWS * SUM_ROW - SUM_ROW);
    x.dec(R9);
    x.jnz(strip);
    x.tilerelease();
    x.vzeroupper();
    x.add(RSP, STACK);
    x.pop(R12);
    x.pop(RBP);
    x.pop(RBX);
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
   * The sums as float32, the least weight first. One tile of scratch serves all: with more of them
   * the loads that follow would have to wait for stores to places that look like theirs.
   *
   * @param at the first row's place in c
   */
  private void floats(int at) {
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
      int to = at + row * SUM_ROW;
      x.vmulpsBroadcast(row, row, R8, row * Float.BYTES);
      if (resume) {
        x.vfmadd213ps(row, SCALE, RDX, to);
      } else {
        x.vmulps(row, row, SCALE);
      }
      x.vmovups(RDX, to, row);
    }
  }
}
