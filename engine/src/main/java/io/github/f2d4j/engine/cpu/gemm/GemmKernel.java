package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.engine.cpu.multiply.KeptPanels;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.op.Epilogue;
import io.github.f2d4j.engine.types.DType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Gemm} as a kernel with inputs a, b, then bias and residual as the epilogue has them. A
 * constant b is packed once, any other at each run into scratch memory.
 */
final class GemmKernel implements Kernel {
  /**
   * The packed form of a constant right operand.
   *
   * @param kept whether panels are kept in the form of operands
   */
  record Weights(Packer packer, int matrices, boolean kept) implements Packing {
    @Override
    public Buffer pack(HostBuffer source) {
      HostBuffer packed = source.allocateBeside(bytes());
      pack(source.segment(), packed.segment(), WorkPool.shared());
      return packed;
    }

    void pack(MemorySegment source, MemorySegment packed, WorkPool pool) {
      if (kept) {
        packer.keep(matrices, source, packed, pool);
      } else {
        packer.pack(matrices, source, packed, pool);
      }
    }

    @Override
    public long packedBytes(long sourceBytes) {
      return bytes();
    }

    private long matrixBytes() {
      Panels panels = packer.panels();
      return kept ? panels.count() * KeptPanels.bytes(panels.k()) : panels.bytes();
    }

    long bytes() {
      return matrices * matrixBytes();
    }

    /** How its panels come about. */
    GemmBlocks.Way way() {
      return kept ? GemmBlocks.Way.KEPT : GemmBlocks.Way.COPIED;
    }

    /** The columns of {@code packed}. */
    Columns columns(MemorySegment packed) {
      long item = matrices == 1 ? 0 : matrixBytes();
      return kept
          ? new KeptColumns(packed, packer.panels(), item)
          : new PackedColumns(packed, packer.panels(), item);
    }
  }

  /**
   * How items and rows lie in memory, in elements.
   *
   * @param biasItem from one item's bias to the next's
   * @param outItem from one item's result to the next's
   * @param outRow from one row of the result to the next
   */
  record Layout(int biasItem, long outItem, long outRow) {}

  /** Where the left operand's rows come from. */
  interface Source {
    /** Bytes of scratch memory that {@link #rows} needs. */
    default long scratchBytes() {
      return 0;
    }

    /** The rows of the left operand in {@code memory}. */
    Rows rows(MemorySegment memory, MemorySegment scratch, WorkPool pool);

    /** Rows that need nothing else. */
    static Source of(Function<MemorySegment, Rows> rows) {
      return (memory, scratch, pool) -> rows.apply(memory);
    }
  }

  private final Gemm gemm;
  private final Source source;
  private final Weights weights;
  private final boolean constant;
  private final Epilogue epilogue;
  private final DType biasType;
  private final Layout layout;
  private final WorkPool pool;

  /**
   * Compiles.
   *
   * @param weights the packed form of b, with one matrix or one per item of {@code gemm}
   */
  GemmKernel(
      Gemm gemm,
      Source source,
      Weights weights,
      List<Operand> inputs,
      Epilogue epilogue,
      Layout layout,
      WorkPool pool) {
    this.gemm = gemm;
    this.source = source;
    this.weights = weights;
    this.constant = inputs.get(1).constant();
    this.epilogue = epilogue;
    this.biasType = epilogue.bias() ? inputs.get(2).type().dtype() : DType.F32;
    this.layout = layout;
    this.pool = pool;
  }

  @Override
  public long scratchBytes() {
    return sourceBytes() + (constant ? 0 : weights.bytes());
  }

  private long sourceBytes() {
    return Math.ceilDiv(source.scratchBytes(), 64L) * 64;
  }

  @Override
  public @Nullable Packing packing(int index) {
    return index == 1 ? weights : null;
  }

  @Override
  public void run(List<Buffer> inputs, Buffer output, Buffer scratch) {
    MemorySegment b = segment(inputs.get(1));
    MemorySegment memory = segment(scratch);
    if (!constant) {
      MemorySegment packed = memory.asSlice(sourceBytes());
      weights.pack(b, packed, pool);
      b = packed;
    }
    int next = 2;
    MemorySegment bias = epilogue.bias() ? segment(inputs.get(next++)) : null;
    MemorySegment residual = epilogue.residual() ? segment(inputs.get(next)) : null;
    gemm.run(
        new Gemm.Operands(
            source.rows(segment(inputs.get(0)), memory.asSlice(0, source.scratchBytes()), pool),
            weights.columns(b),
            bias,
            biasType,
            layout.biasItem(),
            residual,
            segment(output),
            layout.outItem(),
            layout.outRow()));
  }

  static MemorySegment segment(Buffer buffer) {
    return ((HostBuffer) buffer).segment();
  }
}
