package io.github.f2d4j.engine.cpu.amx;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Machine code of x86-64 for the few instructions that {@link TileFunction} needs, named as in
 * Intel's manual (Software Developer's Manual, volume 2). Jumps go backwards, so one pass is
 * enough.
 */
final class Assembler {
  /**
   * General registers that a function may change (System V calling convention), and RBX, RBP and
   * R12 to R15, which it must restore.
   */
  enum Register {
    RAX(0),
    RCX(1),
    RDX(2),
    RBX(3),
    RSP(4),
    RBP(5),
    RSI(6),
    RDI(7),
    R8(8),
    R9(9),
    R10(10),
    R11(11),
    R12(12),
    R13(13),
    R14(14),
    R15(15);

    private final int number;

    Register(int number) {
      this.number = number;
    }

    private int low() {
      return number & 7;
    }

    /** The fourth bit, which prefixes hold. */
    private int high() {
      return number >> 3;
    }
  }

  // Prefix VEX.pp: what was a prefix byte of its own before.
  private static final int NONE = 0;
  private static final int P66 = 1;
  private static final int F3 = 2;
  private static final int F2 = 3;

  // Maps of opcodes, as EVEX.mmm.
  private static final int MAP_0F = 1;
  private static final int MAP_0F38 = 2;
  private static final int MAP_0F3A = 3;

  private static final int NO_REGISTER = 0;

  private final ByteArrayOutputStream code = new ByteArrayOutputStream();

  /** The instructions so far. */
  byte[] code() {
    return code.toByteArray();
  }

  /** Where the next instruction goes. */
  int here() {
    return code.size();
  }

  /** {@code LDTILECFG [base]}. */
  void ldtilecfg(Register base) {
    vex(0, 0, base.high(), NO_REGISTER, NONE, 0x49);
    bytes(base.low());
  }

  /** {@code TILERELEASE}. */
  void tilerelease() {
    vex(0, 0, 0, NO_REGISTER, NONE, 0x49);
    bytes(0xC0);
  }

  /** {@code TILEZERO tile}. */
  void tilezero(int tile) {
    vex(0, 0, 0, NO_REGISTER, F2, 0x49);
    bytes(0xC0 | tile << 3);
  }

  /** {@code TILELOADD tile, [base + stride·row + offset]}. */
  void tileloadd(int tile, Register base, Register stride, int offset) {
    tileMemory(F2, tile, base, stride, offset);
  }

  /** {@code TILESTORED [base + stride·row + offset], tile}. */
  void tilestored(int tile, Register base, Register stride, int offset) {
    tileMemory(F3, tile, base, stride, offset);
  }

  private void tileMemory(int prefix, int tile, Register base, Register stride, int offset) {
    vex(0, stride.high(), base.high(), NO_REGISTER, prefix, 0x4B);
    // A 32-bit offset and a second byte for base and index.
    bytes(0x84 | tile << 3, stride.low() << 3 | base.low());
    word(offset);
  }

  /** {@code TDPBF16PS c, a, b}: c += a·b. */
  void tdpbf16ps(int c, int a, int b) {
    vex(0, 0, 0, b, F3, 0x5C);
    bytes(0xC0 | c << 3 | a);
  }

  /** {@code TDPBSSD c, a, b}: c += a·b, of signed bytes. */
  void tdpbssd(int c, int a, int b) {
    vex(0, 0, 0, b, F2, 0x5E);
    bytes(0xC0 | c << 3 | a);
  }

  /** {@code MOV to, from}. */
  void mov(Register to, Register from) {
    bytes(0x48 | from.high() << 2 | to.high(), 0x89, 0xC0 | from.low() << 3 | to.low());
  }

  /** {@code MOV to, value}. */
  void mov(Register to, int value) {
    bytes(0x48 | to.high(), 0xC7, 0xC0 | to.low());
    word(value);
  }

  /** {@code ADD to, value}. */
  void add(Register to, int value) {
    bytes(0x48 | to.high(), 0x81, 0xC0 | to.low());
    word(value);
  }

  /** {@code MOV to, [RSP + offset]}. */
  void movFromStack(Register to, int offset) {
    bytes(0x48 | to.high() << 2, 0x8B, 0x84 | to.low() << 3, 0x24);
    word(offset);
  }

  /** {@code MOV [RSP + offset], from}. */
  void movToStack(int offset, Register from) {
    bytes(0x48 | from.high() << 2, 0x89, 0x84 | from.low() << 3, 0x24);
    word(offset);
  }

