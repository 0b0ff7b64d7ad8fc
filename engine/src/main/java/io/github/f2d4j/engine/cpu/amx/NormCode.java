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

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.cpu.math.FloatMath;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Machine code of the passes of group normalisation over rows of channels. In the second and third
 * they lie one behind the other, {@code row} bytes each. Element by element the operations in Java,
 * so the same bits.
 *
 * <ul>
 *   <li>{@code void mean(const float *x, float *to, long rows, long vectors, long stride)}: the sum
 *       of rows, which lie {@code stride} bytes apart and are added by fours, times a factor, which
 *       lies where the sums go.
 *   <li>{@code void moments(const float *x, const float *shift, float *sums, long rows, long
 *       vectors, long row)}: adds x − shift and its square to two rows of sums; rows are added by
 *       fours.
 *   <li>{@code void affine(const float *x, const float *c, float *y, long rows, long vectors, long
 *       row, const float *constants)}: y = (x − c₀)·c₁ + c₂, and perhaps SiLU of that, where c is
 *       three rows.
 * </ul>
 */
final class NormCode {
  private static final int VECTOR = Tiles.ROW;

  private static final List<Assembler.Register> SAVED = List.of(RBX, RBP, R12, R13, R14, R15);

  /** Where the seventh argument lies in the third function, which saves nothing. */
  private static final int SEVENTH = Long.BYTES;

  // Vector registers of the constants.
  private static final int LEAST = 18;
  private static final int MOST = 19;
  private static final int LOG2_E = 20;
  private static final int ROUND = 21;
  private static final int LESS_LN2 = 22;
  private static final int LESS_LN2_REST = 23;
  private static final int FACTORS = 24;
  private static final int ONE = 29;
  private static final int BIAS = 30;
  private static final int SIGN = 31;

  /** Bits of a float32 before its exponent. */
  private static final int EXPONENT = 23;

  private final Assembler x = new Assembler();

  private NormCode() {}

  /** The first function. */
  static byte[] mean() {
    NormCode code = new NormCode();
    code.allMean();
    return code.x.code();
  }

  /** The second function. */
  static byte[] moments() {
    NormCode code = new NormCode();
    code.allMoments();
    return code.x.code();
  }

  /** The third function. */
  static byte[] affine(boolean silu) {
    NormCode code = new NormCode();
    code.allAffine(silu);
    return code.x.code();
  }

  /** The third function's constants in memory. */
  static MemorySegment constants() {
    MemorySegment memory = HostBuffer.allocate(4L * (32 - LEAST)).segment();
    float[] exp = FloatMath.expConstants();
    MemorySegment.copy(exp, 0, memory, ValueLayout.JAVA_FLOAT, 0, exp.length);
    int at = exp.length * Float.BYTES;
    memory.set(ValueLayout.JAVA_FLOAT, at, 1f);
    memory.set(ValueLayout.JAVA_INT, at + 4, 127);
    memory.set(ValueLayout.JAVA_INT, at + 8, 0x80000000);
    return memory;
  }

  private void allMean() {
    int factor = 3;
    x.vbroadcastss(factor, RSI, 0);
    int column = x.here();
    x.vpxord(0, 0, 0);
    x.mov(RAX, RDI);
    x.mov(R10, RDX);
    x.shr(R10, 2);
    x.test(R10);
    final int few = x.jz();
    int four = x.here();
    for (int pair = 1; pair <= 2; pair++) {
      x.vmovups(pair, RAX, 0);
      x.add(RAX, R8);
      x.vaddps(pair, pair, RAX, 0);
      x.add(RAX, R8);
    }
    x.vaddps(1, 1, 2);
    x.vaddps(0, 0, 1);
    x.dec(R10);
    x.jnz(four);
    x.land(few);
    x.mov(R10, RDX);
    x.and(R10, 3);
    x.test(R10);
    final int none = x.jz();
    int one = x.here();
    x.vaddps(0, 0, RAX, 0);
    x.add(RAX, R8);
    x.dec(R10);
    x.jnz(one);
    x.land(none);
    x.vmulps(0, 0, factor);
    x.vmovups(RSI, 0, 0);
    List.of(RDI, RSI).forEach(r -> x.add(r, VECTOR));
    x.dec(RCX);
    x.jnz(column);
    x.vzeroupper();
    x.ret();
  }

  private void allMoments() {
    SAVED.forEach(x::push);
    x.mov(R10, RCX);
    x.shr(R10, 2);
    x.test(R10);
    final int few = x.jz();
    int four = x.here();
    x.mov(RAX, RDI);
    x.mov(RBX, RAX);
    x.add(RBX, R9);
    x.mov(RBP, RBX);
    x.add(RBP, R9);
    x.mov(R12, RBP);
    x.add(R12, R9);
    startColumns();
    int columns = x.here();
    fourRows();
    List.of(RAX, RBX, RBP, R12).forEach(r -> x.add(r, VECTOR));
    nextColumns(columns);
    for (int i = 0; i < 4; i++) {
      x.add(RDI, R9);
    }
    x.dec(R10);
    x.jnz(four);
    x.land(few);
    x.mov(R10, RCX);
    x.and(R10, 3);
    x.test(R10);
    final int none = x.jz();
    int one = x.here();
    x.mov(RAX, RDI);
    startColumns();
    columns = x.here();
    oneRow();
    x.add(RAX, VECTOR);
    nextColumns(columns);
    x.add(RDI, R9);
    x.dec(R10);
    x.jnz(one);
    x.land(none);
    x.vzeroupper();
    SAVED.reversed().forEach(x::pop);
    x.ret();
  }

