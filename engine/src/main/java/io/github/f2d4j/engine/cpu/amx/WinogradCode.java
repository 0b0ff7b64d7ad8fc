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
 * Machine code of the transforms of Winograd's algorithm for a tile, 16 channels at a time: {@code
 * void input(const float *pixels, const float *constants, float *to, long vectors, const void *,
 * long pixel, long line, long stride)} and {@code void output(const float *products, const float
 * *constants, float *pixels, long vectors, const float *bias, long stride, long pixel, long line,
 * const float *residual)}. Neighbouring pixels are {@code pixel} bytes apart, those below each
 * other {@code line}, and positions of the transformed tile {@code stride}.
 *
 * <p>A tile is transformed by its columns and then by its rows. Between them it stays in vector
 * registers: with F(4×4) half of its rows at a time, for which the columns are read twice. Element
 * by element the operations are those of the transforms in Java, so the bits are the same.
 */
final class WinogradCode {
  /**
   * The points of F(4×4) and products of them, in the order of the constants.
   *
   * @param p the first point
   * @param q the second
   */
  record Points(float p, float q) {
    float[] constants() {
      float p2 = p * p;
      float q2 = q * q;
      return new float[] {
        p2 * q2, -(p2 + q2), -q2, p, -p, -p2, q, -q, q2, p2, q * q * q, p * p * p
      };
    }
  }

  // Constants in vector registers, of the input's transform and of the output's.
  private static final int CONSTANTS = 24;
  private static final int P2_Q2 = CONSTANTS;
  private static final int LESS_SUM = CONSTANTS + 1;
  private static final int LESS_Q2 = CONSTANTS + 2;
  private static final int P = CONSTANTS + 3;
  private static final int LESS_P = CONSTANTS + 4;
  private static final int LESS_P2 = CONSTANTS + 5;
  private static final int Q = CONSTANTS + 6;
  private static final int LESS_Q = CONSTANTS + 7;
  private static final int Q2 = CONSTANTS;
  private static final int P2 = CONSTANTS + 1;
  private static final int Q3 = CONSTANTS + 2;
  private static final int BIAS = CONSTANTS + 5;
  private static final int P3 = CONSTANTS + 7;

  /** A column of six, or what a row is made of. */
  private static final int COLUMN = 18;

  private static final List<Assembler.Register> SAVED = List.of(RBX, RBP, R12, R13, R14, R15);
  private static final int SEVENTH = (SAVED.size() + 1) * Long.BYTES;

  /** Where the rows of a column are. */
  private static final List<Assembler.Register> ROWS = List.of(RDI, R10, R11, R12, R13, R14);

  /** Where the next result goes, and the next number to be added lies. */
  private static final Assembler.Register TO = RAX;

  private static final Assembler.Register RESIDUAL = RBP;

  private static final int VECTOR = Tiles.ROW;

  private final Assembler x = new Assembler();

  /** Side of a tile. */
  private final int n;

  private final boolean residual;

  private WinogradCode(int n, boolean residual) {
    this.n = n;
    this.residual = residual;
  }

  /**
   * The input's transform.
   *
   * @param n side of a tile of inputs, 4 or 6
   */
  static byte[] input(int n) {
    WinogradCode code = new WinogradCode(n, false);
    code.input();
    return code.x.code();
  }

  /**
   * The output's transform.
   *
   * @param n side of a tile of products, 4 or 6
   * @param residual whether something is added to the pixels
   */
  static byte[] output(int n, boolean residual) {
    WinogradCode code = new WinogradCode(n, residual);
    code.output();
    return code.x.code();
  }

  private void input() {
    SAVED.forEach(x::push);
    if (n == 6) {
      for (int i = 0; i < 8; i++) {
        x.vbroadcastss(CONSTANTS + i, RSI, i * Float.BYTES);
      }
    }
    // From one row to the next, and from behind the last column to the first.
    x.movFromStack(R8, SEVENTH);
    rows(R8);
    back(R9);
    x.movFromStack(R15, SEVENTH + Long.BYTES);
    int step = x.here();
    x.mov(TO, RDX);
    int parts = n == 6 ? 2 : 1;
    for (int part = 0; part < parts; part++) {
      for (int j = 0; j < n; j++) {
        inputColumn(part, j);
        next(R9);
      }
      next(RBX);
      for (int i = 0; i < n / parts; i++) {
        inputRow(i * n);
      }
    }
    channels(step);
  }