  /** {@code SHL register, bits}. */
  void shl(Register register, int bits) {
    bytes(0x48 | register.high(), 0xC1, 0xE0 | register.low(), bits);
  }

  /** {@code ADD to, from}. */
  void add(Register to, Register from) {
    bytes(0x48 | from.high() << 2 | to.high(), 0x01, 0xC0 | from.low() << 3 | to.low());
  }

  /** {@code ADD to, [RSP + offset]}. */
  void addFromStack(Register to, int offset) {
    bytes(0x48 | to.high() << 2, 0x03, 0x84 | to.low() << 3, 0x24);
    word(offset);
  }

  /** {@code DEC register}, which sets the zero flag. */
  void dec(Register register) {
    bytes(0x48 | register.high(), 0xFF, 0xC8 | register.low());
  }

  /** {@code JNZ} back to a place that {@link #here} returned. */
  void jnz(int target) {
    bytes(0x0F, 0x85);
    word(target - (here() + Integer.BYTES));
  }

  /** {@code AND to, value}, whose sign is extended. */
  void and(Register to, int value) {
    bytes(0x48 | to.high(), 0x81, 0xE0 | to.low());
    word(value);
  }

  /** {@code PUSH register}. */
  void push(Register register) {
    bytes(0x40 | register.high(), 0x50 | register.low());
  }

  /** {@code POP register}. */
  void pop(Register register) {
    bytes(0x40 | register.high(), 0x58 | register.low());
  }

  /** {@code VMOVUPS zmm, [base + offset]}. */
  void vmovups(int to, Register base, int offset) {
    evex(MAP_0F, NONE, 0x10, to, 0, false, base, offset);
  }

  /** {@code VMOVUPS [base + offset], zmm}. */
  void vmovups(Register base, int offset, int from) {
    evex(MAP_0F, NONE, 0x11, from, 0, false, base, offset);
  }

  /** {@code VBROADCASTSS zmm, [base + offset]}. */
  void vbroadcastss(int to, Register base, int offset) {
    evex(MAP_0F38, P66, 0x18, to, 0, false, base, offset);
  }

  /** {@code VCVTDQ2PS zmm, [base + offset]}. */
  void vcvtdq2ps(int to, Register base, int offset) {
    evex(MAP_0F, NONE, 0x5B, to, 0, false, base, offset);
  }

  /** {@code VMULPS to, x, y}. */
  void vmulps(int to, int x, int y) {
    evex(MAP_0F, NONE, 0x59, to, x, y);
  }

  /** {@code VMULPS to, x, [base + offset]{1to16}}. */
  void vmulpsBroadcast(int to, int x, Register base, int offset) {
    evex(MAP_0F, NONE, 0x59, to, x, true, base, offset);
  }

  /** {@code VFMADD231PS sum, x, y}: sum += x·y. */
  void vfmadd231ps(int sum, int x, int y) {
    evex(MAP_0F38, P66, 0xB8, sum, x, y);
  }

  /** {@code VFMADD213PS to, x, [base + offset]}: to = to·x + memory. */
  void vfmadd213ps(int to, int x, Register base, int offset) {
    evex(MAP_0F38, P66, 0xA8, to, x, false, base, offset);
  }

  /** {@code VFMADD231PS sum, x, [base + offset]}. */
  void vfmadd231ps(int sum, int x, Register base, int offset) {
    evex(MAP_0F38, P66, 0xB8, sum, x, false, base, offset);
  }

  /** {@code VFMADD213PS to, x, y}: to = to·x + y. */
  void vfmadd213ps(int to, int x, int y) {
    evex(MAP_0F38, P66, 0xA8, to, x, y);
  }

  /** {@code VADDPS to, x, y}. */
  void vaddps(int to, int x, int y) {
    evex(MAP_0F, NONE, 0x58, to, x, y);
  }

  /** {@code VSUBPS to, x, y}. */
  void vsubps(int to, int x, int y) {
    evex(MAP_0F, NONE, 0x5C, to, x, y);
  }

  /** {@code VMOVAPS to, from}. */
  void vmovaps(int to, int from) {
    evex(MAP_0F, NONE, 0x28, to, 0, from);
  }

  /** {@code VPANDD to, x, [base + offset]}. */
  void vpandd(int to, int x, Register base, int offset) {
    evex(MAP_0F, P66, 0xDB, to, x, false, base, offset);
  }

