package io.github.f2d4j.engine.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.JoinedBuffer;
import io.github.f2d4j.engine.backend.Region;
import io.github.f2d4j.engine.graph.Analysis;
import io.github.f2d4j.engine.graph.Analysis.Kept;
import io.github.f2d4j.engine.graph.Analysis.Packed;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers joined against the same layers alone. */
class JoinedLinearTest {
  private static final int IN = 37;
  private static final int[] OUT = {5, 40, 17};

  private final Region region = new Region();

  private Tensor parameter(DType dtype, int seed, int... dims) {
    TensorType type = new TensorType(dtype, Shape.of(dims));
    HostBuffer memory = region.allocate(type.bytes());
    Random random = new Random(seed);
    for (long i = 0; i < type.shape().elements(); i++) {
      float v = (float) random.nextGaussian();
      switch (dtype) {
        case F16 -> memory.segment().set(ValueLayout.JAVA_SHORT, 2 * i, Float.floatToFloat16(v));
        case BF16 ->
            memory
                .segment()
                .set(ValueLayout.JAVA_SHORT, 2 * i, (short) (Float.floatToIntBits(v) >>> 16));
        default -> memory.segment().set(ValueLayout.JAVA_FLOAT, 4 * i, v);
      }
    }
    return Tensor.parameter(type, memory);
  }

  private List<Linear> layers(List<DType> dtypes, boolean bias) {
    Map<String, Tensor> tensors = new TreeMap<>();
    for (int i = 0; i < OUT.length; i++) {
      tensors.put(i + ".weight", parameter(dtypes.get(i), i, OUT[i], IN));
      tensors.put(i + ".bias", parameter(dtypes.get(i), 10 + i, OUT[i]));
    }
    Weights w = Weights.of("test", tensors);
    return List.of(
        new Linear(w.at(0), IN, OUT[0], bias),
        new Linear(w.at(1), IN, OUT[1], bias),
        new Linear(w.at(2), IN, OUT[2], bias));
  }

  private static Tensor x(int... dims) {
    Random random = new Random(99);
    float[] values = new float[(int) Shape.of(dims).elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, dims);
  }

  @ParameterizedTest
  @CsvSource({"F32,F32,F32", "F16,F16,F16", "BF16,BF16,BF16", "F16,F32,BF16"})
  void aPartHasTheBitsOfItsLayer(DType a, DType b, DType c) {
    for (boolean bias : new boolean[] {false, true}) {
      List<Linear> layers = layers(List.of(a, b, c), bias);
      JoinedLinear joined = new JoinedLinear(layers.toArray(Linear[]::new));
      Tensor x = x(2, 9, IN);
      Tensor all = joined.forward(x);
      assertEquals(Shape.of(2, 9, 5 + 40 + 17), all.shape());
      for (int i = 0; i < OUT.length; i++) {
        assertArrayEquals(
            layers.get(i).forward(x).toFloats(), joined.part(all, i).toFloats(), "layer " + i);
      }
    }
  }

  @Test
  void moreIsAddedToTheBiases() {
    for (DType dtype : List.of(DType.F32, DType.F16)) {
      List<Linear> layers = layers(List.of(dtype, dtype, dtype), true);
      List<Tensor> more = List.of(parameter(dtype, 1, 5), parameter(dtype, 2, 40), x(17));
      JoinedLinear joined = new JoinedLinear(layers, more);
      Tensor x = x(3, IN);
      Tensor all = joined.forward(x);
      for (int i = 0; i < OUT.length; i++) {
        Tensor bias = layers.get(i).bias().cast(DType.F32).add(more.get(i).cast(DType.F32));
        assertArrayEquals(
            x.linear(layers.get(i).weight(), bias).toFloats(), joined.part(all, i).toFloats());
      }
    }
  }

  /** The weights are copied together only while they are packed. */
  @Test
  void nothingIsKeptButThePackedForm() {
    List<Linear> layers = layers(List.of(DType.F16, DType.F16, DType.F16), false);
    JoinedLinear joined = new JoinedLinear(layers.toArray(Linear[]::new));
    Tensor x = x(4, IN);
    CompiledFunction f =
        CompiledFunction.of(in -> List.of(joined.forward(in.getFirst())), x.type());
    Analysis analysis = f.analyze();
    long packed =
        analysis.kept().stream().filter(Packed.class::isInstance).mapToLong(Kept::bytes).sum();
    assertTrue(packed > 0);
    long before = region.allocatedBytes();
    f.call(x);
    f.call(x);
    assertEquals(packed, region.allocatedBytes() - before);
  }

  @Test
  void layersOfTypesAloneArePlannedLikeThoseWithData() {
    Map<String, TensorType> types = new TreeMap<>();
    Map<String, Tensor> tensors = new TreeMap<>();
    for (int i = 0; i < 2; i++) {
      types.put(i + ".weight", new TensorType(DType.F16, Shape.of(OUT[i], IN)));
      tensors.put(i + ".weight", parameter(DType.F16, i, OUT[i], IN));
    }
    Analysis absent = analysis(Weights.ofTypes("types", types));
    Analysis real = analysis(Weights.of("data", tensors));
    assertEquals(absent.steps(), real.steps());
    assertEquals(absent.workspaceBytes(), real.workspaceBytes());
    assertEquals(packed(absent), packed(real));
    assertEquals(2L * IN * (OUT[0] + OUT[1]), parameterBytes(absent));
    assertEquals(2L * IN * (OUT[0] + OUT[1]), parameterBytes(real));
  }

  private static Analysis analysis(Weights w) {
    JoinedLinear joined =
        new JoinedLinear(
            new Linear(w.at(0), IN, OUT[0], false), new Linear(w.at(1), IN, OUT[1], false));
    return Tensor.analyze(
        List.of(joined.forward(Tensor.placeholder(TensorType.f32(Shape.of(3, IN))))));
  }

  private static long packed(Analysis a) {
    return a.kept().stream().filter(Packed.class::isInstance).mapToLong(Kept::bytes).sum();
  }

  private static long parameterBytes(Analysis a) {
    return a.kept().stream()
        .filter(Packed.class::isInstance)
        .mapToLong(k -> ((Packed) k).parameterBytes())
        .sum();
  }

  @Test
  void whatCannotBeJoinedIsRefused() {
    List<Linear> with = layers(List.of(DType.F32, DType.F32, DType.F32), true);
    List<Linear> without = layers(List.of(DType.F32, DType.F32, DType.F32), false);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> new JoinedLinear(with.get(0), without.get(1)));
    assertTrue(String.valueOf(e.getMessage()).contains("bias"), e.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> new JoinedBuffer(List.of(new Region().allocate(4), new Region().allocate(4))));
    assertThrows(IllegalArgumentException.class, () -> new JoinedBuffer(List.of()));
  }

  @Test
  void theContentsOfAJoinedBufferAreThoseOfItsParts() {
    Tensor a = parameter(DType.F32, 1, 3, 2);
    Tensor b = parameter(DType.F32, 2, 1, 2);
    Tensor joined = Tensor.join(List.of(a, b));
    assertTrue(joined.buffer() instanceof JoinedBuffer);
    assertEquals(Shape.of(4, 2), joined.shape());
    assertArrayEquals(Tensor.concat(0, a, b).toFloats(), joined.toFloats());
    assertArrayEquals(b.toFloats(), joined.slice(0, 3, 4).toFloats());
  }
}
