package io.github.f2d4j.engine.cpu.amx;

import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R10;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R11;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R8;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R9;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RAX;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RCX;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RDI;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RDX;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RSI;

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.cpu.math.FloatMath;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Machine code of what happens to rows of finished sums: {@code void finish(const float *sums,
 * const float *constants, float *out, long rows, const float *bias, long pitch, const float
 * *residual, const float *gates, const float *gateBias)}. Rows of {@link Amx#COLUMNS} sums lie one
 * behind the other, those of out and residual {@code pitch} bytes apart. Element by element the
 * operations of the epilogues in Java, so the bits are the same.
 */
final class FinishCode {
  private static final int VECTOR = Tiles.ROW;
  private static final int ROW = Amx.COLUMNS * Float.BYTES;

  // Vector registers of the constants: polynomials from their constant factors on, and others.
  private static final int SMALL = 9;
  private static final int LARGE = 15;
  private static final int POWER = 21;
  private static final int ROUND = 27;
  private static final int SQRT_HALF = 28;
  private static final int ERF_ONE = 29;
  private static final int HALF = 30;
  private static final int MAGNITUDE = 31;

  /** 1, of which the polynomial of powers of two starts. */
  private static final int ONE = POWER;

  /** Bits of a float32 before its exponent. */
  private static final int EXPONENT = 23;

  private final Assembler x = new Assembler();
  private final UnitFinish.Kind kind;
  private final boolean residual;

  private FinishCode(UnitFinish.Kind kind, boolean residual) {
    this.kind = kind;
    this.residual = residual;
  }

  /** The function; one without residual, or gates, does not read that argument. */
  static byte[] of(UnitFinish.Kind kind, boolean residual) {
    FinishCode code = new FinishCode(kind, residual);
    code.all();
    return code.x.code();
  }

  /** The constants in memory. */
  static MemorySegment constants() {
    MemorySegment memory = HostBuffer.allocate(4L * (32 - SMALL)).segment();
    int at = 0;
    for (float[] some : FloatMath.erfPolynomials()) {
      MemorySegment.copy(some, 0, memory, ValueLayout.JAVA_FLOAT, at, some.length);
      at += some.length * Float.BYTES;
    }
    float[] power = FloatMath.exp2Polynomial();
    MemorySegment.copy(power, 0, memory, ValueLayout.JAVA_FLOAT, at, power.length);
    at += power.length * Float.BYTES;
    float[] others = {
      0x1.8p23f, FloatMath.SQRT_HALF, FloatMath.ERF_ONE, 0.5f, Float.intBitsToFloat(0x7FFFFFFF)
    };
    MemorySegment.copy(others, 0, memory, ValueLayout.JAVA_FLOAT, at, others.length);
    return memory;
  }

  private void all() {
    if (kind != UnitFinish.Kind.PLAIN) {
      for (int i = SMALL; i < 32; i++) {
        x.vbroadcastss(i, RSI, (i - SMALL) * Float.BYTES);
      }
    }
    x.movFromStack(RAX, Long.BYTES);
    x.movFromStack(R10, 2 * Long.BYTES);
    x.movFromStack(R11, 3 * Long.BYTES);
    int row = x.here();
    for (int at = 0; at < ROW; at += VECTOR) {
      x.vmovups(0, RDI, at);
      x.vaddps(0, 0, R8, at);
      if (kind == UnitFinish.Kind.GATED) {
        x.vmovups(1, R10, at);
        x.vaddps(1, 1, R11, at);
        gelu(1);
        x.vmulps(0, 0, 1);
      } else if (kind == UnitFinish.Kind.GELU) {
        gelu(0);
      }
      if (residual) {
        x.vaddps(0, 0, RAX, at);
      }
      x.vmovups(RDX, at, 0);
    }
    x.add(RDI, ROW);
    x.add(R10, ROW);
    x.add(RDX, R9);
    x.add(RAX, R9);
    x.dec(RCX);
    x.jnz(row);
    x.vzeroupper();
    x.ret();
  }

  /** y = y·Φ(y), as {@code VectorMath.gelu}. */
  private void gelu(int y) {
    int a = 2;
    int m = 3;
    int s = 4;
    int q = 5;
    int u = 6;
    x.vpandd(a, y, MAGNITUDE);
    x.vmulps(m, a, SQRT_HALF);
    x.vcmpgtps(1, ONE, m);
    // erf below 1.
    x.vmulps(s, m, m);
    polynomial(q, SMALL, 5, s);
    x.vfmadd213ps(q, m, m);
    // 1 − erf from there on, as a power of two.
    x.vminps(s, ERF_ONE, m);
    polynomial(u, LARGE, 5, s);
    x.vmulps(s, s, u);
    x.vaddps(u, s, ROUND);
    x.vsubps(m, u, ROUND);
    x.vsubps(s, s, m);
    polynomial(m, POWER, 5, s);
    x.vpslld(u, u, EXPONENT);
    x.vpaddd(m, m, u);
    x.vsubps(m, ONE, m);
    x.vblendmps(m, 1, m, q);
    x.vfmadd213ps(a, m, y);
    x.vmulps(y, a, HALF);
  }

  private void polynomial(int to, int factors, int degree, int argument) {
    x.vmovaps(to, factors + degree);
    for (int i = degree - 1; i >= 0; i--) {
      x.vfmadd213ps(to, argument, factors + i);
    }
  }
}