  /** Sets {@link #ROWS}, which lie so far apart. */
  private void rows(Assembler.Register apart) {
    for (int i = 1; i < n; i++) {
      x.mov(ROWS.get(i), ROWS.get(i - 1));
      x.add(ROWS.get(i), apart);
    }
  }

  /** Sets RBX to what leads back from behind the last column to the first. */
  private void back(Assembler.Register column) {
    x.mov(RBX, 0);
    for (int i = 0; i < n; i++) {
      x.sub(RBX, column);
    }
  }

  private void next(Assembler.Register step) {
    for (int i = 0; i < n; i++) {
      x.add(ROWS.get(i), step);
    }
  }

  /** Goes on to the next channels, or ends. */
  private void channels(int step) {
    for (int i = 0; i < n; i++) {
      x.add(ROWS.get(i), VECTOR);
    }
    x.add(RDX, VECTOR);
    x.dec(RCX);
    x.jnz(step);
    x.vzeroupper();
    SAVED.reversed().forEach(x::pop);
    x.ret();
  }

  private void load(int first, int end) {
    for (int i = first; i < end; i++) {
      x.vmovups(COLUMN + i, ROWS.get(i), 0);
    }
  }

  /** A column of Bᵀd: of F(4×4) the upper or the lower three rows. */
  private void inputColumn(int part, int j) {
    int d = COLUMN;
    if (n == 4) {
      load(0, 4);
      x.vsubps(j, d, d + 2);
      x.vaddps(n + j, d + 1, d + 2);
      x.vsubps(2 * n + j, d + 2, d + 1);
      x.vsubps(3 * n + j, d + 3, d + 1);
    } else if (part == 0) {
      load(0, 5);
      fma(j, d + 2, LESS_SUM, d + 4);
      x.vfmadd231ps(j, d, P2_Q2);
      fma(d + 5, d + 2, LESS_Q2, d + 4);
      x.vfmadd213ps(d + 1, LESS_Q2, d + 3);
      fma(n + j, d + 1, P, d + 5);
      fma(2 * n + j, d + 1, LESS_P, d + 5);
    } else {
      load(1, 6);
      fma(2 * n + j, d + 3, LESS_SUM, d + 5);
      x.vfmadd231ps(2 * n + j, d + 1, P2_Q2);
      x.vfmadd213ps(d + 2, LESS_P2, d + 4);
      x.vfmadd213ps(d + 1, LESS_P2, d + 3);
      fma(j, d + 1, Q, d + 2);
      fma(n + j, d + 1, LESS_Q, d + 2);
    }
  }

  /** to = u·v + w. */
  private void fma(int to, int u, int v, int w) {
    x.vmovaps(to, u);
    x.vfmadd213ps(to, v, w);
  }

  /** A row of dB, to its positions. */
  private void inputRow(int row) {
    int d = row;
    int u = COLUMN;
    int v = COLUMN + 1;
    int w = COLUMN + 2;
    if (n == 4) {
      x.vsubps(u, d, d + 2);
      put(u);
      x.vaddps(u, d + 1, d + 2);
      put(u);
      x.vsubps(u, d + 2, d + 1);
      put(u);
      x.vsubps(u, d + 3, d + 1);
      put(u);
      return;
    }
    fma(u, d + 2, LESS_SUM, d + 4);
    x.vfmadd231ps(u, d, P2_Q2);
    put(u);
    fma(u, d + 2, LESS_Q2, d + 4);
    fma(v, d + 1, LESS_Q2, d + 3);
    fma(w, v, P, u);
    put(w);
    x.vfmadd213ps(v, LESS_P, u);
    put(v);
    fma(u, d + 2, LESS_P2, d + 4);
    fma(v, d + 1, LESS_P2, d + 3);
    fma(w, v, Q, u);
    put(w);
    x.vfmadd213ps(v, LESS_Q, u);
    put(v);
    fma(u, d + 3, LESS_SUM, d + 5);
    x.vfmadd231ps(u, d + 1, P2_Q2);
    put(u);
  }

  private void put(int result) {
    x.vmovups(TO, 0, result);
    x.add(TO, R15);
  }

