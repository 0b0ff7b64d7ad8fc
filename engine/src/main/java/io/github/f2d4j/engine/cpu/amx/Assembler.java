package io.github.f2d4j.engine.cpu.amx;

import java.util.Arrays;

/**
 * Machine code of x86-64 for the few instructions that the functions here need, named as in Intel's
 * manual (Software Developer's Manual, volume 2). Jumps and calls go backwards; a {@link #jz} or
 * {@link #jnz} without a target goes forward, to where {@link #land} is called for it.
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

  // Further bits of EVEX: broadcast of memory, and zeros where a mask is not set.
  private static final int BROADCAST = 0x10;
  private static final int ZERO = 0x80;

  private byte[] code = new byte[1024];

  private int length;

  /** The instructions so far. */
  byte[] code() {
    return Arrays.copyOf(code, length);
  }

  /** Where the next instruction goes. */
  int here() {
    return length;
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

  /** {@code MOV to, [base + offset]}. */
  void mov(Register to, Register base, int offset) {
    bytes(0x48 | to.high() << 2 | base.high());
    memory(0x8B, to.number, base, offset);
  }

  /** {@code PREFETCHT1 [base + offset]}: towards the second-level cache. */
  void prefetcht1(Register base, int offset) {
    if (base.high() != 0) {
      bytes(0x40 | base.high());
    }
    bytes(0x0F);
    memory(0x18, 2, base, offset);
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

  /** {@code SUB to, from}. */
  void sub(Register to, Register from) {
    bytes(0x48 | from.high() << 2 | to.high(), 0x29, 0xC0 | from.low() << 3 | to.low());
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
    distance(target);
  }

  /** {@code CALL} of a function at a place that {@link #here} returned. */
  void call(int target) {
    bytes(0xE8);
    distance(target);
  }

  private void distance(int target) {
    word(target - (here() + Integer.BYTES));
  }

  /** {@code JZ} forward, for {@link #land}. */
  int jz() {
    bytes(0x0F, 0x84);
    word(0);
    return here();
  }

  /** {@code JNZ} forward, for {@link #land}. */
  int jnz() {
    bytes(0x0F, 0x85);
    word(0);
    return here();
  }

  /** {@code JMP} forward, for {@link #land}. */
  int jmp() {
    bytes(0xE9);
    word(0);
    return here();
  }

  /** Makes the next instruction the target of a jump forward. */
  void land(int jump) {
    int end = here();
    length = jump - Integer.BYTES;
    word(end - jump);
    length = end;
  }

  /** {@code TEST register, register}, which sets the zero flag if it is 0. */
  void test(Register register) {
    bytes(0x48 | register.high() << 2 | register.high(), 0x85);
    bytes(0xC0 | register.low() << 3 | register.low());
  }

  /** {@code CMP register, value}, which sets the zero flag if they are equal. */
  void cmp(Register register, int value) {
    bytes(0x48 | register.high(), 0x81, 0xF8 | register.low());
    word(value);
  }

  /** {@code XCHG x, y}. */
  void xchg(Register x, Register y) {
    bytes(0x48 | x.high() << 2 | y.high(), 0x87, 0xC0 | x.low() << 3 | y.low());
  }

  /** {@code SHR register, bits}. */
  void shr(Register register, int bits) {
    bytes(0x48 | register.high(), 0xC1, 0xE8 | register.low(), bits);
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

  /** {@code VMULPS to, x, [base + offset]}. */
  void vmulps(int to, int x, Register base, int offset) {
    evex(MAP_0F, NONE, 0x59, to, x, false, base, offset);
  }

  /** {@code VDIVPS to, x, y}. */
  void vdivps(int to, int x, int y) {
    evex(MAP_0F, NONE, 0x5E, to, x, y);
  }

  /** {@code VMINPS to, x, y}, which is y if either is NaN. */
  void vminps(int to, int x, int y) {
    evex(MAP_0F, NONE, 0x5D, to, x, y);
  }

  /** {@code VMAXPS to, x, y}, which is y if either is NaN. */
  void vmaxps(int to, int x, int y) {
    evex(MAP_0F, NONE, 0x5F, to, x, y);
  }

  /** {@code VMAXPS to, x, [base + offset]}, which is memory's if either is NaN. */
  void vmaxps(int to, int x, Register base, int offset) {
    evex(MAP_0F, NONE, 0x5F, to, x, false, base, offset);
  }

  /** {@code VADDPS to, x, [base + offset]}. */
  void vaddps(int to, int x, Register base, int offset) {
    evex(MAP_0F, NONE, 0x58, to, x, false, base, offset);
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

  /** {@code VPANDD to, x, y}. */
  void vpandd(int to, int x, int y) {
    evex(MAP_0F, P66, 0xDB, to, x, y);
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

  /** {@code VPSRAD to, from, bits}. */
  void vpsrad(int to, int from, int bits) {
    evex(MAP_0F, P66, 0x72, 4, to, from);
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

  /** {@code KMOVW k, from}. */
  void kmovw(int k, Register from) {
    if (from.high() == 0) {
      bytes(0xC5, 0xF8);
    } else {
      bytes(0xC4, 0xC1, 0x78);
    }
    bytes(0x92, 0xC0 | k << 3 | from.low());
  }

  /** {@code KORTESTW x, y}, which sets the zero flag if both are 0. */
  void kortestw(int x, int y) {
    bytes(0xC5, 0xF8, 0x98, 0xC0 | x << 3 | y);
  }

  /** {@code VCMPPS k, x, y, 30}: where x is greater than y, and neither is NaN. */
  void vcmpgtps(int k, int x, int y) {
    evex(MAP_0F, NONE, 0xC2, k, x, y);
    bytes(30);
  }

  /** {@code VCMPPS k, x, y, 3}: where x or y is NaN. */
  void vcmpunordps(int k, int x, int y) {
    evex(MAP_0F, NONE, 0xC2, k, x, y);
    bytes(3);
  }

  /** {@code VBLENDMPS to{k}, x, y}: y where the mask is set, otherwise x. */
  void vblendmps(int to, int k, int x, int y) {
    evexPrefix(MAP_0F38, P66, to, x, y, k);
    bytes(0x65, 0xC0 | (to & 7) << 3 | (y & 7));
  }

  /** {@code VMOVUPS to{k}{z}, [base + offset]}: 0 where the mask is not set. */
  void vmovups(int to, int k, Register base, int offset) {
    evexPrefix(MAP_0F, NONE, to, 0, base.number, ZERO | k);
    memory(0x10, to, base, offset);
  }

  /** {@code VPMOVDW [base + offset]{k}, from}: the lower halves of lanes. */
  void vpmovdw(Register base, int offset, int k, int from) {
    evexPrefix(MAP_0F38, F3, from, 0, base.number, k);
    memory(0x33, from, base, offset);
  }

  /** {@code VCVTNEPS2BF16 to, from}, to the lower half of a vector. */
  void vcvtneps2bf16(int to, int from) {
    evex(MAP_0F38, F3, 0x72, to, 0, from);
  }

  /** {@code VPMOVZXWD to, from}, of the lower half of a vector. */
  void vpmovzxwd(int to, int from) {
    evex(MAP_0F38, P66, 0x33, to, 0, from);
  }

  /** {@code VGATHERDPS to{k}, [base + index + offset]}. Leaves the mask 0. */
  void vgatherdps(int to, int k, Register base, int index, int offset) {
    indexed(0x92, to, k, base, index, offset);
  }

  /** {@code VSCATTERDPS [base + index + offset]{k}, from}. Leaves the mask 0. */
  void vscatterdps(Register base, int index, int offset, int k, int from) {
    indexed(0xA2, from, k, base, index, offset);
  }

  private void indexed(int opcode, int vector, int k, Register base, int index, int offset) {
    int upper = (vector >> 3 & 1) << 7 | (index >> 3 & 1) << 6;
    upper |= base.high() << 5 | (vector >> 4) << 4;
    bytes(0x62, (~upper & 0xF0) | MAP_0F38, 0x78 | 0x04 | P66, 0x40 | (1 - (index >> 4)) << 3 | k);
    bytes(opcode, 0x84 | (vector & 7) << 3, (index & 7) << 3 | base.low());
    word(offset);
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
    evexPrefix(map, prefix, first, second, base.number, broadcast ? BROADCAST : 0);
    memory(opcode, first, base, offset);
  }

  private void memory(int opcode, int first, Register base, int offset) {
    bytes(opcode, 0x80 | (first & 7) << 3 | base.low());
    if (base.low() == Register.RSP.number) {
      // RSP and R12 need a second byte.
      bytes(0x24);
    }
    word(offset);
  }

  /** The same with three registers. */
  private void evex(int map, int prefix, int opcode, int first, int second, int third) {
    evexPrefix(map, prefix, first, second, third, 0);
    bytes(opcode, 0xC0 | (first & 7) << 3 | (third & 7));
  }

  /**
   * Four bytes, which hold the upper bits of register numbers inverted.
   *
   * @param more {@link #BROADCAST}, {@link #ZERO}, and a mask's number
   */
  private void evexPrefix(int map, int prefix, int first, int second, int third, int more) {
    int upper =
        (first >> 3 & 1) << 7 | (third >> 4) << 6 | (third >> 3 & 1) << 5 | (first >> 4) << 4;
    bytes(0x62, (~upper & 0xF0) | map, (~second & 0xF) << 3 | 0x04 | prefix);
    bytes(0x40 | (1 - (second >> 4)) << 3 | more);
  }

  private void word(int value) {
    bytes(value, value >> 8, value >> 16, value >> 24);
  }

  private void bytes(int... values) {
    if (length + values.length > code.length) {
      code = Arrays.copyOf(code, 2 * code.length);
    }
    for (int value : values) {
      code[length++] = (byte) value;
    }
  }
}
