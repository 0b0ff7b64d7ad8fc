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
 * multiply(const digits *a, const digits *b, float *c, const setting *s, long bands, long groups,
 * long skip, long pitch, long ahead)}. For each of several bands of 16 rows c [16, 16·groups] = or
 * += a [16, 64·steps] · b [64·steps, 16·groups]. Bands lie one behind the other in a; in b, {@code
 * skip} bytes lie between a group of 16 columns and the next; rows of c are {@code pitch} bytes
 * apart. What lies {@code ahead} bytes behind b is fetched to the second-level cache beside, each
 * band a part of it.
 *
 * <p>A band meets all groups before the next: then it stays in the first-level cache, and each
 * group passes through it once for two passes.
 *
 * <p>It makes 16 by 16 sums after the other, each in two passes over k, first the products of less
 * weight. Products of digits of the same weight are added in a tile register of integers; the
 * registers go through the stack to vectors, which make float32 of them. In one pass fewer loads
 * would do. But a core whose other half is busy slows down with every tile register that holds
 * something until it is released: so four are used.
 *
 * <p>Sums become float32 while the next pass is multiplied: instructions of the unit and of vectors
 * alternate. So there is one function for each number of steps, without loops over k. The first 16
 * by 16 sums have none before them: what is finished beside them is nothing, and goes to a line of
 * the stack.
 */
final class DigitCode {
  /** Bytes of the rows of c that nobody wants, behind the two tiles of sums. */
  private static final int NOWHERE = Tiles.ROW;

  /** Bytes on the stack, with room to align them. */
  private static final int STACK = 2 * Tiles.BYTES + NOWHERE + 2 * Tiles.ROW;

  /** On the stack: where the band begins to fetch. */
  private static final int FETCH_FROM = 0;

  /** What the function must restore. */
  private static final List<Assembler.Register> SAVED = List.of(RBX, RBP, R12, R13, R14, R15);

  // Where arguments beyond the sixth lie, behind what was saved and the return address.
  private static final int SKIP = STACK + (SAVED.size() + 1) * Long.BYTES;
  private static final int PITCH = SKIP + Long.BYTES;
  private static final int AHEAD = PITCH + Long.BYTES;

  // General registers: bands; the panel, and its groups; the band's and the group's sums in c; what
  // is fetched; counts; what finishes the sums before: the scales of their rows, their rows in c.
  private static final Assembler.Register A_AT = RDI;
  private static final Assembler.Register PANEL = RSI;
  private static final Assembler.Register B_AT = RBX;
  private static final Assembler.Register BAND_SUMS = RDX;
  private static final Assembler.Register SUMS = R14;
  private static final Assembler.Register SETTING = RCX;
  private static final Assembler.Register BANDS = R8;
  private static final Assembler.Register FETCH = SETTING;
  private static final Assembler.Register GROUPS = R9;
  private static final Assembler.Register LEFT = R12;
  private static final Assembler.Register SCRATCH = RBP;
  private static final Assembler.Register TILE_ROW = R10;
  private static final Assembler.Register C_PITCH = R13;
  private static final Assembler.Register ROW_SCALES = R11;
  private static final Assembler.Register ROWS = R15;
  private static final Assembler.Register ROWS_PITCH = RAX;

  /** Passes over a group in a band, of which each fetches something. */
  private static final int PASSES = 2;

  /** Passes over a group in a call of the most strips. */
  private static final int ALL_PASSES = PASSES * Amx.STRIPS * Amx.ROWS / Tiles.SIDE;

  /** Rows of a band are two to the power of this. */
  private static final int ROWS_BITS = 4;

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

  /** Of 64 numbers of k. */
  private final int steps;

  private DigitCode(int weights, boolean resume, int steps) {
    this.weights = weights;
    this.resume = resume;
    this.steps = steps;
  }

  /**
   * The function.
   *
   * @param weights of the products of digits that it makes, the largest
   * @param resume whether it adds to c
   * @param steps of 64 numbers of k, at least one
   */
  static byte[] multiply(int weights, boolean resume, int steps) {
    DigitCode code = new DigitCode(weights, resume, steps);
    code.all();
    return code.x.code();
  }

  private void all() {
    start();
    int band = x.here();
    x.mov(B_AT, PANEL);
    x.mov(SUMS, BAND_SUMS);
    x.mov(LEFT, GROUPS);
    x.movFromStack(FETCH, FETCH_FROM);
    int group = x.here();
    Stream beside = finish();
    beside.add(fetch(0));
    products(HEAVY, weights).alternate(beside);
    spill(HEAVY, weights);
    beside = floats(HEAVY, weights);
    beside.add(next());
    beside.add(fetch(1));
    products(0, HEAVY).alternate(beside);
    spill(0, HEAVY);
    x.add(B_AT, steps * Digits.COLUMNS_STEP);
    x.add(FETCH, steps * Digits.COLUMNS_STEP);
    x.addFromStack(B_AT, SKIP);
    x.addFromStack(FETCH, SKIP);
    x.add(SUMS, Tiles.SIDE * Float.BYTES);
    x.dec(LEFT);
    x.jnz(group);
    x.add(A_AT, steps * Digits.ROWS_STEP + Digits.SCALES);
    x.mov(LEFT, C_PITCH);
    x.shl(LEFT, ROWS_BITS);
    x.add(BAND_SUMS, LEFT);
    x.movFromStack(LEFT, FETCH_FROM);
    x.add(LEFT, PASSES * fetchedLines() * Tiles.ROW);
    x.movToStack(FETCH_FROM, LEFT);
    x.dec(BANDS);
    x.jnz(band);
    finish().emit();
    end();
  }

