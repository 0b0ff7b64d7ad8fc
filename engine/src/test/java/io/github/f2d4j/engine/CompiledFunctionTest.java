package io.github.f2d4j.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Region;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompiledFunctionTest {
  private static final int IN = 37;
  private static final int OUT = 21;

  private final Region region = new Region();

  private Tensor parameter(int... dims) {
    TensorType type = TensorType.f32(Shape.of(dims));
    HostBuffer memory = region.allocate(type.bytes());
    for (int i = 0; i < type.shape().elements(); i++) {
      memory.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, i % 11 - 5);
    }
    return Tensor.parameter(type, memory);
  }

  @Test
  void whatIsPackedBeforehandIsNotPackedByTheCall() {
    Tensor weight = parameter(OUT, IN);
    Tensor bias = parameter(OUT);
    Tensor x = Tensor.of(new float[3 * IN], 3, IN).add(Tensor.of(new float[] {0.5f}, 1));
    CompiledFunction function =
        CompiledFunction.of(in -> List.of(in.getFirst().linear(weight, bias)), x.type());
    long before = region.allocatedBytes();
    function.pack();
    long packed = region.allocatedBytes();
    assertTrue(packed - before >= 4 * OUT * IN, packed - before + " bytes were packed");
    float[] result = function.call(x).getFirst().toFloats();
    function.pack();
    assertEquals(packed, region.allocatedBytes());
    assertArrayEquals(x.linear(weight, bias).toFloats(), result);
  }
}
