package io.github.f2d4j.engine.op;

import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;

/** Operators that slide a window over an NHWC image. */
public sealed interface ConvolveOp extends Op {

  /**
   * Window step and zero border.
   *
   * @param strideH vertical step, ≥ 1
   * @param strideW horizontal step, ≥ 1
   * @param top rows added above, ≥ 0
   * @param bottom rows added below
   * @param left columns added on the left
   * @param right columns added on the right
   */
  record Window(int strideH, int strideW, int top, int bottom, int left, int right) {
    public Window {
      Expect.positive("Window", "strideH", strideH);
      Expect.positive("Window", "strideW", strideW);
      if (top < 0 || bottom < 0 || left < 0 || right < 0) {
        throw new IllegalArgumentException(
            "Window padding [top %d, bottom %d, left %d, right %d] must not be negative"
                .formatted(top, bottom, left, right));
      }
    }

    /** The same stride both ways and the same padding on all four sides. */
    public static Window of(int stride, int padding) {
      return new Window(stride, stride, padding, padding, padding, padding);
    }

    /** Output rows for {@code h} input rows and a window of {@code kh} rows. */
    public int outH(int h, int kh) {
      return Math.floorDiv(h + top + bottom - kh, strideH) + 1;
    }

    /** Output columns for {@code w} input columns and a window of {@code kw} columns. */
    public int outW(int w, int kw) {
      return Math.floorDiv(w + left + right - kw, strideW) + 1;
    }
  }

  /**
   * Two-dimensional cross-correlation. Inputs: x F32 [N,H,W,I], weight [O,I/groups,KH,KW] as
   * checkpoints hold it (a weight type), then the epilogue's bias [O] and residual. Result F32
   * [N,H',W',O].
   */
  record Conv2d(Window window, int groups, Epilogue epilogue) implements ConvolveOp {
    public Conv2d {
      Expect.positive("Conv2d", "groups", groups);
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 2 + epilogue.inputs());
      Expect.f32(this, inputs, 0);
      Expect.weight(this, inputs, 1);
      Expect.rank(this, inputs, 0, 4);
      Expect.rank(this, inputs, 1, 4);
      Shape x = inputs.get(0).shape();
      Shape w = inputs.get(1).shape();
      if (x.dim(3) != w.dim(1) * groups || w.dim(0) % groups != 0) {
        throw Expect.error(
            this, inputs, "x [N,H,W,I] and weight [O,I/groups,KH,KW] with O a multiple of groups");
      }
      int h = window.outH(x.dim(1), w.dim(2));
      int wd = window.outW(x.dim(2), w.dim(3));
      if (h < 1 || wd < 1) {
        throw Expect.error(this, inputs, "an image at least as large as the window");
      }
      Shape sum = Shape.of(x.dim(0), h, wd, w.dim(0));
      return TensorType.f32(epilogue.infer(this, inputs, 2, sum));
    }
  }

  /** How a pooling window is combined. */
  enum PoolKind {
    /** The maximum; the border counts as −∞. */
    MAX,
    /** The mean over the whole window; the border counts as 0. */
    AVG
  }

  /** Pooling: x F32 [N,H,W,C] → F32 [N,H',W',C]. */
  record Pool2d(PoolKind kind, int kernelH, int kernelW, Window window) implements ConvolveOp {
    public Pool2d {
      Expect.positive("Pool2d", "kernelH", kernelH);
      Expect.positive("Pool2d", "kernelW", kernelW);
      if (Math.max(window.top(), window.bottom()) >= kernelH
          || Math.max(window.left(), window.right()) >= kernelW) {
        throw new IllegalArgumentException(
            "Pool2d: padding " + window + " must be smaller than the window");
      }
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 1);
      Expect.f32(this, inputs, 0);
      Expect.rank(this, inputs, 0, 4);
      Shape x = inputs.get(0).shape();
      int h = window.outH(x.dim(1), kernelH);
      int w = window.outW(x.dim(2), kernelW);
      if (h < 1 || w < 1) {
        throw Expect.error(this, inputs, "an image at least as large as the window");
      }
      return TensorType.f32(Shape.of(x.dim(0), h, w, x.dim(3)));
    }
  }
}
