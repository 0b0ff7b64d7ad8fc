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
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Machine code of a function that makes {@link Bfloats} of rows, with the bits of {@link
 * Bfloats#ofRows}: {@code void rows(const float *x, const int *constants, void *to, long steps,
 * long rows, long pitch, long apart)}. Rows of 32·steps numbers lie {@code pitch} bytes apart in x
 * and side by side in a step; steps lie {@code apart} bytes apart.
 */
final class RoundCode {
  private static final int[] CONSTANTS = {Bfloats.HALF, Bfloats.NAN, Bfloats.MASK};

  // Vector registers: the constants, numbers.
  private static final int HALF = 29;
  private static final int NAN = 30;
  private static final int MASK = 31;
  private static final int LOW = 0;
  private static final int HIGH = 1;

  /** Table of {@code VPTERNLOGD}: the second operand where the third has a bit, or the first. */
  private static final int SECOND_OR_FIRST = 0xD8;

  /** The seventh argument. */
  private static final int APART = Long.BYTES;

  private RoundCode() {}

  /** The constants in memory. */
  static MemorySegment constants() {
    MemorySegment memory = HostBuffer.allocate(4L * CONSTANTS.length).segment();
    MemorySegment.copy(CONSTANTS, 0, memory, ValueLayout.JAVA_INT, 0, CONSTANTS.length);
    return memory;
  }

  /** The function. */
  static byte[] rows() {
    Assembler x = new Assembler();
    for (int i = 0; i < CONSTANTS.length; i++) {
      x.vbroadcastss(HALF + i, RSI, i * Integer.BYTES);
    }
    x.movFromStack(RSI, APART);
    int row = x.here();
    x.mov(R10, RDI);
    x.mov(R11, RDX);
    x.mov(RAX, RCX);
    int step = x.here();
    for (int i = LOW; i <= HIGH; i++) {
      x.vmovups(2 + i, R10, i * Tiles.ROW);
      x.vpaddd(i, 2 + i, HALF);
      x.vcmpunordps(1, 2 + i, 2 + i);
      x.vblendmps(i, 1, i, NAN);
    }
    x.vpsrld(LOW, LOW, Short.SIZE);
    x.vpternlogd(LOW, HIGH, MASK, SECOND_OR_FIRST);
    x.vmovups(R11, 0, LOW);
    x.add(R10, Bfloats.DEPTH * Float.BYTES);
    x.add(R11, RSI);
    x.dec(RAX);
    x.jnz(step);
    x.add(RDI, R9);
    x.add(RDX, Tiles.ROW);
    x.dec(R8);
    x.jnz(row);
    x.vzeroupper();
    x.ret();
    return x.code();
  }
}
