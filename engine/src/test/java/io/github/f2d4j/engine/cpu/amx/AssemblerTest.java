package io.github.f2d4j.engine.cpu.amx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.f2d4j.engine.cpu.amx.Assembler.Register;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Instructions against the bytes that GNU as 2.40 makes of them. */
class AssemblerTest {
  private static void assertBytes(String hex, Consumer<Assembler> instruction) {
    Assembler x = new Assembler();
    instruction.accept(x);
    assertEquals(hex, HexFormat.ofDelimiter(" ").formatHex(x.code()));
  }

  @Test
  void tilesAreConfiguredAndReleased() {
    assertBytes("c4 e2 78 49 07", x -> x.ldtilecfg(Register.RDI));
    assertBytes("c4 c2 78 49 00", x -> x.ldtilecfg(Register.R8));
    assertBytes("c4 e2 78 49 c0", Assembler::tilerelease);
    assertBytes("c4 e2 7b 49 c0", x -> x.tilezero(0));
    assertBytes("c4 e2 7b 49 d8", x -> x.tilezero(3));
  }

  @Test
  void tilesAreLoadedAndStored() {
    assertBytes(
        "c4 a2 7b 4b a4 10 00 10 00 00", x -> x.tileloadd(4, Register.RAX, Register.R10, 4096));
    assertBytes(
        "c4 82 7b 4b bc 13 00 04 00 00", x -> x.tileloadd(7, Register.R11, Register.R10, 1024));
    assertBytes(
        "c4 e2 7b 4b 8c 0b f8 ff ff ff", x -> x.tileloadd(1, Register.RBX, Register.RCX, -8));
    assertBytes(
        "c4 a2 7a 4b 94 12 00 08 00 00", x -> x.tilestored(2, Register.RDX, Register.R10, 2048));
  }

  @Test
  void tilesAreMultiplied() {
    assertBytes("c4 e2 4a 5c c4", x -> x.tdpbf16ps(0, 4, 6));
    assertBytes("c4 e2 42 5c dd", x -> x.tdpbf16ps(3, 5, 7));
    assertBytes("c4 e2 43 5e c4", x -> x.tdpbssd(0, 4, 7));
    assertBytes("c4 e2 53 5e de", x -> x.tdpbssd(3, 6, 5));
  }

  @Test
  void vectorsAreLoadedAndStored() {
    assertBytes("62 41 7c 48 10 83 c0 ff ff ff", x -> x.vmovups(24, Register.R11, -64));
    assertBytes("62 f1 7c 48 11 aa 00 01 00 00", x -> x.vmovups(Register.RDX, 256, 5));
    assertBytes("62 61 7c 48 11 ba 00 00 00 00", x -> x.vmovups(Register.RDX, 0, 31));
    assertBytes("62 42 7d 48 18 88 40 00 00 00", x -> x.vbroadcastss(25, Register.R8, 64));
    assertBytes("c5 f8 77", Assembler::vzeroupper);
    assertBytes("0f 18 91 80 00 00 00", x -> x.prefetcht1(Register.RCX, 128));
    assertBytes("41 0f 18 95 40 00 00 00", x -> x.prefetcht1(Register.R13, 64));
  }

  @Test
  void vectorsAreConvertedAndMultiplied() {
    assertBytes("62 e1 7c 48 5b 85 40 00 00 00", x -> x.vcvtdq2ps(16, Register.RBP, 64));
    assertBytes("62 d1 7c 48 5b 9b c0 03 00 00", x -> x.vcvtdq2ps(3, Register.R11, 960));
    assertBytes("62 91 7c 40 59 c4", x -> x.vmulps(0, 16, 28));
    assertBytes("62 11 04 48 59 f8", x -> x.vmulps(15, 15, 24));
    assertBytes("62 51 34 58 59 88 04 00 00 00", x -> x.vmulpsBroadcast(9, 9, Register.R8, 4));
    assertBytes("62 e1 74 50 59 a2 3c 00 00 00", x -> x.vmulpsBroadcast(20, 17, Register.RDX, 60));
    assertBytes("62 92 45 40 b8 f9", x -> x.vfmadd231ps(7, 23, 25));
    assertBytes("62 72 3d 40 a8 a2 00 02 00 00", x -> x.vfmadd213ps(12, 24, Register.RDX, 512));
    assertBytes("62 d2 7d 40 b8 a2 40 00 00 00", x -> x.vfmadd231ps(4, 16, Register.R10, 64));
    assertBytes("62 92 75 40 a8 c0", x -> x.vfmadd213ps(0, 17, 24));
    assertBytes("62 f1 5c 48 58 e0", x -> x.vaddps(4, 4, 0));
    assertBytes("62 81 34 48 5c e7", x -> x.vsubps(20, 9, 31));
  }

