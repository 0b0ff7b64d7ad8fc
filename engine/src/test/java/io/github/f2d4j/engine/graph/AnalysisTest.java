package io.github.f2d4j.engine.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.graph.Analysis.Constant;
import io.github.f2d4j.engine.graph.Analysis.Kept;
import io.github.f2d4j.engine.graph.Analysis.Packed;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is foretold of a computation against what it does. */
class AnalysisTest {
  private static final Shape WEIGHT = Shape.of(33, 20);
  private static final Window SAME = Window.of(1, 1);
  private static final Shape KERNEL = Shape.of(20, 33, 3, 3);

  /** Random weights in memory of their own, as a checkpoint's would lie in a file. */
  private static Tensor real(TensorType type) {
    HostBuffer memory = HostBuffer.allocate(type.bytes());
    byte[] bits = new byte[(int) type.bytes()];
    new Random(1).nextBytes(bits);
    for (int i = 1; i < bits.length; i += 2) {
      bits[i] &= 0x3f; // Neither large nor infinite as F16 or as the upper half of an F32.
    }
    MemorySegment.copy(
        MemorySegment.ofArray(bits), 0, memory.segment(), 0, memory.segment().byteSize());
    return Tensor.parameter(type, memory.segment());
  }

  private record Model(Tensor weight, Tensor kernel, Tensor bias) {
    static Model of(DType dtype, boolean data) {
      List<Tensor> all =
          List.of(WEIGHT, KERNEL, Shape.of(20)).stream()
              .map(s -> new TensorType(dtype, s))
              .map(t -> data ? real(t) : Tensor.parameter(t))
              .toList();
      return new Model(all.get(0), all.get(1), all.get(2));
    }

    /** x [2,4,5,20] → [2,4,5,20]. */
    Tensor forward(Tensor x) {
      Tensor h = x.linear(weight, null).silu();
      return h.conv2d(kernel, bias.cast(DType.F32).mul(2f), SAME).add(x);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void aModelWithoutDataIsForetoldLikeOneWithData(DType dtype) {
    TensorType x = TensorType.f32(Shape.of(2, 4, 5, 20));
    CompiledFunction real = compile(Model.of(dtype, true)::forward, x);
    CompiledFunction absent = compile(Model.of(dtype, false)::forward, x);
    Analysis a = real.analyze();
    Analysis b = absent.analyze();
    assertEquals(a.steps(), b.steps());
    assertEquals(a.workspaceBytes(), b.workspaceBytes());
    assertEquals(real.plan().workspaceBytes(), b.workspaceBytes());
    assertEquals(x.bytes(), b.resultBytes());
    assertEquals(2L * 40 * 20 * 33 + 2L * 40 * 20 * 33 * 9, b.products());
    assertEquals(bytes(a, Packed.class), bytes(b, Packed.class));
    long bias = 4 * 20;
    assertEquals(
        dtype == DType.F32 ? bias : 2 * bias, bytes(b, Constant.class), "widened, then doubled");
    // The parameters of this test lie in no file.
    long parameters = dtype.bytes() * (WEIGHT.elements() + KERNEL.elements() + 20);
    assertEquals(bytes(a, Constant.class) - parameters, bytes(b, Constant.class));
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> absent.call(Tensor.full(1, 2, 4, 5, 20)));
    assertTrue(e.getMessage().contains("without data"), e.getMessage());
  }

  private static CompiledFunction compile(UnaryOperator<Tensor> f, TensorType x) {
    return CompiledFunction.of(in -> List.of(f.apply(in.getFirst())), x);
  }

  private static long bytes(Analysis a, Class<? extends Kept> kind) {
    return a.kept().stream().filter(kind::isInstance).mapToLong(Kept::bytes).sum();
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void packedFormsHaveTheSizeThatIsForetold(DType dtype) {
    Model model = Model.of(dtype, true);
    Analysis a = compile(model::forward, TensorType.f32(Shape.of(1, 6, 7, 20))).analyze();
    int packed = 0;
    for (Kept k : a.kept()) {
      if (k instanceof Packed p) {
        Buffer form = p.packing().pack((HostBuffer) p.parameter());
        assertEquals(form.bytes(), p.bytes(), p.packing().toString());
        packed++;
      }
    }
    assertTrue(packed >= 2, "weight and kernel are packed: " + a.kept());
  }

  /** Two computations over one weight keep one packed form if they want the same. */
  @Test
  void whatIsSharedIsEqual() {
    Model model = Model.of(DType.F16, false);
    Set<Kept> both = new HashSet<>();
    Analysis small = compile(x -> x.linear(model.weight, null), f32(40, 20)).analyze();
    Analysis large = compile(x -> x.linear(model.weight, null), f32(90, 20)).analyze();
    both.addAll(small.kept());
    both.addAll(large.kept());
    assertEquals(small.kept(), both);
    assertEquals(WEIGHT.elements() * 2, ((Packed) both.iterator().next()).parameterBytes());
  }

  @Test
  void lazyValuesAreForetoldWithoutBeingComputed() {
    Tensor x = Tensor.of(new float[12], 3, 4);
    Tensor y = x.mul(2f).exp();
    Analysis a = Tensor.analyze(List.of(y));
    assertEquals(1, a.steps().size(), "one pass over the data");
    assertEquals(48, a.resultBytes());
    float[] ones = new float[12];
    Arrays.fill(ones, 1f);
    assertArrayEquals(ones, y.toFloats());
  }

  /** The pages of a mapped weight are let go once it is packed, and read again when needed. */
  @Test
  void aMappedWeightStaysReadableAfterPacking(@TempDir Path folder) throws Exception {
    float[] values = new float[WEIGHT.dim(0) * WEIGHT.dim(1)];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 7 - 3;
    }
    Path file = folder.resolve("weight");
    Files.write(file, bytesOf(values));
    MemorySegment mapped;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
    }
    Tensor weight = Tensor.parameter(TensorType.f32(WEIGHT), mapped);
    Tensor x = Tensor.full(1, 4, 20);
    float[] expected = x.linear(Tensor.of(values, WEIGHT), null).toFloats();
    CompiledFunction f = compile(in -> in.linear(weight, null), x.type());
    assertTrue(
        f.analyze().kept().stream().allMatch(k -> k instanceof Packed), "mapped is not derived");
    for (int i = 0; i < 2; i++) {
      assertArrayEquals(expected, f.call(x).getFirst().toFloats());
      assertArrayEquals(values, weight.toFloats());
    }
  }

  private static byte[] bytesOf(float[] values) {
    MemorySegment m = Tensor.of(values, values.length).buffer().toHost();
    byte[] bytes = new byte[(int) m.byteSize()];
    MemorySegment.copy(m, 0, MemorySegment.ofArray(bytes), 0, bytes.length);
    return bytes;
  }

  private static TensorType f32(int... dims) {
    return TensorType.f32(Shape.of(dims));
  }
}
