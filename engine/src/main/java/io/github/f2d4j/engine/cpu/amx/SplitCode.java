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
 * Machine code of two functions. Element by element their operations are those of {@link Digits},
 * so the bits are the same; but numbers are read where they lie, and masks and shifts are single
 * instructions.
 *
 * <ul>
 *   <li>{@code void rows(const float *x, const int *constants, digits *to, long steps, float
 *       *scales, long rows, long pitch)}: {@link Digits} of at most 16 rows of 64·steps numbers,
 *       which lie {@code pitch} bytes apart.
 *   <li>{@code void columns(const float *b, const int *constants, digits *to, long steps, const
 *       void *, long skip)}: Digits of {@link Amx#COLUMNS} columns of 64·steps numbers, whose rows
 *       lie one behind the other. Behind 16 columns {@code skip} bytes are left out.
 * </ul>
 */
final class SplitCode {
  private static final int VECTOR = Tiles.ROW;

  /** The constants, each in a vector register from {@link #FIRST} on. */
  private static final int[] CONSTANTS = {
    Digits.MAGNITUDE,
    Digits.CARRY,
    Digits.LEAST,
    276,
    268,
    22,
    Float.floatToRawIntBits(Digits.ROUND),
    Float.floatToRawIntBits(257 * Digits.ROUND),
    Float.floatToRawIntBits(-256f),
    Digits.POSITIVE,
    Digits.SIGNED,
    0x00FF00FF,
    0x000000FF,
    0x0000FFFF
  };

  private static final int FIRST = 32 - CONSTANTS.length;
  private static final int MAGNITUDE = FIRST;
  private static final int CARRY = FIRST + 1;
  private static final int LEAST = FIRST + 2;
  private static final int UP_EXPONENT = FIRST + 3;
  private static final int LESS_EXPONENT = FIRST + 4;
  private static final int SCALE_EXPONENT = FIRST + 5;
  private static final int ROUND = FIRST + 6;
  private static final int TWICE = FIRST + 7;
  private static final int BASE = FIRST + 8;
  private static final int POSITIVE = FIRST + 9;
  private static final int SIGNED = FIRST + 10;
  private static final int EVEN_BYTES = FIRST + 11;
  private static final int LOW_BYTE = FIRST + 12;
  private static final int LOW_HALF = FIRST + 13;

  // Other vector registers: what a row is multiplied with, whole and less by 2⁸; four numbers; what
  // their upper two digits leave; free ones.
  private static final int UP = 16;
  private static final int LESS = 17;
  private static final int NUMBER = 0;
  private static final int REST = 4;
  private static final int FREE = 8;
  private static final int SCALE = 15;

  /** Tables of {@code VPTERNLOGD}: where the third operand has a bit, the first or the second. */
  private static final int FIRST_OR_SECOND = 0xE4;

  private static final int SECOND_OR_FIRST = 0xD8;

  private final Assembler x = new Assembler();

  private SplitCode() {}

  /** The constants in memory. */
  static MemorySegment constants() {
    MemorySegment memory = HostBuffer.allocate(4L * CONSTANTS.length).segment();
    MemorySegment.copy(CONSTANTS, 0, memory, ValueLayout.JAVA_INT, 0, CONSTANTS.length);
    return memory;
  }

  /** The function. */
  static byte[] rows() {
    SplitCode code = new SplitCode();
    code.all();
    return code.x.code();
  }

  /** The second function. */
  static byte[] columns() {
    SplitCode code = new SplitCode();
    code.allColumns();
    return code.x.code();
  }

  private void broadcastConstants() {
    for (int i = 0; i < CONSTANTS.length; i++) {
      x.vbroadcastss(FIRST + i, RSI, i * Integer.BYTES);
    }
  }

  private void all() {
    broadcastConstants();
    x.movFromStack(RSI, Long.BYTES);
    int row = x.here();
    largest();
    scales();
    x.vmovss(R8, REST);
    x.mov(R10, RDI);
    x.mov(R11, RDX);
    x.mov(RAX, RCX);
    int step = x.here();
    digits(VECTOR, R11);
    x.add(R10, 4 * VECTOR);
    x.add(R11, Digits.ROWS_STEP);
    x.dec(RAX);
    x.jnz(step);
    x.add(RDI, RSI);
    x.add(RDX, Tiles.ROW);
    x.add(R8, Float.BYTES);
    x.dec(R9);
    x.jnz(row);
    x.vzeroupper();
    x.ret();
  }

  private void allColumns() {
    int pitch = Amx.COLUMNS * Float.BYTES;
    int apart = Tiles.SIDE * pitch;
    broadcastConstants();
    x.mov(RSI, Amx.COLUMNS / Tiles.SIDE);
    int group = x.here();
    x.vpxord(NUMBER, NUMBER, NUMBER);
    x.mov(R10, RDI);
    x.mov(RAX, RCX);
    int quarter = x.here();
    // A step's numbers, to whichever of them is the largest.
    for (int k = 0; k < Digits.DEPTH; k++) {
      x.vpandd(REST + k % 4, MAGNITUDE, R10, k * pitch);
      x.vpmaxsd(NUMBER, NUMBER, REST + k % 4);
    }
    x.add(R10, Digits.DEPTH * pitch);
    x.dec(RAX);
    x.jnz(quarter);
    scales();
    x.vmovaps(SCALE, REST);
    x.mov(R10, RDI);
    x.mov(RAX, RCX);
    int step = x.here();
    x.mov(R8, Tiles.SIDE);
    int four = x.here();
    digits(apart, RDX);
    x.add(R10, pitch);
    x.add(RDX, VECTOR);
    x.dec(R8);
    x.jnz(four);
    // Behind this digit's tile lie the others, and the scales.
    x.add(R10, 3 * apart);
    x.add(RDX, Digits.ROWS_STEP - Tiles.BYTES);
    x.vmovups(RDX, 0, SCALE);
    x.add(RDX, Digits.SCALES);
    x.dec(RAX);
    x.jnz(step);
    x.add(RDI, VECTOR);
    x.add(RDX, R9);
    x.dec(RSI);
    x.jnz(group);
    x.vzeroupper();
    x.ret();
  }

  /** The row's largest bits without sign, in all lanes of {@link #NUMBER}. */
  private void largest() {
    for (int i = 0; i < 4; i++) {
      x.vpxord(NUMBER + i, NUMBER + i, NUMBER + i);
    }
    x.mov(R10, RDI);
    x.mov(RAX, RCX);
    int step = x.here();
    for (int i = 0; i < 4; i++) {
      x.vpandd(REST + i, MAGNITUDE, R10, i * VECTOR);
      x.vpmaxsd(NUMBER + i, NUMBER + i, REST + i);
    }
    x.add(R10, 4 * VECTOR);
    x.dec(RAX);
    x.jnz(step);
    x.vpmaxsd(NUMBER, NUMBER, NUMBER + 1);
    x.vpmaxsd(NUMBER + 2, NUMBER + 2, NUMBER + 3);
    x.vpmaxsd(NUMBER, NUMBER, NUMBER + 2);
    // Halves of the vector, of its halves, of its quarters, and neighbours.
    x.vshufi32x4(REST, NUMBER, NUMBER, 0x4E);
    x.vpmaxsd(NUMBER, NUMBER, REST);
    x.vshufi32x4(REST, NUMBER, NUMBER, 0xB1);
    x.vpmaxsd(NUMBER, NUMBER, REST);
    x.vpshufd(REST, NUMBER, 0x4E);
    x.vpmaxsd(NUMBER, NUMBER, REST);
    x.vpshufd(REST, NUMBER, 0xB1);
    x.vpmaxsd(NUMBER, NUMBER, REST);
  }

  private void scales() {
    int exponent = REST;
    x.vpaddd(exponent, NUMBER, CARRY);
    x.vpsrld(exponent, exponent, Digits.EXPONENT);
    x.vpmaxsd(exponent, exponent, LEAST);
    x.vpsubd(UP, UP_EXPONENT, exponent);
    x.vpslld(UP, UP, Digits.EXPONENT);
    x.vpsubd(LESS, LESS_EXPONENT, exponent);
    x.vpslld(LESS, LESS, Digits.EXPONENT);
    x.vpsubd(exponent, exponent, SCALE_EXPONENT);
    x.vpslld(exponent, exponent, Digits.EXPONENT);
    // NaN if the largest is not finite, otherwise 0.
    x.vsubps(NUMBER, NUMBER, NUMBER);
    x.vaddps(exponent, exponent, NUMBER);
  }

  /** Digits of four vectors from R10 on, which lie so far apart, to where {@code to} points. */
  private void digits(int apart, Assembler.Register to) {
    for (int i = 0; i < 4; i++) {
      int number = NUMBER + i;
      int rest = REST + i;
      x.vmovups(number, R10, i * apart);
      x.vfmadd213ps(number, LESS, ROUND);
      x.vmovaps(rest, BASE);
      x.vfmadd213ps(rest, number, TWICE);
      x.vfmadd231ps(rest, UP, R10, i * apart);
      x.vpslld(number, number, Byte.SIZE);
      x.vpaddd(number, number, rest);
      x.vpaddd(number, number, POSITIVE);
    }
    for (int i = 0; i < 4; i += 2) {
      // Their bytes 0 and 2 in turn, and their bytes 1.
      int ends = REST + i;
      int middle = FREE + i;
      x.vpslld(ends, NUMBER + i + 1, Byte.SIZE);
      x.vpternlogd(ends, NUMBER + i, EVEN_BYTES, SECOND_OR_FIRST);
      x.vpsrld(middle, NUMBER + i, Byte.SIZE);
      x.vpternlogd(middle, NUMBER + i + 1, LOW_BYTE, FIRST_OR_SECOND);
    }
    x.vpsrld(NUMBER, REST, Short.SIZE);
    x.vpternlogd(NUMBER, REST + 2, LOW_HALF, FIRST_OR_SECOND);
    x.vmovups(to, 0, NUMBER);
    x.vpslld(FREE + 2, FREE + 2, Short.SIZE);
    x.vpternlogd(FREE + 2, FREE, LOW_HALF, SECOND_OR_FIRST);
    x.vpxord(FREE + 2, FREE + 2, SIGNED);
    x.vmovups(to, Tiles.BYTES, FREE + 2);
    x.vpslld(REST + 2, REST + 2, Short.SIZE);
    x.vpternlogd(REST + 2, REST, LOW_HALF, SECOND_OR_FIRST);
    x.vpxord(REST + 2, REST + 2, SIGNED);
    x.vmovups(to, 2 * Tiles.BYTES, REST + 2);
  }
}