  @Test
  void bitsAreMovedAndMasked() {
    assertBytes("62 91 7c 48 28 e2", x -> x.vmovaps(4, 26));
    assertBytes("62 d1 6d 40 db aa 80 00 00 00", x -> x.vpandd(5, 18, Register.R10, 128));
    assertBytes("62 11 2d 48 ef d4", x -> x.vpxord(10, 10, 28));
    assertBytes("62 91 65 48 fe db", x -> x.vpaddd(3, 3, 27));
    assertBytes("62 e1 55 40 fa c4", x -> x.vpsubd(16, 21, 4));
    assertBytes("62 f2 75 48 3d cd", x -> x.vpmaxsd(1, 1, 5));
    assertBytes("62 b1 7d 40 72 f1 17", x -> x.vpslld(16, 17, 23));
    assertBytes("62 f1 3d 48 72 d0 08", x -> x.vpsrld(8, 0, 8));
    assertBytes("62 f1 65 48 72 e2 01", x -> x.vpsrad(3, 2, 1));
    assertBytes("62 93 7d 48 25 e5 d8", x -> x.vpternlogd(4, 0, 29, 0xD8));
    assertBytes("62 f3 7d 48 43 e0 4e", x -> x.vshufi32x4(4, 0, 0, 0x4E));
    assertBytes("62 f1 7d 48 70 e0 b1", x -> x.vpshufd(4, 0, 0xB1));
    // With an offset of 32 bits, which GNU as would leave out.
    assertBytes("62 d1 7e 08 11 a0 00 00 00 00", x -> x.vmovss(Register.R8, 4));
    assertBytes("62 f1 7e 08 11 8a 00 00 00 00", x -> x.vmovss(Register.RDX, 1));
  }

  @Test
  void vectorsAreMaskedGatheredAndScattered() {
    assertBytes("c5 f8 92 c9", x -> x.kmovw(1, Register.RCX));
    assertBytes("c4 c1 78 92 c9", x -> x.kmovw(1, Register.R9));
    assertBytes("c5 f8 98 ca", x -> x.kortestw(1, 2));
    assertBytes("62 b1 74 48 c2 cf 1e", x -> x.vcmpgtps(1, 1, 23));
    assertBytes("62 f1 6c 48 c2 ca 03", x -> x.vcmpunordps(1, 2, 2));
    assertBytes("62 52 75 42 65 c9", x -> x.vblendmps(9, 2, 17, 9));
    assertBytes("62 f1 7c ca 10 87 00 30 00 00", x -> x.vmovups(0, 2, Register.RDI, 0x3000));
    assertBytes("62 f2 7e 4a 33 a2 00 30 00 00", x -> x.vpmovdw(Register.RDX, 0x3000, 2, 4));
    assertBytes(
        "62 b2 7d 49 92 84 0f 00 04 00 00", x -> x.vgatherdps(0, 1, Register.RDI, 9, 0x400));
    assertBytes(
        "62 82 7d 41 92 8c 08 00 08 00 00", x -> x.vgatherdps(17, 1, Register.R8, 25, 0x800));
    assertBytes(
        "62 b2 7d 49 a2 84 0f 04 04 00 00", x -> x.vscatterdps(Register.RDI, 9, 0x404, 1, 0));
    assertBytes("62 f2 7e 48 72 e9", x -> x.vcvtneps2bf16(5, 1));
    assertBytes("62 f2 7d 48 33 e4", x -> x.vpmovzxwd(4, 4));
    assertBytes("62 32 7d 48 33 cc", x -> x.vpmovzxwd(9, 20));
  }

  @Test
  void vectorsAreComparedAndDivided() {
    assertBytes("62 d1 7c 48 5f 84 24 00 30 00 00", x -> x.vmaxps(0, 0, Register.R12, 0x3000));
    assertBytes("62 f1 14 40 5d e3", x -> x.vminps(4, 29, 3));
    assertBytes("62 f1 5c 40 5f db", x -> x.vmaxps(3, 20, 3));
    assertBytes("62 d1 74 40 58 b4 24 00 30 00 00", x -> x.vaddps(6, 17, Register.R12, 0x3000));
    assertBytes("62 71 1c 48 59 92 00 30 00 00", x -> x.vmulps(10, 12, Register.RDX, 0x3000));
    assertBytes("62 d1 7c 48 5e c2", x -> x.vdivps(0, 0, 10));
    assertBytes("62 b1 6d 48 db c5", x -> x.vpandd(0, 2, 21));
  }

