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
  }

  @Test
  void generalRegistersAreMovedAndCounted() {
    assertBytes("48 89 f8", x -> x.mov(Register.RAX, Register.RDI));
    assertBytes("49 89 f3", x -> x.mov(Register.R11, Register.RSI));
    assertBytes("4c 89 c7", x -> x.mov(Register.RDI, Register.R8));
    assertBytes("49 c7 c2 40 00 00 00", x -> x.mov(Register.R10, 64));
    assertBytes("48 81 c0 00 18 00 00", x -> x.add(Register.RAX, 6144));
    assertBytes("49 81 c3 00 18 00 00", x -> x.add(Register.R11, 6144));
    assertBytes("4c 8b 5c 24 10", x -> x.movFromStack(Register.R11, 16));
    assertBytes("48 8b 44 24 08", x -> x.movFromStack(Register.RAX, 8));
    assertBytes("48 c1 e6 04", x -> x.shl(Register.RSI, 4));
    assertBytes("49 c1 e3 05", x -> x.shl(Register.R11, 5));
    assertBytes("48 01 d6", x -> x.add(Register.RSI, Register.RDX));
    assertBytes("4c 01 da", x -> x.add(Register.RDX, Register.R11));
    assertBytes("49 01 f3", x -> x.add(Register.R11, Register.RSI));
    assertBytes("48 03 5c 24 10", x -> x.addFromStack(Register.RBX, 16));
    assertBytes("4c 03 5c 24 08", x -> x.addFromStack(Register.R11, 8));
    assertBytes("48 ff c8", x -> x.dec(Register.RAX));
    assertBytes("49 ff c9", x -> x.dec(Register.R9));
    assertBytes("53", x -> x.push(Register.RBX));
    assertBytes("5b", x -> x.pop(Register.RBX));
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
}
