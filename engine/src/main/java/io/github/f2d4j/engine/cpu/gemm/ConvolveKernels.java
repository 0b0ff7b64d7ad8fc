package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.engine.cpu.math.FloatMath;
import io.github.f2d4j.engine.cpu.multiply.Multiplier;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.cpu.tuning.ConvolveChoice;
import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.ConvolveOp;
import io.github.f2d4j.engine.op.ConvolveOp.Conv2d;
import io.github.f2d4j.engine.op.ConvolveOp.Pool2d;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.op.Epilogue;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Compiles the operators of {@link ConvolveOp}. */
public final class ConvolveKernels {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private ConvolveKernels() {}

  /**
   * The kernel that computes {@code op} of {@code inputs}, with the threads of {@code pool}.
   *
   * @param choice chooses the algorithm of 3×3 convolutions of stride 1
   */
  public static Kernel compile(
      ConvolveOp op,
      List<Operand> inputs,
      TensorType output,
      WorkPool pool,
      ConvolveChoice choice) {
    return switch (op) {
      case Conv2d c when c.groups() > 1 && c.epilogue().activation() == Activation.GEGLU ->
          new GatedGroups(c, inputs, output, pool);
      case Conv2d c when WinogradKernel.fits(c, inputs) ->
          switch (choice.choose(WinogradKernel.shape(inputs, output))) {
            case DIRECT -> conv2d(c, inputs, output, pool);
            case WINOGRAD_F2 -> new WinogradKernel(Winograd.F2, c, inputs, output, pool);
            case WINOGRAD_F4 -> new WinogradKernel(Winograd.F4, c, inputs, output, pool);
          };
      case Conv2d c -> conv2d(c, inputs, output, pool);
      case Pool2d p -> new PoolKernel(p, inputs.getFirst().type().shape(), output.shape(), pool);
    };
  }

  /**
   * A convolution is a product of a matrix of windows, one row per output pixel, with a matrix of
   * weights; each group is an item of its own.
   */
  private static Kernel conv2d(Conv2d op, List<Operand> inputs, TensorType output, WorkPool pool) {
    Shape x = inputs.get(0).type().shape();
    Shape w = inputs.get(1).type().shape();
    int columns = w.dim(0) / op.groups();
    int channels = w.dim(1);
    int taps = Math.multiplyExact(w.dim(2), w.dim(3));
    Shape y = output.shape();
    int pixels = Math.multiplyExact(y.dim(1), y.dim(2));
    int rows = Math.multiplyExact(y.dim(0), pixels);
    Panels panels =
        new Panels(
            Math.multiplyExact(channels, taps),
            columns,
            op.epilogue().activation() == Activation.GEGLU);
    Packer packer = new Packer(panels, inputs.get(1).type().dtype(), false, taps);
    Multiplier multiplier = Multiplier.of(pixels);
    GemmKernel.Weights weights =
        new GemmKernel.Weights(packer, op.groups(), multiplier.traits().keeps());
    Function<MemorySegment, Rows.Copied> windows =
        taps == 1 && op.window().equals(Window.of(1, 0))
            ? image -> new MatrixRows(image, channels, x.dim(3), 1)
            : image -> windows(image, op.window(), x, w, y);
    boolean kept = taps > 1 && op.groups() == 1 && multiplier.traits().keepsRows(channels);
    GemmKernel.Source source =
        !kept
            ? GemmKernel.Source.of(windows::apply)
            : PlacedWindows.Made.fits(y)
                ? new PlacedWindows.Made(x, w, y, op.window())
                : new KeptWindows.Made(x, image -> windows(image, op.window(), x, w, y));
    return new GemmKernel(
        new Gemm(multiplier, op.groups(), rows, panels, weights.way(), op.epilogue(), pool),
        source,
        weights,
        inputs,
        op.epilogue(),
        new GemmKernel.Layout(columns, columns, y.dim(3)),
        pool);
  }

  private static ConvolveRows windows(
      MemorySegment image, Window window, Shape x, Shape w, Shape y) {
    return new ConvolveRows(
        image, x.dim(1), x.dim(2), x.dim(3), w.dim(1), w.dim(3), window, y.dim(1), y.dim(2));
  }

  /**
   * A grouped convolution whose result is gated: the halves h and gate come from different groups,
   * so the convolution goes to scratch memory and the gate is a pass of its own.
   */
  private static final class GatedGroups implements Kernel {
    private final Kernel sum;
    private final long sumBytes;
    private final int rows;
    private final int half;
    private final Epilogue epilogue;
    private final WorkPool pool;

    GatedGroups(Conv2d op, List<Operand> inputs, TensorType output, WorkPool pool) {
      epilogue = op.epilogue();
      half = output.shape().dim(3);
      Epilogue plain = new Epilogue(epilogue.bias(), Activation.NONE, false);
      TensorType sums = TensorType.f32(output.shape().with(3, 2 * half));
      sum = conv2d(new Conv2d(op.window(), op.groups(), plain), inputs, sums, pool);
      sumBytes = Math.ceilDiv(4 * sums.shape().elements(), 64L) * 64;
      rows = Math.toIntExact(half == 0 ? 0 : output.shape().elements() / half);
      this.pool = pool;
    }

    @Override
    public long scratchBytes() {
      return sumBytes + sum.scratchBytes();
    }

    @Override
    public @Nullable Packing packing(int index) {
      return sum.packing(index);
    }

    @Override
    public void run(List<Buffer> inputs, Buffer output, Buffer scratch) {
      MemorySegment memory = GemmKernel.segment(scratch);
      MemorySegment sums = memory.asSlice(0, sumBytes);
      int own = 2 + (epilogue.bias() ? 1 : 0);
      sum.run(inputs.subList(0, own), HostBuffer.of(sums), HostBuffer.of(memory.asSlice(sumBytes)));
      MemorySegment out = GemmKernel.segment(output);
      MemorySegment residual = epilogue.residual() ? GemmKernel.segment(inputs.get(own)) : null;
      pool.parallel(rows, r -> gate(sums, out, residual, r));
    }

    private void gate(
        MemorySegment sums, MemorySegment out, @Nullable MemorySegment residual, int row) {
      for (int j = 0; j < half; j++) {
        long h = 4 * (2L * half * row + j);
        float y = sums.get(FLOAT, h) * FloatMath.gelu(sums.get(FLOAT, h + 4L * half));
        long to = 4 * ((long) half * row + j);
        out.set(FLOAT, to, residual == null ? y : y + residual.get(FLOAT, to));
      }
    }
  }
}
