package io.github.f2d4j.engine.graph;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.BoundKernel;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.KernelSequence;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.engine.backend.SequenceRunner;
import io.github.f2d4j.engine.graph.Graph.Step;
import io.github.f2d4j.engine.graph.MemoryPlan.Block;
import io.github.f2d4j.engine.profile.FlightRecorder;
import io.github.f2d4j.engine.profile.KernelCall;
import io.github.f2d4j.engine.profile.Profile;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A graph compiled for a backend: a flat list of kernel calls and a place for every value.
 * Immutable; any number of threads may run one plan at the same time, each in borrowed memory.
 */
public final class Plan {
  private final Backend backend;
  private final Graph graph;
  private final Storage storage;
  private final List<Call> calls;
  private final MemoryPlan memory;

  /** Runs all calls as one; null where the backend makes them one after the other. */
  private final @Nullable SequenceRunner unit;

  /** What the calls do, once somebody has looked on; equal whoever makes it first. */
  private volatile @Nullable List<KernelCall> descriptions;

  /**
   * One kernel call.
   *
   * @param value the value it computes
   * @param inputs what it reads, in the form it wants
   * @param scratchBlock its scratch memory's number in the memory plan
   */
  private record Call(Kernel kernel, int value, List<Input> inputs, int scratchBlock) {}

  private sealed interface Input {}

  private record Plain(int value) implements Input {}

  private record Packed(int argument, Packing packing) implements Input {}

  private Plan(Backend backend, Graph graph) {
    this.backend = backend;
    this.graph = graph;
    this.storage = Storage.of(graph, backend);
    List<Block> blocks = new ArrayList<>(storage.blocks());
    this.calls = new ArrayList<>();
    int first = graph.arguments().size();
    for (int i = 0; i < graph.steps().size(); i++) {
      if (storage.isAlias(first + i)) {
        continue;
      }
      Step step = graph.steps().get(i);
      List<Operand> operands = step.inputs().stream().map(storage::operand).toList();
      Kernel kernel = backend.compile(step.op(), operands, storage.operand(first + i).type());
      List<Input> inputs = new ArrayList<>();
      for (int j = 0; j < operands.size(); j++) {
        Packing packing = operands.get(j).constant() ? kernel.packing(j) : null;
        int value = step.inputs().get(j);
        inputs.add(packing == null ? new Plain(value) : new Packed(value, packing));
      }
      blocks.add(new Block(kernel.scratchBytes(), i, i));
      calls.add(new Call(kernel, first + i, inputs, blocks.size() - 1));
    }
    this.memory = MemoryPlan.of(blocks);
    this.unit = backend.runner(new Sequence());
  }

  /** Rewrites {@code graph} for speed and compiles it. */
  public static Plan compile(Graph graph, Backend backend) {
    return new Plan(backend, Rewrites.apply(graph));
  }

  /** The graph that runs, after rewriting. */
  public Graph graph() {
    return graph;
  }

  /** The steps that compute something, in the order in which they run; others are views. */
  public List<Step> steps() {
    return calls.stream().map(c -> graph.step(c.value)).toList();
  }

  /** The forms in which constant arguments are kept packed, by the argument's number. */
  public Map<Integer, Set<Packing>> packings() {
    Map<Integer, Set<Packing>> packings = new TreeMap<>();
    for (Call call : calls) {
      for (Input input : call.inputs) {
        if (input instanceof Packed(int argument, Packing packing)) {
          packings.computeIfAbsent(argument, a -> new LinkedHashSet<>()).add(packing);
        }
      }
    }
    return packings;
  }

  /** Bytes of the memory that holds the results, which a run allocates. */
  public long resultBytes() {
    long bytes = 0;
    for (int i = 0; i < storage.freshCount(); i++) {
      bytes += storage.freshBytes(i);
    }
    return bytes;
  }

  /** Bytes of working memory that a run borrows. */
  public long workspaceBytes() {
    return memory.bytes();
  }

  /** The least working memory with which any placement could run this plan. */
  public long workspaceLowerBound() {
    return memory.lowerBound();
  }

  private static Buffer packed(Packed input, List<? extends Buffer> arguments) {
    return arguments.get(input.argument).packed(input.packing);
  }

  /**
   * Packs all constant arguments, several at a time; a run would pack each where it first meets it,
   * one after the other. What is packed already stays as it is.
   *
   * @param arguments the graph's arguments
   */
  public void pack(List<? extends Buffer> arguments) {
    List<Packed> all = new ArrayList<>();
    for (Call call : calls) {
      for (Input input : call.inputs) {
        if (input instanceof Packed p) {
          all.add(p);
        }
      }
    }
    backend.parallel(all.size(), i -> packed(all.get(i), arguments));
  }

  /**
   * Computes the results.
   *
   * @param arguments the graph's arguments
   * @return the graph's results, in memory of their own or, where a result is an argument under
   *     another shape, in the argument's
   * @throws OutOfMemoryError before anything runs, if the working memory cannot be had
   */
  public List<Buffer> run(List<? extends Buffer> arguments) {
    return run(arguments, backend::allocate);
  }