  private void output() {
    SAVED.forEach(x::push);
    if (n == 6) {
      x.vbroadcastss(P, RSI, 3 * Float.BYTES);
      x.vbroadcastss(Q, RSI, 6 * Float.BYTES);
      x.vbroadcastss(Q2, RSI, 8 * Float.BYTES);
      x.vbroadcastss(P2, RSI, 9 * Float.BYTES);
      x.vbroadcastss(Q3, RSI, 10 * Float.BYTES);
      x.vbroadcastss(P3, RSI, 11 * Float.BYTES);
    }
    x.mov(RAX, 0);
    for (int i = 0; i < n; i++) {
      x.add(RAX, R9);
    }
    rows(RAX);
    back(R9);
    x.movFromStack(R15, SEVENTH);
    // From behind a line's last pixel to the first of the next.
    x.movFromStack(RSI, SEVENTH + Long.BYTES);
    for (int i = 0; i < n - 2; i++) {
      x.sub(RSI, R15);
    }
    int step = x.here();
    x.mov(TO, RDX);
    x.vmovups(BIAS, R8, 0);
    x.add(R8, VECTOR);
    if (residual) {
      x.movFromStack(RESIDUAL, SEVENTH + 2 * Long.BYTES);
    }
    int parts = n == 6 ? 2 : 1;
    for (int part = 0; part < parts; part++) {
      for (int j = 0; j < n; j++) {
        outputColumn(part, j);
        next(R9);
      }
      next(RBX);
      for (int i = 0; i < 2; i++) {
        outputRow(i * n);
        x.add(TO, RSI);
        if (residual) {
          x.add(RESIDUAL, RSI);
        }
      }
    }
    if (residual) {
      x.movFromStack(RESIDUAL, SEVENTH + 2 * Long.BYTES);
      x.add(RESIDUAL, VECTOR);
      x.movToStack(SEVENTH + 2 * Long.BYTES, RESIDUAL);
    }
    channels(step);
  }

  /** A column of Aᵀm: of F(4×4) the upper or the lower two rows. */
  private void outputColumn(int part, int j) {
    int m = COLUMN;
    if (n == 4) {
      load(0, 4);
      x.vaddps(j, m, m + 1);
      x.vaddps(j, j, m + 2);
      x.vsubps(n + j, m + 1, m + 2);
      x.vaddps(n + j, n + j, m + 3);
      return;
    }
    load(part, part + 5);
    output(m, part == 0 ? j : -1, n + j, part == 0 ? -1 : j, n + j);
  }

  /** Four sums of six vectors from {@code m} on, in pairs; −1 for a first that is not wanted. */
  private void output(int m, int first, int second, int third, int fourth) {
    int u = 12;
    int v = 13;
    int w = 14;
    if (first >= 0) {
      x.vaddps(u, m + 1, m + 2);
      x.vaddps(v, m + 3, m + 4);
      x.vaddps(first, m, u);
      x.vaddps(first, first, v);
      x.vsubps(w, m + 1, m + 2);
      x.vmulps(w, w, P);
      x.vsubps(second, m + 3, m + 4);
      x.vfmadd213ps(second, Q, w);
    }
    if (third >= 0) {
      x.vaddps(u, m + 1, m + 2);
      x.vmulps(u, u, P2);
      x.vaddps(third, m + 3, m + 4);
      x.vfmadd213ps(third, Q2, u);
      x.vsubps(w, m + 1, m + 2);
      x.vfmadd213ps(w, P3, m + 5);
      x.vsubps(fourth, m + 3, m + 4);
      x.vfmadd213ps(fourth, Q3, w);
    }
  }

  /** A row of mA, to its pixels. */
  private void outputRow(int row) {
    int to = COLUMN;
    if (n == 4) {
      x.vaddps(to, row, row + 1);
      x.vaddps(to, to, row + 2);
      x.vsubps(to + 1, row + 1, row + 2);
      x.vaddps(to + 1, to + 1, row + 3);
    } else {
      output(row, to, to + 1, to + 2, to + 3);
    }
    for (int i = 0; i < n - 2; i++) {
      x.vaddps(to + i, to + i, BIAS);
      if (residual) {
        x.vaddps(to + i, to + i, RESIDUAL, 0);
        x.add(RESIDUAL, R15);
      }
      x.vmovups(TO, 0, to + i);
      x.add(TO, R15);
    }
  }
}