  @Test
  void generalRegistersAreMovedAndCounted() {
    assertBytes("48 89 f8", x -> x.mov(Register.RAX, Register.RDI));
    assertBytes("49 89 f3", x -> x.mov(Register.R11, Register.RSI));
    assertBytes("4c 89 c7", x -> x.mov(Register.RDI, Register.R8));
    assertBytes("49 c7 c2 40 00 00 00", x -> x.mov(Register.R10, 64));
    assertBytes("48 81 c0 00 18 00 00", x -> x.add(Register.RAX, 6144));
    assertBytes("49 81 c3 00 18 00 00", x -> x.add(Register.R11, 6144));
    assertBytes("4c 8b 9c 24 10 00 00 00", x -> x.movFromStack(Register.R11, 16));
    assertBytes("48 8b 84 24 08 00 00 00", x -> x.movFromStack(Register.RAX, 8));
    assertBytes("48 c1 e6 04", x -> x.shl(Register.RSI, 4));
    assertBytes("49 c1 e3 05", x -> x.shl(Register.R11, 5));
    assertBytes("48 01 d6", x -> x.add(Register.RSI, Register.RDX));
    assertBytes("4c 01 da", x -> x.add(Register.RDX, Register.R11));
    assertBytes("49 01 f3", x -> x.add(Register.R11, Register.RSI));
    assertBytes("48 03 9c 24 10 00 00 00", x -> x.addFromStack(Register.RBX, 16));
    assertBytes("4c 03 9c 24 08 00 00 00", x -> x.addFromStack(Register.R11, 8));
    assertBytes("48 ff c8", x -> x.dec(Register.RAX));
    assertBytes("49 ff c9", x -> x.dec(Register.R9));
    assertBytes("4c 89 84 24 00 00 00 00", x -> x.movToStack(0, Register.R8));
    assertBytes("48 89 9c 24 10 00 00 00", x -> x.movToStack(16, Register.RBX));
    // With a prefix that the assembler would leave out.
    assertBytes("40 53", x -> x.push(Register.RBX));
    assertBytes("40 55", x -> x.push(Register.RBP));
    assertBytes("41 54", x -> x.push(Register.R12));
    assertBytes("41 57", x -> x.push(Register.R15));
    assertBytes("40 5d", x -> x.pop(Register.RBP));
    assertBytes("41 5c", x -> x.pop(Register.R12));
    assertBytes("48 89 e5", x -> x.mov(Register.RBP, Register.RSP));
    assertBytes("48 81 e5 c0 ff ff ff", x -> x.and(Register.RBP, -64));
    assertBytes("48 81 c4 c0 fb ff ff", x -> x.add(Register.RSP, -1088));
    assertBytes("4d 87 ec", x -> x.xchg(Register.R13, Register.R12));
    assertBytes("4d 85 d2", x -> x.test(Register.R10));
    assertBytes("48 81 f9 00 10 00 00", x -> x.cmp(Register.RCX, 0x1000));
    assertBytes("49 c1 e9 10", x -> x.shr(Register.R9, 16));
    assertBytes("4c 29 cb", x -> x.sub(Register.RBX, Register.R9));
    assertBytes("48 8b b7 00 10 00 00", x -> x.mov(Register.RSI, Register.RDI, 0x1000));
    assertBytes("c3", Assembler::ret);
  }

  @Test
  void aJumpGoesBackToItsTarget() {
    assertBytes(
        "49 ff c8 0f 85 f7 ff ff ff",
        x -> {
          int loop = x.here();
          x.dec(Register.R8);
          x.jnz(loop);
        });
  }

  /** Forward jumps are as long as the longest, which the assembler would shorten. */
  @Test
  void jumpsGoForwardToWhereTheyLand() {
    assertBytes("e8 fb ff ff ff", x -> x.call(x.here()));
    assertBytes(
        "0f 84 0c 00 00 00 0f 85 06 00 00 00 e9 01 00 00 00 c3 c3",
        x -> {
          int zero = x.jz();
          int other = x.jnz();
          int jump = x.jmp();
          x.ret();
          x.land(jump);
          x.land(zero);
          x.land(other);
          x.ret();
        });
  }
}
