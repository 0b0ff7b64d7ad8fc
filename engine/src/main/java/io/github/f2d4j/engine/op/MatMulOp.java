package io.github.f2d4j.engine.op;

import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.Arrays;
import java.util.List;

/** Matrix multiplication. */
public sealed interface MatMulOp extends Op {

  /**
   * a·b with an epilogue. Inputs: a F32 [..., M, K] ([..., K, M] if {@code transposeA}), b [..., K,
   * N] ([..., N, K] if {@code transposeB}; a weight type), then the epilogue's bias [N] and
   * residual. Result F32 [..., M, N]. Leading axes must be equal, or b has rank 2 and is shared by
   * all matrices of a. A linear layer y = x·Wᵀ + b is {@code transposeB} with W [out, in].
   */
  record MatMul(boolean transposeA, boolean transposeB, Epilogue epilogue) implements MatMulOp {
    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 2 + epilogue.inputs());
      Expect.f32(this, inputs, 0);
      Expect.weight(this, inputs, 1);
      Expect.minRank(this, inputs, 0, 2);
      Expect.minRank(this, inputs, 1, 2);
      Shape a = inputs.get(0).shape();
      Shape b = inputs.get(1).shape();
      int m = a.dim(transposeA ? -1 : -2);
      int ka = a.dim(transposeA ? -2 : -1);
      int kb = b.dim(transposeB ? -1 : -2);
      int n = b.dim(transposeB ? -2 : -1);
      if (ka != kb) {
        throw Expect.error(this, inputs, "equal inner extents, not " + ka + " and " + kb);
      }
      int[] lead = Arrays.copyOf(a.dims(), a.rank() - 2);
      if (b.rank() != 2 && !Arrays.equals(lead, Arrays.copyOf(b.dims(), b.rank() - 2))) {
        throw Expect.error(this, inputs, "equal leading axes, or rank 2 at input 1");
      }
      int[] out = Arrays.copyOf(lead, a.rank());
      out[a.rank() - 2] = m;
      out[a.rank() - 1] = n;
      return TensorType.f32(epilogue.infer(this, inputs, 2, Shape.of(out)));
    }
  }
}
