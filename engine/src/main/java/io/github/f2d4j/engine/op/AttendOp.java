package io.github.f2d4j.engine.op;

import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;

/** Attention. */
public sealed interface AttendOp extends Op {

  /**
   * Scaled dot product attention, softmax(scale·q·kᵀ)·v for each head. Inputs F32: q
   * [B,Sq,heads·d], k [B/g,Sk,heads·d], v [B/g,Sk,heads·d]; a head is a contiguous slice of the
   * last axis, and each item of k and v serves g neighbouring items of q: item b of q reads item
   * ⌊b/g⌋. Result [B,Sq,heads·d].
   *
   * @param causal whether query i sees only keys j ≤ i
   */
  record Attention(int heads, float scale, boolean causal) implements AttendOp {
    public Attention {
      Expect.positive("Attention", "heads", heads);
    }

    @Override
    public TensorType infer(List<TensorType> inputs) {
      Expect.count(this, inputs, 3);
      for (int i = 0; i < 3; i++) {
        Expect.f32(this, inputs, i);
        Expect.rank(this, inputs, i, 3);
      }
      Shape q = inputs.get(0).shape();
      Shape k = inputs.get(1).shape();
      if (!k.equals(inputs.get(2).shape())
          || !serves(k.dim(0), q.dim(0))
          || q.dim(2) != k.dim(2)
          || q.dim(2) % heads != 0) {
        throw Expect.error(
            this,
            inputs,
            "q [B,Sq,C], k and v [B or a divisor of it,Sk,C] with C a multiple of " + heads);
      }
      if (k.dim(1) < 1 && q.elements() > 0) {
        throw Expect.error(this, inputs, "at least one key");
      }
      return inputs.get(0);
    }

    private static boolean serves(int items, int queries) {
      return items == queries || (items > 0 && queries % items == 0);
    }
  }
}
