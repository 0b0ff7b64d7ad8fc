package io.github.f2d4j.engine.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.op.AttendOp;
import io.github.f2d4j.engine.op.MovementOp;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Attention reads queries, keys and values where they lie in a wider value. */
class ColumnsTest {
  private static final int HEADS = 3;
  private static final int WIDTH = HEADS * 7;

  private static Tensor random(int seed, int... dims) {
    Random random = new Random(seed);
    float[] values = new float[(int) Shape.of(dims).elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, dims);
  }

  private static Tensor part(Tensor joined, int index) {
    return joined.slice(2, index * WIDTH, (index + 1) * WIDTH);
  }

  private static Tensor attend(Tensor qkv) {
    return part(qkv, 0).attention(part(qkv, 1), part(qkv, 2), HEADS, false);
  }

  private static CompiledFunction compile(Function<Tensor, Tensor> f, TensorType x) {
    return CompiledFunction.of(in -> List.of(f.apply(in.getFirst())), x);
  }

  private static long copies(CompiledFunction f) {
    return f.plan().steps().stream().filter(s -> s.op() instanceof MovementOp).count();
  }

  /** q, k and v in memory of their own. */
  private static float[] dense(Tensor qkv) {
    Tensor q = part(qkv, 0).eval();
    Tensor k = part(qkv, 1).eval();
    Tensor v = part(qkv, 2).eval();
    return q.attention(k, v, HEADS, false).toFloats();
  }

  @Test
  void anArgumentsColumnsAreNotCopied() {
    for (int rows : new int[] {1, 5, 130}) {
      Tensor qkv = random(rows, 2, rows, 3 * WIDTH + 4);
      CompiledFunction f = compile(ColumnsTest::attend, qkv.type());
      assertEquals(1, f.plan().steps().size());
      assertArrayEquals(dense(qkv), f.call(qkv).getFirst().toFloats());
    }
  }

  @Test
  void anIntermediatesColumnsAreNotCopied() {
    Tensor x = random(1, 2, 33, 3 * WIDTH);
    CompiledFunction f = compile(t -> attend(t.exp()).mul(2f), x.type());
    assertEquals(0, copies(f));
    float[] expected = Tensor.of(dense(x.exp()), 2, 33, WIDTH).mul(2f).toFloats();
    assertArrayEquals(expected, f.call(x).getFirst().toFloats());
  }

  @Test
  void keysAndValuesOfOneTextServeItsImages() {
    Tensor kv = random(2, 2, 11, 2 * WIDTH);
    Tensor q = random(3, 6, 50, WIDTH);
    CompiledFunction f =
        CompiledFunction.of(
            in ->
                List.of(in.get(0).attention(part(in.get(1), 0), part(in.get(1), 1), HEADS, false)),
            q.type(),
            kv.type());
    assertEquals(1, f.plan().steps().size());
    float[] all = f.call(q, kv).getFirst().toFloats();
    Tensor k = part(kv, 0).eval();
    Tensor v = part(kv, 1).eval();
    for (int i = 0; i < 6; i++) {
      Tensor one =
          q.slice(0, i, i + 1)
              .attention(k.slice(0, i / 3, i / 3 + 1), v.slice(0, i / 3, i / 3 + 1), HEADS, false);
      int size = 50 * WIDTH;
      assertArrayEquals(
          one.toFloats(), Arrays.copyOfRange(all, i * size, (i + 1) * size), "item " + i);
    }
  }

  /** Other readers need rows one behind the other, and so do results. */
  @Test
  void columnsThatOthersReadAreCopied() {
    Tensor x = random(4, 1, 9, 3 * WIDTH);
    CompiledFunction f =
        CompiledFunction.of(
            in ->
                List.of(attend(in.getFirst()).add(part(in.getFirst(), 0)), part(in.getFirst(), 1)),
            x.type());
    assertEquals(2, copies(f));
    assertEquals(1, f.plan().steps().stream().filter(s -> s.op() instanceof AttendOp).count());
    List<Tensor> y = f.call(x);
    float[] expected = Tensor.of(dense(x), 1, 9, WIDTH).add(part(x, 0)).toFloats();
    assertArrayEquals(expected, y.get(0).toFloats());
    assertArrayEquals(part(x, 1).toFloats(), y.get(1).toFloats());
  }
}