  /** {@code VPXORD to, x, y}. */
  void vpxord(int to, int x, int y) {
    evex(MAP_0F, P66, 0xEF, to, x, y);
  }

  /** {@code VPADDD to, x, y}. */
  void vpaddd(int to, int x, int y) {
    evex(MAP_0F, P66, 0xFE, to, x, y);
  }

  /** {@code VPSUBD to, x, y}. */
  void vpsubd(int to, int x, int y) {
    evex(MAP_0F, P66, 0xFA, to, x, y);
  }

  /** {@code VPMAXSD to, x, y}. */
  void vpmaxsd(int to, int x, int y) {
    evex(MAP_0F38, P66, 0x3D, to, x, y);
  }

  /** {@code VPSLLD to, from, bits}. */
  void vpslld(int to, int from, int bits) {
    evex(MAP_0F, P66, 0x72, 6, to, from);
    bytes(bits);
  }

  /** {@code VPSRLD to, from, bits}. */
  void vpsrld(int to, int from, int bits) {
    evex(MAP_0F, P66, 0x72, 2, to, from);
    bytes(bits);
  }

  /** {@code VPTERNLOGD to, x, y, table}: bit {@code 4·to + 2·x + y} of the table, for each bit. */
  void vpternlogd(int to, int x, int y, int table) {
    evex(MAP_0F3A, P66, 0x25, to, x, y);
    bytes(table);
  }

  /** {@code VSHUFI32X4 to, x, y, order}, of quarters of vectors. */
  void vshufi32x4(int to, int x, int y, int order) {
    evex(MAP_0F3A, P66, 0x43, to, x, y);
    bytes(order);
  }

  /** {@code VPSHUFD to, from, order}, within quarters of a vector. */
  void vpshufd(int to, int from, int order) {
    evex(MAP_0F, P66, 0x70, to, 0, from);
    bytes(order);
  }

  /** {@code VMOVSS [base], xmm}, of the first eight registers. */
  void vmovss(Register base, int from) {
    bytes(0x62, 0xD1 | (1 - base.high()) << 5, 0x7E, 0x08, 0x11, 0x80 | from << 3 | base.low());
    word(0);
  }

  /** {@code VZEROUPPER}. */
  void vzeroupper() {
    bytes(0xC5, 0xF8, 0x77);
  }

  /** {@code RET}. */
  void ret() {
    bytes(0xC3);
  }

  /**
   * Prefix and opcode of an instruction of the map 0F38.
   *
   * @param r fourth bit of the first register operand
   * @param x fourth bit of the index
   * @param b fourth bit of the base, or of the second register
   * @param third the third register operand, 0 if there is none
   */
  private void vex(int r, int x, int b, int third, int prefix, int opcode) {
    bytes(0xC4, (~(r << 7 | x << 6 | b << 5) & 0xE0) | 0x02, (~third & 0xF) << 3 | prefix, opcode);
  }

  /** An instruction of 512-bit vectors with one operand in memory. */
  private void evex(
      int map,
      int prefix,
      int opcode,
      int first,
      int second,
      boolean broadcast,
      Register base,
      int offset) {
    evexPrefix(map, prefix, first, second, base.number, broadcast);
    bytes(opcode, 0x80 | (first & 7) << 3 | base.low());
    word(offset);
  }

  /** The same with three registers. */
  private void evex(int map, int prefix, int opcode, int first, int second, int third) {
    evexPrefix(map, prefix, first, second, third, false);
    bytes(opcode, 0xC0 | (first & 7) << 3 | (third & 7));
  }

  /** Four bytes, which hold the upper bits of register numbers inverted. */
  private void evexPrefix(
      int map, int prefix, int first, int second, int third, boolean broadcast) {
    int upper =
        (first >> 3 & 1) << 7 | (third >> 4) << 6 | (third >> 3 & 1) << 5 | (first >> 4) << 4;
    bytes(0x62, (~upper & 0xF0) | map, (~second & 0xF) << 3 | 0x04 | prefix);
    bytes(0x40 | (broadcast ? 0x10 : 0) | (1 - (second >> 4)) << 3);
  }

  private void word(int value) {
    bytes(value, value >> 8, value >> 16, value >> 24);
  }

  private void bytes(int... values) {
    Arrays.stream(values).forEach(code::write);
  }
}