  /** Shifts at R13, sums at R14, sums of squares at R15. */
  private void startColumns() {
    x.mov(R13, RSI);
    x.mov(R14, RDX);
    x.mov(R15, RDX);
    x.add(R15, R9);
    x.mov(R11, R8);
  }

  private void nextColumns(int columns) {
    List.of(R13, R14, R15).forEach(r -> x.add(r, VECTOR));
    x.dec(R11);
    x.jnz(columns);
  }

  private void difference(int to, Assembler.Register row) {
    x.vmovups(to, row, 0);
    x.vsubps(to, to, 0);
  }

  private void fourRows() {
    x.vmovups(0, R13, 0);
    difference(1, RAX);
    difference(2, RBX);
    difference(3, RBP);
    difference(4, R12);
    x.vaddps(5, 1, 2);
    x.vaddps(6, 3, 4);
    x.vaddps(5, 5, 6);
    x.vaddps(5, 5, R14, 0);
    x.vmovups(R14, 0, 5);
    x.vmulps(2, 2, 2);
    x.vfmadd231ps(2, 1, 1);
    x.vmulps(4, 4, 4);
    x.vfmadd231ps(4, 3, 3);
    x.vaddps(2, 2, 4);
    x.vaddps(2, 2, R15, 0);
    x.vmovups(R15, 0, 2);
  }

  private void oneRow() {
    x.vmovups(0, R13, 0);
    difference(1, RAX);
    x.vaddps(2, 1, R14, 0);
    x.vmovups(R14, 0, 2);
    x.vmovups(3, R15, 0);
    x.vfmadd231ps(3, 1, 1);
    x.vmovups(R15, 0, 3);
  }

  private void allAffine(boolean silu) {
    if (silu) {
      x.movFromStack(RAX, SEVENTH);
      for (int i = LEAST; i < 32; i++) {
        x.vbroadcastss(i, RAX, (i - LEAST) * Float.BYTES);
      }
    }
    int row = x.here();
    x.mov(R10, RSI);
    x.mov(R11, RSI);
    x.add(R11, R9);
    x.mov(RAX, R8);
    int columns = x.here();
    x.vmovups(0, RDI, 0);
    x.vmovups(1, R10, 0);
    x.vsubps(0, 0, 1);
    x.vmovups(1, R11, 0);
    // The third row lies behind the second as the second behind the first.
    x.add(R11, R9);
    x.vfmadd213ps(0, 1, R11, 0);
    x.sub(R11, R9);
    if (silu) {
      silu();
    }
    x.vmovups(RDX, 0, 0);
    List.of(RDI, RDX, R10, R11).forEach(r -> x.add(r, VECTOR));
    x.dec(RAX);
    x.jnz(columns);
    x.dec(RCX);
    x.jnz(row);
    x.vzeroupper();
    x.ret();
  }

  /** z = z/(1 + e⁻ᶻ), as {@code VectorLoops.affineSilu}. */
  private void silu() {
    int z = 0;
    int k = 1;
    int t = 2;
    int m = 3;
    int r = 4;
    int q = 5;
    int p = 6;
    x.vpxord(k, z, SIGN);
    x.vmaxps(k, LEAST, k);
    x.vminps(k, MOST, k);
    x.vmovaps(t, k);
    x.vfmadd213ps(t, LOG2_E, ROUND);
    x.vsubps(m, t, ROUND);
    x.vmovaps(r, m);
    x.vfmadd213ps(r, LESS_LN2, k);
    x.vfmadd231ps(r, m, LESS_LN2_REST);
    x.vmovaps(q, FACTORS + 4);
    for (int i = 3; i >= 0; i--) {
      x.vfmadd213ps(q, r, FACTORS + i);
    }
    x.vmulps(p, r, r);
    x.vfmadd213ps(p, q, r);
    x.vaddps(p, p, ONE);
    // The power of two as a product: it may be below 2⁻¹²⁶ or be 2¹²⁸. The bits of what rounds are
    // taken off as an integer.
    x.vpsubd(t, t, ROUND);
    x.vpsrad(m, t, 1);
    x.vpsubd(t, t, m);
    x.vpaddd(m, m, BIAS);
    x.vpslld(m, m, EXPONENT);
    x.vpaddd(t, t, BIAS);
    x.vpslld(t, t, EXPONENT);
    x.vmulps(p, p, m);
    x.vmulps(p, p, t);
    x.vaddps(p, p, ONE);
    x.vdivps(z, z, p);
  }
}
