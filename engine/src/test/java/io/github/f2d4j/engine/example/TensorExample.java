package io.github.f2d4j.engine.example;

import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Region;
import io.github.f2d4j.engine.nn.Linear;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.List;
import java.util.Map;

/** Tensors, compiled functions, layers and regions, as their documentation shows them. */
final class TensorExample {
  private TensorExample() {}

  static float[] lazy() {
    // @start region="tensor"
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2); // [2,2], row-major
    Tensor y = x.matmul(x).add(1f).silu(); // nothing is computed yet
    float[] values = y.toFloats(); // one plan: the sum and the activation run inside the product
    // @end
    return values;
  }

  static float[] compiled(Tensor weight, Tensor batch) {
    // @start region="compiled"
    TensorType input = TensorType.f32(Shape.of(8, 64));
    CompiledFunction f =
        CompiledFunction.of(in -> List.of(in.get(0).matmul(weight).softmax()), input);
    Tensor result = f.call(batch).getFirst(); // any number of times, from any thread
    long bytes = f.plan().workspaceBytes(); // what a run borrows, known before it runs
    // @end
    return new float[] {result.toFloats()[0], bytes};
  }

  static Tensor layer(Map<String, Tensor> tensors, Tensor x) {
    // @start region="weights"
    Weights w = Weights.of("classifier", tensors);
    Linear first = new Linear(w.at("first"), 4, 3); // first.weight [3,4], first.bias [3]
    w.verify(); // one error names all that is missing, misshapen, unused or not a number
    Tensor y = first.forward(x);
    // @end
    return y;
  }

  static boolean region() {
    // @start region="region"
    try (Region region = new Region()) {
      HostBuffer memory = region.allocate(2 * 2 * Float.BYTES); // zeros
      Tensor weight = Tensor.parameter(TensorType.f32(Shape.of(2, 2)), memory);
      weight.matmul(weight).eval();
    } // the weight and what was packed of it are gone, the product is not
    // @end
    return true;
  }
}
