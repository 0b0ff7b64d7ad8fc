package io.github.f2d4j.engine.cpu.amx;

import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R10;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R11;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.R9;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RCX;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RDI;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RDX;
import static io.github.f2d4j.engine.cpu.amx.Assembler.Register.RSI;

import io.github.f2d4j.engine.backend.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Weighted sums of one or three arrays in machine code, of which transformed weights are made: a
 * product and then one fused multiply-add after the other. For one thread at a time. May be touched
 * only where {@link Amx#used} is true.
 */
public final class UnitSums {
  /** Floats that go together. */
  private static final int TOGETHER = Tiles.SIDE;

  private static final MemorySegment ONE = Amx.place(code(1));
  private static final MemorySegment THREE = Amx.place(code(3));
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

  private final MemorySegment weights = HostBuffer.allocate(3 * Float.BYTES).segment();

  /**
   * {@code void sums(const float *x, const float *weights, float *to, long vectors, const void *,
   * long apart)}, of so many arrays that lie {@code apart} bytes from each other.
   */
  private static byte[] code(int count) {
    Assembler x = new Assembler();
    x.mov(R10, RDI);
    x.add(R10, R9);
    x.mov(R11, R10);
    x.add(R11, R9);
    for (int i = 0; i < count; i++) {
      x.vbroadcastss(1 + i, RSI, i * Float.BYTES);
    }
    int loop = x.here();
    x.vmulps(0, 1, RDI, 0);
    x.add(RDI, Tiles.ROW);
    if (count == 3) {
      x.vfmadd231ps(0, 2, R10, 0);
      x.vfmadd231ps(0, 3, R11, 0);
      x.add(R10, Tiles.ROW);
      x.add(R11, Tiles.ROW);
    }
    x.vmovups(RDX, 0, 0);
    x.add(RDX, Tiles.ROW);
    x.dec(RCX);
    x.jnz(loop);
    x.vzeroupper();
    x.ret();
    return x.code();
  }

  /** {@code to[i] = w·x[i]} for {@code count} floats, a multiple of 16; places in bytes. */
  public void one(MemorySegment x, long at, float w, MemorySegment to, long toAt, int count) {
    weights.set(FLOAT, 0, w);
    call(ONE, Amx.address(x, at, 4L * count), 0, to, toAt, count);
  }

  /**
   * {@code to[i] = w₀·x₀[i] + w₁·x₁[i] + w₂·x₂[i]}, each x {@code apart} bytes behind the last; as
   * {@link #one}.
   */
  public void three(
      MemorySegment x,
      long at,
      long apart,
      float w0,
      float w1,
      float w2,
      MemorySegment to,
      long toAt,
      int count) {
    weights.set(FLOAT, 0, w0);
    weights.set(FLOAT, 4, w1);
    weights.set(FLOAT, 8, w2);
    call(THREE, Amx.address(x, at, 2 * apart + 4L * count), apart, to, toAt, count);
  }

  private void call(
      MemorySegment function, long x, long apart, MemorySegment to, long toAt, int count) {
    long y = Amx.address(to, toAt, 4L * count);
    if (count == 0) {
      return;
    }
    Amx.call(function, x, weights.address(), y, (long) count / TOGETHER, 0L, apart, 0, 0, 0);
  }
}
