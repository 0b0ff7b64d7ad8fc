package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.engine.cpu.multiply.KeptPanels;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The packed form of the weights of {@link WinogradKernel}. */
sealed interface WinogradPacking extends Packing {
  /** Bytes of the packed form. */
  long bytes();

  /** Packs. */
  void pack(MemorySegment source, MemorySegment packed, WorkPool pool);

  /** One matrix for each position of a tile. */
  Columns columns(MemorySegment packed);

  /** How its panels come about. */
  GemmBlocks.Way way();

  @Override
  default Buffer pack(HostBuffer source) {
    HostBuffer packed = source.allocateBeside(bytes());
    pack(source.segment(), packed.segment(), WorkPool.shared());
    return packed;
  }

  @Override
  default long packedBytes(long sourceBytes) {
    return bytes();
  }

  /**
   * The direct form's panels, of which {@link WinogradColumns} makes what is multiplied.
   *
   * @param direct packs them
   */
  record Made(Winograd form, Packer direct) implements WinogradPacking {
    @Override
    public long bytes() {
      return direct.panels().bytes();
    }

    @Override
    public void pack(MemorySegment source, MemorySegment packed, WorkPool pool) {
      direct.pack(1, source, packed, pool);
    }

    @Override
    public Columns columns(MemorySegment packed) {
      return new WinogradColumns(form, packed, direct.panels());
    }

    @Override
    public GemmBlocks.Way way() {
      return WinogradColumns.way(form);
    }
  }

  /**
   * The transformed weights as {@link KeptPanels}, position by position: 1.3 or 3 times as large as
   * the direct form in float32.
   *
   * @param direct packs the panels of which they are made
   */
  record Kept(Winograd form, Packer direct) implements WinogradPacking {
    /** Most products of channels whose weights may take three times the memory. */
    private static final int FEW_WEIGHTS = 512 * 640;

    /**
     * Whether the weights of layers of so many channels are worth the memory. Made anew for each
     * call they take as long as multiplying them with some 60 rows.
     */
    static boolean pays(Winograd form, int in, int out) {
      return form == Winograd.F2 || (long) in * out <= FEW_WEIGHTS;
    }

    private Panels matrix() {
      return new Panels(direct.panels().k() / Winograd.TAPS, direct.panels().n(), false);
    }

    private long matrixBytes() {
      return matrix().count() * KeptPanels.bytes(matrix().k());
    }

    @Override
    public long bytes() {
      return form.positions() * matrixBytes();
    }

    @Override
    public void pack(MemorySegment source, MemorySegment packed, WorkPool pool) {
      pool.parallel(
          matrix().count(),
          panel -> {
            try (Arena arena = Arena.ofConfined()) {
              MemorySegment weights = arena.allocate(direct.panels().panelBytes(), Float.BYTES);
              direct.packPanel(source, 0, weights, 0, panel);
              transform(weights, packed, panel);
            }
          });
    }

    /** Transforms a panel of weights, a row of positions at a time. */
    private void transform(MemorySegment weights, MemorySegment packed, int panel) {
      int channels = matrix().k();
      long tap = matrix().panelBytes();
      WinogradSums sums = new WinogradSums();
      sums.reserve(channels * Panels.width(), 4L * KeptPanels.rows(channels) * Panels.width());
      int n = form.in();
      for (int i = 0; i < n; i++) {
        for (int kw = 0; kw < Winograd.SIDE; kw++) {
          sums.row(form, i, weights, kw * tap, Winograd.SIDE * tap, kw);
        }
        for (int j = 0; j < n; j++) {
          long to = (i * n + j) * matrixBytes() + panel * KeptPanels.bytes(channels);
          KeptPanels.write(sums.element(form, j), channels, packed, to);
        }
      }
    }

    @Override
    public Columns columns(MemorySegment packed) {
      return new KeptColumns(packed, matrix(), matrixBytes());
    }

    @Override
    public GemmBlocks.Way way() {
      return GemmBlocks.Way.KEPT;
    }
  }
}
