package io.github.f2d4j.engine.cpu.amx;

import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R10;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R11;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R8;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R9;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RAX;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RBX;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RCX;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RDI;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RDX;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RSI;

/**
 * Machine code of a function that multiplies a and b that come as {@link Bfloats}: {@code void
 * strips(const bfloat *a, const bfloat *b, float *c, long steps, const config *tiles, long strips,
 * long skip)}. For each of several strips of 32 rows c [32, 64] = or += a [32, 32·steps] · b
 * [32·steps, 64]. Strips lie one behind the other in a and c; in b, {@code skip} bytes lie between
 * 16 columns and the next 16.
 *
 * <p>It makes 32 by 16 sums after the other, in two tile registers. 32 by 32 sums at a time would
 * need fewer loads and fill all eight registers; that is no faster where memory is what they wait
 * for, and slower on a core whose other half is busy.
 */
final class BfloatCode {
  /** Bytes from one row of c to the next, and from one strip's to the next's. */
  private static final int SUM_ROW = Amx.COLUMNS * Float.BYTES;

  private static final int SUM_STRIP = Amx.ROWS * SUM_ROW;

  /** Where the seventh argument lies, behind what the function saved and its return address. */
  private static final int SEVENTH = 2 * Long.BYTES;

  // Tile registers: the upper and the lower 16 rows of sums and of a; b.
  private static final int SUM = 0;
  private static final int A = 2;
  private static final int B = 4;

  private final Assembler x = new Assembler();

  private final boolean resume;

  private BfloatCode(boolean resume) {
    this.resume = resume;
  }

  /**
   * The function.
   *
   * @param resume whether it adds to c
   */
  static byte[] strips(boolean resume) {
    BfloatCode code = new BfloatCode(resume);
    code.strips();
    return code.x.code();
  }

  private void strips() {
    start();
    x.mov(R11, SUM_ROW);
    int strip = x.here();
    x.mov(RBX, RSI);
    for (int group = 0; group < Amx.COLUMNS / Tiles.SIDE; group++) {
      int at = group * Tiles.ROW;
      sums(new Half(RDX, at), new Half(RDX, Tiles.SIDE * SUM_ROW + at));
      x.addFromStack(RBX, SEVENTH);
    }
    x.mov(RDI, R8);
    x.add(RDX, SUM_STRIP);
    x.dec(R9);
    x.jnz(strip);
    end();
  }

  private void start() {
    x.push(RBX);
    x.ldtilecfg(R8);
    x.mov(R10, Tiles.ROW);
  }

  private void end() {
    x.tilerelease();
    x.pop(RBX);
    x.ret();
  }

  /** Where 16 rows of sums lie; from one to the next it is R11. */
  private record Half(Assembler.Register base, int offset) {}

  /** 32 by 16 sums. Leaves a behind the strip, and b behind these columns. */
  private void sums(Half... halves) {
    x.mov(R8, RDI);
    for (int half = 0; half < 2; half++) {
      if (resume) {
        x.tileloadd(SUM + half, halves[half].base, R11, halves[half].offset);
      } else {
        x.tilezero(SUM + half);
      }
    }
    x.mov(RAX, RCX);
    int loop = x.here();
    x.tileloadd(B, RBX, R10, 0);
    for (int half = 0; half < 2; half++) {
      x.tileloadd(A + half, R8, R10, half * Tiles.BYTES);
      x.tdpbf16ps(SUM + half, A + half, B);
    }
    x.add(R8, 2 * Tiles.BYTES);
    x.add(RBX, Tiles.BYTES);
    x.dec(RAX);
    x.jnz(loop);
    for (int half = 0; half < 2; half++) {
      x.tilestored(SUM + half, halves[half].base, R11, halves[half].offset);
    }
  }
}