  /** As {@link #run(List)}, with memory for the results from {@code allocator}. */
  List<Buffer> run(List<? extends Buffer> arguments, LongFunction<? extends Buffer> allocator) {
    try {
      List<Buffer> fresh = new ArrayList<>();
      for (int i = 0; i < storage.freshCount(); i++) {
        fresh.add(allocator.apply(storage.freshBytes(i)));
      }
      Profile profile = Profile.current();
      boolean events = FlightRecorder.wantsKernels();
      boolean observed = profile != null || events;
      if (observed || unit == null || !unit.run(arguments, fresh)) {
        try (Backend.Workspace workspace = backend.borrow(memory.bytes())) {
          Values values = new Values(arguments, fresh, workspace.buffer());
          if (observed) {
            runObserved(values, profile, events);
          } else {
            calls.forEach(call -> values.bind(call).run());
          }
          backend.synchronize();
        }
      } else {
        backend.synchronize();
      }
      Values values = new Values(arguments, fresh, null);
      return graph.results().stream().map(values::buffer).toList();
    } finally {
      // Kernels see bare memory; the buffers are what keeps it.
      Reference.reachabilityFence(arguments);
    }
  }

  /** Waits for each call and times it. */
  private void runObserved(Values values, @Nullable Profile profile, boolean events) {
    List<KernelCall> descriptions = describe();
    for (int i = 0; i < calls.size(); i++) {
      BoundKernel kernel = values.bind(calls.get(i));
      KernelCall description = descriptions.get(i);
      Runnable body =
          () -> {
            kernel.run();
            backend.synchronize();
          };
      long start = System.nanoTime();
      if (events) {
        FlightRecorder.record(description, body);
      } else {
        body.run();
      }
      if (profile != null) {
        profile.add(description, System.nanoTime() - start);
      }
    }
  }

  private List<KernelCall> describe() {
    List<KernelCall> known = descriptions;
    if (known == null) {
      known = calls.stream().map(this::describe).toList();
      descriptions = known;
    }
    return known;
  }

  private KernelCall describe(Call call) {
    Step step = graph.step(call.value);
    List<TensorType> inputs = step.inputs().stream().map(graph::type).toList();
    return KernelCall.of(step.op(), inputs, step.type(), call.kernel.name());
  }

  /** Where the values of one run are. */
  private final class Values {
    private final List<? extends Buffer> arguments;
    private final List<? extends Buffer> fresh;
    private final @Nullable Buffer workspace;

    /**
     * Values in this memory.
     *
     * @param workspace null where only arguments and results are asked for
     */
    Values(
        List<? extends Buffer> arguments,
        List<? extends Buffer> fresh,
        @Nullable Buffer workspace) {
      this.arguments = arguments;
      this.fresh = fresh;
      this.workspace = workspace;
    }

    BoundKernel bind(Call call) {
      List<Buffer> inputs = new ArrayList<>(call.inputs.size());
      for (Input input : call.inputs) {
        inputs.add(
            switch (input) {
              case Plain(int value) -> buffer(value);
              case Packed p -> packed(p, arguments);
            });
      }
      Buffer scratch = planned(memory.offset(call.scratchBlock), call.kernel.scratchBytes());
      return new BoundKernel(call.kernel, inputs, buffer(call.value), scratch);
    }

    private Buffer planned(long offset, long bytes) {
      if (workspace == null) {
        throw new AssertionError("a result lies in working memory");
      }
      return workspace.slice(offset, bytes);
    }

    Buffer buffer(int value) {
      Storage.Place place = storage.place(value);
      long bytes = storage.span(value);
      Buffer base =
          switch (place.home()) {
            case Storage.Argument(int index) -> backend.resident(arguments.get(index));
            case Storage.Fresh(int index) -> fresh.get(index);
            case Storage.Planned(int block) ->
                planned(memory.offset(block) + place.offset(), bytes);
          };
      return place.home() instanceof Storage.Planned || base.bytes() == bytes
          ? base
          : base.slice(place.offset(), bytes);
    }
  }

  /** The calls, for a backend that runs them as one. */
  private final class Sequence implements KernelSequence {
    @Override
    public List<Kernel> kernels() {
      return calls.stream().map(Call::kernel).toList();
    }

    @Override
    public List<Operand> arguments() {
      return graph.arguments();
    }

    @Override
    public List<Long> resultBytes() {
      return IntStream.range(0, storage.freshCount()).mapToObj(storage::freshBytes).toList();
    }

    @Override
    public long workspaceBytes() {
      return memory.bytes();
    }

    @Override
    public List<BoundKernel> bind(
        List<? extends Buffer> arguments, List<? extends Buffer> results, Buffer workspace) {
      Values values = new Values(arguments, results, workspace);
      return calls.stream().map(values::bind).toList();
    }
  }
}
