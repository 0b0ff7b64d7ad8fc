package io.github.f2d4j.engine;

import io.github.f2d4j.engine.backend.AbsentBuffer;
import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.graph.Analysis;
import io.github.f2d4j.engine.graph.Capture;
import io.github.f2d4j.engine.graph.Graph;
import io.github.f2d4j.engine.graph.Node;
import io.github.f2d4j.engine.graph.Plan;
import io.github.f2d4j.engine.graph.PlanCache;
import io.github.f2d4j.engine.types.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * A function over tensors of fixed types, traced once: calling it costs no building or comparing of
 * graphs. Immutable and safe for use by many threads.
 *
 * {@snippet file = "io/github/f2d4j/engine/example/TensorExample.java" region = "compiled"}
 */
public final class CompiledFunction {
  private final List<TensorType> types;
  private final Capture capture;
  private final List<TensorType> resultTypes;
  private final Plan plan;
  private final Backend backend;

  /** Whether the constants are packed; two threads that find it unset pack each but once. */
  private volatile boolean packed;

  private CompiledFunction(
      List<TensorType> types, Function<List<Tensor>, List<Tensor>> function, Backend backend) {
    this.types = types;
    this.backend = backend;
    List<Tensor> inputs = types.stream().map(Tensor::placeholder).toList();
    List<Node> roots = new ArrayList<>(inputs.stream().map(Tensor::node).toList());
    List<Tensor> results = function.apply(inputs);
    this.resultTypes = results.stream().map(Tensor::type).toList();
    results.forEach(t -> roots.add(t.node()));
    // With the inputs as the first results, each is an argument, read or not, and they come first.
    Capture all = Capture.of(roots, backend);
    Graph graph = all.graph();
    List<Integer> wanted = graph.results().subList(inputs.size(), roots.size());
    this.capture =
        new Capture(new Graph(graph.arguments(), graph.steps(), wanted), all.arguments());
    this.plan = PlanCache.shared().get(capture.graph(), backend);
  }

  /**
   * Traces {@code function} for inputs of these types and compiles it for {@link
   * Backends#current()}.
   */
  public static CompiledFunction of(
      Function<List<Tensor>, List<Tensor>> function, TensorType... inputs) {
    return new CompiledFunction(List.of(inputs), function, Backends.current());
  }

  /**
   * Computes the function.
   *
   * @throws IllegalArgumentException if the number or types of the inputs are not those it was
   *     compiled for
   */
  public List<Tensor> call(Tensor... inputs) {
    List<TensorType> given = Arrays.stream(inputs).map(Tensor::type).toList();
    if (!given.equals(types)) {
      throw new IllegalArgumentException(
          "this function was compiled for " + types + " but called with " + given);
    }
    Tensor.eval(List.of(inputs));
    List<Buffer> buffers = arguments(i -> inputs[i].buffer());
    pack(buffers);
    List<Buffer> results = plan.run(buffers);
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      tensors.add(Tensor.of(resultTypes.get(i), results.get(i)));
    }
    return tensors;
  }

  /**
   * Packs the weights that the function reads into the forms its kernels want; otherwise the first
   * call does. Once is enough.
   */
  public void pack() {
    pack(arguments(i -> new AbsentBuffer(types.get(i).bytes(), /* computed= */ true)));
  }

  private void pack(List<Buffer> arguments) {
    if (!packed) {
      plan.pack(arguments);
      packed = true;
    }
  }

  /** The first arguments of the graph are the function's, the others the constants it reads. */
  private List<Buffer> arguments(IntFunction<? extends Buffer> inputs) {
    List<Buffer> buffers = new ArrayList<>();
    for (int i = 0; i < capture.arguments().size(); i++) {
      buffers.add(i < types.size() ? inputs.apply(i) : Tensor.memory(capture.arguments().get(i)));
    }
    return buffers;
  }

  /** What runs: its graph, and how much memory it takes. */
  public Plan plan() {
    return plan;
  }

  /** What a call takes, without running it. */
  public Analysis analyze() {
    return Analysis.of(capture, plan);
  }

  /** The backend it was compiled for. */
  public Backend backend() {
    return backend;
  }
}
