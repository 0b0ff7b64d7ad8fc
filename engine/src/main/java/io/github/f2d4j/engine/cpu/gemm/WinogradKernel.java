package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.multiply.Multiplier;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.cpu.tuning.ConvolveShape;
import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.ConvolveOp.Conv2d;
import io.github.f2d4j.engine.op.Epilogue;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A 3×3 convolution of stride 1 by {@link Winograd}'s algorithm. Tiles go through in blocks: a
 * block's inputs are transformed, multiplied by the transformed weights (one product for each
 * position of a tile), and the products transformed into pixels. Only one block's transforms are in
 * memory at a time, whatever the size of the image.
 *
 * <p>Every element of a product is a fixed sum over the channels, see {@link Multiplier}, and
 * transforms are fixed expressions, so the bits depend neither on the lane width nor on threads,
 * the place of a tile in its block, or the batch.
 */
final class WinogradKernel implements Kernel {
  /**
   * Most tiles in a block, cut to a multiple of a strip's rows. Each block needs all transformed
   * weights, so it should be large; what it costs is memory for transformed inputs and products, 24
   * MB each with 320 channels.
   */
  static final int BLOCK = 516;

  /** Tiles that a thread takes at a time. */
  private static final int GROUP = 4;

  private final Winograd form;
  private final WinogradTiles tiles;
  private final WinogradInput input;
  private final WinogradOutput output;
  private final WinogradPacking weights;
  private final Epilogue epilogue;
  private final DType biasType;
  private final boolean constant;
  private final Multiplier multiplier;
  private final int block;
  private final Gemm whole;
  private final Gemm rest;
  private final int in;
  private final int out;
  private final WorkPool pool;

  /** Compiles {@code op} of {@code inputs}; see {@link #fits}. */
  WinogradKernel(Winograd form, Conv2d op, List<Operand> inputs, TensorType result, WorkPool pool) {
    this.form = form;
    this.pool = pool;
    Shape x = inputs.get(0).type().shape();
    in = x.dim(3);
    out = result.shape().dim(3);
    epilogue = op.epilogue();
    biasType = epilogue.bias() ? inputs.get(2).type().dtype() : DType.F32;
    constant = inputs.get(1).constant();
    tiles = WinogradTiles.of(x, op.window(), result.shape(), form);
    WinogradTransform steps = WinogradTransform.of(form);
    input = new WinogradInput(form, steps, tiles);
    output = new WinogradOutput(form, steps, tiles, out, epilogue.activation());
    Panels panels = new Panels(Math.multiplyExact(in, Winograd.TAPS), out, false);
    Packer direct = new Packer(panels, inputs.get(1).type().dtype(), false, Winograd.TAPS);
    Panels matrix = new Panels(in, out, false);
    multiplier = Multiplier.of(tiles.count() / Math.max(1, x.dim(0)));
    weights =
        constant && multiplier.traits().keeps() && WinogradPacking.Kept.pays(form, in, out)
            ? new WinogradPacking.Kept(form, direct)
            : new WinogradPacking.Made(form, direct);
    int height = multiplier.traits().rows();
    int blocks = Math.max(1, Math.ceilDiv(tiles.count(), BLOCK / height * height));
    block = Math.ceilDiv(tiles.count(), blocks);
    whole = products(block, matrix);
    int last = block == 0 ? 0 : tiles.count() % block;
    rest = last == 0 ? whole : products(last, matrix);
  }

  private Gemm products(int rows, Panels matrix) {
    return new Gemm(multiplier, form.positions(), rows, matrix, weights.way(), Epilogue.NONE, pool);
  }

  /**
   * Whether {@code op} is a 3×3 convolution of stride 1 that this kernel should compute. With
   * bfloat16 it should none: the transforms would multiply the products' errors.
   */
  static boolean fits(Conv2d op, List<Operand> inputs) {
    Shape weight = inputs.get(1).type().shape();
    return weight.dim(2) == 3
        && weight.dim(3) == 3
        && op.window().strideH() == 1
        && op.window().strideW() == 1
        && op.groups() == 1
        && op.epilogue().activation() != Activation.GEGLU
        && Amx.transformable();
  }

