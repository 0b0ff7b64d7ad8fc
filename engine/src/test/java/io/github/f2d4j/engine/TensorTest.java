package io.github.f2d4j.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.op.ElementwiseOp.Chain;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.reference.ReferenceBackend;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The lazy layer and the graph compiler, checked on the reference backend. */
class TensorTest {
  private static final ReferenceBackend REFERENCE = new ReferenceBackend();

  private static <T> T onReference(Callable<T> body) {
    try {
      return Backends.using(REFERENCE, body);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static Tensor random(int seed, int... dims) {
    Random random = new Random(seed);
    float[] values = new float[(int) Shape.of(dims).elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, dims);
  }

  /** The operators that run after rewriting. */
  private static List<? extends Op> planned(Function<Tensor, Tensor> f, Tensor x) {
    return onReference(
        () ->
            CompiledFunction.of(in -> List.of(f.apply(in.getFirst())), x.type())
                .plan()
                .graph()
                .steps()
                .stream()
                .map(s -> s.op())
                .toList());
  }

  /** Each intermediate evaluated on its own, so that nothing is fused. */
  private static Tensor alone(Tensor t) {
    return onReference(t::eval);
  }

  @Test
  void readsBackWhatItWasGiven() {
    assertArrayEquals(new float[] {1, 2, 3}, Tensor.of(new float[] {1, 2, 3}, 3).toFloats());
    assertArrayEquals(new long[] {4, -5}, Tensor.of(new long[] {4, -5}, 2).toLongs());
    assertEquals(7, Tensor.scalar(7).item());
  }

  @Test
  void wrongLengthNamesBoth() {
    var e = assertThrows(IllegalArgumentException.class, () -> Tensor.of(new float[5], 2, 3));
    assertTrue(e.getMessage().contains("[2,3] has 6 elements, but got 5"), e.getMessage());
  }

  @Test
  void misfitIsReportedWhenTheOperatorIsNoted() {
    var e =
        assertThrows(IllegalArgumentException.class, () -> random(1, 2, 3).matmul(random(2, 4, 5)));
    assertTrue(e.getMessage().contains("F32[2,3]"), e.getMessage());
    assertTrue(e.getMessage().contains("not 3 and 4"), e.getMessage());
  }

  @Test
  void activationAndResidualMoveIntoTheConvolution() {
    Tensor w = random(2, 4, 3, 3, 3);
    Tensor b = random(3, 4);
    Tensor x = random(1, 1, 5, 6, 3);
    Tensor skip = random(4, 1, 5, 6, 4);
    Function<Tensor, Tensor> f = in -> skip.add(in.conv2d(w, b, Window.of(1, 1)).silu());
    assertEquals(1, planned(f, x).size());
    Tensor sum = alone(x.conv2d(w, b, Window.of(1, 1)));
    float[] expected = alone(skip.add(alone(sum.silu()))).toFloats();
    assertArrayEquals(expected, alone(f.apply(x)).toFloats(), 1e-6f);
  }

  @Test
  void gegluMovesIntoTheLinearLayer() {
    Tensor w = random(2, 10, 7);
    Tensor b = random(3, 10);
    Tensor x = random(1, 3, 7);
    assertEquals(1, planned(in -> in.linear(w, b).geglu(), x).size());
    float[] expected = alone(alone(x.linear(w, b)).geglu()).toFloats();
    assertArrayEquals(expected, alone(x.linear(w, b).geglu()).toFloats(), 1e-6f);
  }

  @Test
  void aSumThatIsReadTwiceIsKept() {
    Tensor w = random(2, 7, 7);
    Tensor x = random(1, 3, 7);
    Function<Tensor, Tensor> f =
        in -> {
          Tensor y = in.linear(w, null);
          return y.silu().matmul(y.permute(1, 0));
        };
    Tensor y = alone(x.linear(w, null));
    float[] expected = alone(alone(y.silu()).matmul(alone(y.permute(1, 0)))).toFloats();
    assertArrayEquals(expected, alone(f.apply(x)).toFloats(), 1e-5f);
  }

  @Test
  void elementwiseOperatorsBecomeOneChain() {
    Tensor v = random(2, 5);
    Tensor z = random(3, 4, 5);
    Function<Tensor, Tensor> f = in -> in.mul(v).add(z.mul(2f)).tanh().clamp(-0.5f, 0.5f).exp();
    Tensor x = random(1, 4, 5);
    List<? extends Op> ops = planned(f, x);
    assertEquals(1, ops.size());
    assertTrue(ops.getFirst() instanceof Chain c && c.steps().size() == 6, ops.toString());
    Tensor e = alone(alone(x.mul(v)).add(alone(z.mul(2f))));
    float[] expected = alone(alone(alone(e.tanh()).clamp(-0.5f, 0.5f)).exp()).toFloats();
    assertArrayEquals(expected, alone(f.apply(x)).toFloats(), 1e-6f);
  }

  @Test
  void equalOperatorsOverEqualInputsRunOnce() {
    Tensor x = random(1, 3, 3);
    assertEquals(2, planned(in -> in.softmax().matmul(in.softmax()), x).size());
  }

  @Test
  void whatDependsOnConstantsAloneIsComputedOnce() {
    TensorType type = TensorType.f32(Shape.of(3, 3));
    Tensor constant = Tensor.parameter(type, random(1, 3, 3).buffer().toHost());
    Tensor folded = constant.permute(1, 0).softmax();
    Tensor x = random(2, 3, 3);
    assertEquals(1, planned(in -> in.matmul(folded), x).size());
    float[] expected = alone(x.matmul(alone(alone(constant.permute(1, 0)).softmax()))).toFloats();
    assertArrayEquals(expected, alone(x.matmul(folded)).toFloats());
  }

  @Test
  void reshapesAndContiguousSlicesCostNothing() {
    Tensor x = random(1, 4, 6);
    Function<Tensor, Tensor> f = in -> in.exp().slice(0, 1, 3).reshape(3, 4).slice(0, 1, 2).neg();
    long kernels =
        planned(f, x).stream()
            .filter(o -> o instanceof io.github.f2d4j.engine.op.ElementwiseOp)
            .count();
    assertEquals(2, kernels);
    float[] e = x.toFloats();
    float[] y = alone(f.apply(x)).toFloats();
    for (int i = 0; i < 4; i++) {
      assertEquals(-Math.exp(e[6 + 4 + i]), y[i], 1e-5);
    }
  }

  @Test
  void aSliceCanBeAResultOfItsOwn() {
    Tensor x = random(1, 4, 3);
    Tensor doubled = x.mul(2f);
    Tensor top = doubled.slice(0, 0, 2);
    Tensor bottom = doubled.slice(0, 2, 4);
    onReference(
        () -> {
          Tensor.eval(List.of(top, bottom, doubled));
          return 0;
        });
    float[] whole = doubled.toFloats();
    for (int i = 0; i < 6; i++) {
      assertEquals(2 * x.toFloats()[i], whole[i]);
      assertEquals(whole[i], top.toFloats()[i]);
      assertEquals(whole[6 + i], bottom.toFloats()[i]);
    }
  }

  @Test
  void aLongChainOverflowsNoStack() {
    Tensor t = Tensor.scalar(0);
    for (int i = 0; i < 20_000; i++) {
      t = t.add(1f);
    }
    Tensor last = t;
    assertEquals(20_000f, onReference(last::item));
  }

  @Test
  void aCompiledFunctionServesManyThreads() throws Exception {
    Tensor w = random(2, 6, 6);
    CompiledFunction f =
        onReference(
            () ->
                CompiledFunction.of(
                    in -> List.of(in.get(1).linear(w, null).softmax(), in.get(0).neg()),
                    TensorType.f32(Shape.of(2)),
                    TensorType.f32(Shape.of(3, 6))));
    Tensor x = random(1, 3, 6);
    float[] expected = alone(x.linear(w, null).softmax()).toFloats();
    List<Thread> threads =
        java.util.stream.IntStream.range(0, 8)
            .mapToObj(
                i ->
                    Thread.ofPlatform()
                        .unstarted(
                            () -> {
                              for (int j = 0; j < 50; j++) {
                                List<Tensor> y =
                                    f.call(Tensor.of(new float[] {i + 1, j + 1}, 2), x);
                                assertArrayEquals(expected, y.get(0).toFloats());
                                assertArrayEquals(
                                    new float[] {-i - 1, -j - 1}, y.get(1).toFloats());
                              }
                            }))
            .toList();
    List<Throwable> failures = new java.util.concurrent.CopyOnWriteArrayList<>();
    for (Thread t : threads) {
      t.setUncaughtExceptionHandler((thread, e) -> failures.add(e));
      t.start();
    }
    for (Thread t : threads) {
      t.join();
    }
    assertEquals(List.of(), failures);
  }

  @Test
  void aCompiledFunctionRefusesOtherTypes() {
    CompiledFunction f =
        onReference(
            () -> CompiledFunction.of(in -> List.of(in.get(0).neg()), TensorType.f32(Shape.of(2))));
    var e = assertThrows(IllegalArgumentException.class, () -> f.call(random(1, 3)));
    assertTrue(e.getMessage().contains("compiled for [F32[2]]"), e.getMessage());
  }

  @Test
  void narrowTypesAreReadAndWritten() {
    Tensor x = random(1, 9);
    float[] exact = x.toFloats();
    float[] half = alone(x.cast(DType.F16)).toFloats();
    float[] brain = alone(x.cast(DType.BF16)).toFloats();
    for (int i = 0; i < 9; i++) {
      assertEquals(Float.float16ToFloat(Float.floatToFloat16(exact[i])), half[i]);
      assertEquals(exact[i], brain[i], Math.abs(exact[i]) / 256);
    }
  }

  @Test
  void aPlaceholderHasNoValue() {
    Tensor p = Tensor.placeholder(TensorType.f32(Shape.of(2)));
    assertThrows(IllegalStateException.class, p::toFloats);
    assertThrows(IllegalStateException.class, () -> alone(p.neg()));
  }
}
