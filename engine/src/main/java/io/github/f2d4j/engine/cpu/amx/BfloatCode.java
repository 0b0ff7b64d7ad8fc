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

import java.util.List;

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

  /** What the function of windows must restore. */
  private static final List<Assembler.Register> SAVED = List.of(RBX, RBP, R12, R13, R14, R15);

  // Where its arguments beyond the sixth lie, behind what was saved and the return address.
  private static final int SKIP = (SAVED.size() + 1) * Long.BYTES;
  private static final int TAPS = SKIP + Long.BYTES;
  private static final int PITCH = TAPS + Long.BYTES;

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

  /**
   * A function whose strips are windows of an image: {@code void windows(const bfloat **bands,
   * const bfloat *b, float *c, long steps, const config *tiles, long strips, long skip, const long
   * *taps, long pitch)}. A band is 16 rows, {@code pitch} bytes apart; two are a strip. Step s of a
   * band lies {@code taps[s]} bytes from where it starts. Otherwise as the other function.
   */
  static byte[] windows(boolean resume) {
    BfloatCode code = new BfloatCode(resume);
    code.windows();
    return code.x.code();
  }

  private void windows() {
    SAVED.forEach(x::push);
    x.ldtilecfg(R8);
    x.mov(R10, Tiles.ROW);
    x.mov(R11, SUM_ROW);
    x.movFromStack(R12, PITCH);
    int strip = x.here();
    x.mov(R13, RDI, 0);
    x.mov(R14, RDI, Long.BYTES);
    x.mov(RBX, RSI);
    for (int group = 0; group < Amx.COLUMNS / Tiles.SIDE; group++) {
      int at = group * Tiles.ROW;
      Half[] halves = {new Half(RDX, at), new Half(RDX, Tiles.SIDE * SUM_ROW + at)};
      startSums(halves);
      x.movFromStack(RBP, TAPS);
      x.mov(RAX, RCX);
      int loop = x.here();
      x.tileloadd(B, RBX, R10, 0);
      x.mov(R8, RBP, 0);
      x.mov(R15, R8);
      x.add(R8, R13);
      x.add(R15, R14);
      x.tileloadd(A, R8, R12, 0);
      x.tdpbf16ps(SUM, A, B);
      x.tileloadd(A + 1, R15, R12, 0);
      x.tdpbf16ps(SUM + 1, A + 1, B);
      x.add(RBP, Long.BYTES);
      x.add(RBX, Tiles.BYTES);
      x.dec(RAX);
      x.jnz(loop);
      endSums(halves);
      x.addFromStack(RBX, SKIP);
    }
    x.add(RDI, 2 * Long.BYTES);
    x.add(RDX, SUM_STRIP);
    x.dec(R9);
    x.jnz(strip);
    x.tilerelease();
    SAVED.reversed().forEach(x::pop);
    x.ret();
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
    startSums(halves);
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
    endSums(halves);
  }

  private void startSums(Half[] halves) {
    for (int half = 0; half < 2; half++) {
      if (resume) {
        x.tileloadd(SUM + half, halves[half].base, R11, halves[half].offset);
      } else {
        x.tilezero(SUM + half);
      }
    }
  }

  private void endSums(Half[] halves) {
    for (int half = 0; half < 2; half++) {
      x.tilestored(SUM + half, halves[half].base, R11, halves[half].offset);
    }
  }
}