  /** What the choice of an algorithm depends on. */
  static ConvolveShape shape(List<Operand> inputs, TensorType result) {
    Shape y = result.shape();
    return new ConvolveShape(y.dim(1), y.dim(2), inputs.get(0).type().shape().dim(3), y.dim(3));
  }

  /**
   * Bytes from one position's matrix to the next's: an odd number of cache lines, so that a tile's
   * positions do not compete for the same places of the first-level cache.
   */
  private long stride(int channels) {
    return (Math.ceilDiv(4L * block * channels, 64L) | 1) * 64;
  }

  private long inputBytes() {
    return form.positions() * stride(in);
  }

  private long biasBytes() {
    return Math.ceilDiv(4L * out, HostBuffer.ALIGNMENT) * HostBuffer.ALIGNMENT;
  }

  private long productBytes() {
    return form.positions() * stride(out);
  }

  @Override
  public long scratchBytes() {
    return inputBytes() + productBytes() + biasBytes() + (constant ? 0 : weights.bytes());
  }

  @Override
  public @Nullable Packing packing(int index) {
    return index == 1 ? weights : null;
  }

  @Override
  public void run(List<Buffer> inputs, Buffer result, Buffer scratch) {
    MemorySegment memory = GemmKernel.segment(scratch);
    MemorySegment transformed = memory.asSlice(0, inputBytes());
    MemorySegment products = memory.asSlice(inputBytes(), productBytes());
    MemorySegment biasOrZeros = memory.asSlice(inputBytes() + productBytes(), biasBytes());
    MemorySegment b = GemmKernel.segment(inputs.get(1));
    if (!constant) {
      long at = inputBytes() + productBytes() + biasBytes();
      MemorySegment packed = memory.asSlice(at, weights.bytes());
      weights.pack(b, packed, pool);
      b = packed;
    }
    int next = 2;
    float[] bias = epilogue.bias() ? readBias(GemmKernel.segment(inputs.get(next++))) : null;
    biasOrZeros.fill((byte) 0);
    if (bias != null) {
      MemorySegment.copy(bias, 0, biasOrZeros, ValueLayout.JAVA_FLOAT, 0, out);
    }
    MemorySegment residual = epilogue.residual() ? GemmKernel.segment(inputs.get(next)) : null;
    WinogradOutput.Target target =
        new WinogradOutput.Target(bias, biasOrZeros, residual, GemmKernel.segment(result));
    MemorySegment image = GemmKernel.segment(inputs.get(0));
    Gemm.Operands operands =
        new Gemm.Operands(
            new MatrixRows(transformed, stride(in) / 4, in, 1),
            weights.columns(b),
            null,
            DType.F32,
            0,
            null,
            products,
            stride(out) / 4,
            out);
    for (int first = 0; first < tiles.count(); first += block) {
      int count = Math.min(block, tiles.count() - first);
      transformInputs(image, first, count, transformed);
      (count == block ? whole : rest).run(operands);
      transformProducts(products, first, count, target);
    }
  }

  private float[] readBias(MemorySegment bias) {
    float[] read = new float[Math.ceilDiv(out, Panels.width()) * Panels.width()];
    Packer.widen(biasType, bias, 0, read, 0, out);
    return read;
  }

  private void transformInputs(MemorySegment image, int first, int count, MemorySegment to) {
    pool.parallel(
        Math.ceilDiv(count, GROUP),
        group -> {
          WinogradScratch scratch = WinogradScratch.take();
          try {
            for (int t = group * GROUP; t < Math.min(count, (group + 1) * GROUP); t++) {
              input.transform(image, first + t, to, 4L * t * in, stride(in), scratch);
            }
          } finally {
            scratch.give();
          }
        });
  }

  private void transformProducts(
      MemorySegment from, int first, int count, WinogradOutput.Target target) {
    pool.parallel(
        Math.ceilDiv(count, GROUP),
        group -> {
          WinogradScratch scratch = WinogradScratch.take();
          try {
            for (int t = group * GROUP; t < Math.min(count, (group + 1) * GROUP); t++) {
              output.transform(from, 4L * t * out, stride(out), first + t, target, scratch);
            }
          } finally {
            scratch.give();
          }
        });
  }
}