  private void start() {
    SAVED.forEach(x::push);
    x.add(RSP, -STACK);
    x.mov(SCRATCH, RSP);
    x.add(SCRATCH, 2 * Tiles.ROW - 1);
    x.and(SCRATCH, -Tiles.ROW);
    x.ldtilecfg(SETTING);
    for (int weight = 0; weight < weights; weight++) {
      x.vbroadcastss(WEIGHTS + weight, SETTING, DigitTile.WEIGHTS + weight * Float.BYTES);
    }
    x.mov(TILE_ROW, Tiles.ROW);
    x.movFromStack(C_PITCH, PITCH);
    x.movFromStack(FETCH, AHEAD);
    x.add(FETCH, PANEL);
    x.movToStack(FETCH_FROM, FETCH);
    x.mov(ROW_SCALES, SCRATCH);
    x.mov(ROWS, SCRATCH);
    x.add(ROWS, 2 * Tiles.BYTES);
    x.mov(ROWS_PITCH, 0);
  }

  private void end() {
    x.tilerelease();
    x.vzeroupper();
    x.add(RSP, STACK);
    SAVED.reversed().forEach(x::pop);
    x.ret();
  }

  /** 16 by 16 sums of products of the weights from {@code least} on, below {@code end}. */
  private Stream products(int least, int end) {
    Stream stream = new Stream();
    for (int weight = least; weight < end; weight++) {
      int sum = SUM + weight - least;
      stream.add(() -> x.tilezero(sum));
    }
    for (int step = 0; step < steps; step++) {
      step(stream, step * Digits.ROWS_STEP, step * Digits.COLUMNS_STEP, least, end);
    }
    return stream;
  }

  /**
   * 64 steps of k. Digits of a come from the highest to the lowest, for each those of b the other
   * way round or back, so that the last of one is the first of the next.
   */
  private void step(Stream stream, int rows, int columns, int least, int end) {
    int loaded = -1;
    for (int i = 0; i < Digits.COUNT; i++) {
      int lowest = Math.min(Digits.COUNT, end - i) - 1;
      int highest = Math.max(0, least - i);
      if (highest > lowest) {
        continue;
      }
      int a = rows + i * Tiles.BYTES;
      stream.add(() -> x.tileloadd(A, A_AT, TILE_ROW, a));
      boolean back = loaded == highest;
      for (int n = 0; n <= lowest - highest; n++) {
        int j = back ? highest + n : lowest - n;
        if (j != loaded) {
          int b = columns + j * Tiles.BYTES;
          stream.add(() -> x.tileloadd(B, B_AT, TILE_ROW, b));
          loaded = j;
        }
        int sum = SUM + i + j - least;
        stream.product(() -> x.tdpbssd(sum, A, B));
      }
    }
  }

  /** Sums go to the stack, from the least weight on. */
  private void spill(int least, int end) {
    for (int weight = end - 1; weight >= least; weight--) {
      x.tilestored(SUM + weight - least, SCRATCH, TILE_ROW, (weight - least) * Tiles.BYTES);
    }
  }

  /** What went to the stack, as float32 to vectors, or onto them. */
  private Stream floats(int least, int end) {
    Stream stream = new Stream();
    for (int weight = end - 1; weight >= least; weight--) {
      for (int row = 0; row < Tiles.SIDE; row++) {
        int to = row;
        int part = PARTS + row % SOME;
        int worth = WEIGHTS + weight;
        int at = (weight - least) * Tiles.BYTES + row * Tiles.ROW;
        stream.add(() -> x.vcvtdq2ps(part, SCRATCH, at));
        if (weight == weights - 1) {
          stream.add(() -> x.vmulps(to, part, worth));
        } else {
          stream.add(() -> x.vfmadd231ps(to, part, worth));
        }
      }
    }
    return stream;
  }

  /** Lines that a pass fetches, so that all passes of a group in a call fetch all of it. */
  private int fetchedLines() {
    return Math.ceilDiv(steps * Digits.COLUMNS_STEP, Tiles.ROW * ALL_PASSES);
  }

  private Stream fetch(int pass) {
    Stream stream = new Stream();
    for (int i = 0; i < fetchedLines(); i++) {
      int at = (pass * fetchedLines() + i) * Tiles.ROW;
      stream.add(() -> x.prefetcht1(FETCH, at));
    }
    return stream;
  }

  /** Tells what the next {@link #finish} needs. */
  private Stream next() {
    Stream stream = new Stream();
    stream.add(() -> x.vmovups(SCALE, B_AT, steps * Digits.COLUMNS_STEP - Digits.SCALES));
    stream.add(() -> x.mov(ROW_SCALES, A_AT));
    stream.add(() -> x.add(ROW_SCALES, steps * Digits.ROWS_STEP));
    stream.add(() -> x.mov(ROWS, SUMS));
    stream.add(() -> x.mov(ROWS_PITCH, C_PITCH));
    return stream;
  }

  /** The heavier sums onto the vectors; scales them and puts them to, or onto, rows of c. */
  private Stream finish() {
    Stream stream = floats(0, HEAVY);
    for (int row = 0; row < Tiles.SIDE; row++) {
      int sums = row;
      stream.add(() -> x.vmulpsBroadcast(sums, sums, ROW_SCALES, sums * Float.BYTES));
      if (resume) {
        stream.add(() -> x.vfmadd213ps(sums, SCALE, ROWS, 0));
      } else {
        stream.add(() -> x.vmulps(sums, sums, SCALE));
      }
      stream.add(() -> x.vmovups(ROWS, 0, sums));
      stream.add(() -> x.add(ROWS, ROWS_PITCH));
    }
    return stream;
  }
}
