package io.github.f2d4j.kernels.catalog;

import io.github.f2d4j.engine.op.ElementwiseOp;
import io.github.f2d4j.engine.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Several functions in one pass over the data. The steps are a program in device memory, written
 * there once.
 *
 * @param inputs their shapes: the result's, one element, or a vector along the last axis
 * @param result not empty
 */
public record PointChain(
    ElementType type, ElementwiseOp.Chain chain, List<Shape> inputs, Shape result) {
  /** As many as the kernel has room for. */
  public static final int MAX_INPUTS = 6;

  /** As many as the kernel has room for. */
  public static final int MAX_STEPS = 12;

  private static final int FULL = 0;
  private static final int SCALAR = 1;
  private static final int LAST_AXIS = 2;

  /** Checks the sizes. */
  public PointChain {
    inputs = List.copyOf(inputs);
    if (inputs.size() != chain.inputs()
        || inputs.isEmpty()
        || inputs.size() > MAX_INPUTS
        || chain.steps().size() > MAX_STEPS) {
      throw new IllegalArgumentException(
          "PointChain: 1 to %d inputs and at most %d steps are supported, not %s with %d steps"
              .formatted(MAX_INPUTS, MAX_STEPS, inputs, chain.steps().size()));
    }
    Geometry.indexable("PointChain", result.elements());
    for (Shape input : inputs) {
      kind(input, result);
    }
  }

  private static int kind(Shape input, Shape result) {
    if (input.equals(result)) {
      return FULL;
    }
    if (input.elements() == 1) {
      return SCALAR;
    }
    if (input.rank() == 1 && result.rank() > 0 && input.dim(0) == result.dim(-1)) {
      return LAST_AXIS;
    }
    throw new IllegalArgumentException(
        "PointChain: an input has the result's shape "
            + result
            + ", one element, or its last axis, but not "
            + input);
  }

  /** What the launch reads as program: 32-bit numbers. */
  public int[] program() {
    List<Integer> words = new ArrayList<>();
    for (ElementwiseOp.ChainStep step : chain.steps()) {
      PointFunction function = PointFunction.of(step.op());
      words.add(function.number());
      words.add(step.operands().getFirst());
      words.add(step.operands().getLast());
      words.add(Float.floatToRawIntBits(function.alpha()));
      words.add(Float.floatToRawIntBits(function.beta()));
    }
    return words.stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * The launch.
   *
   * @param program where {@link #program()} lies
   * @param addresses of the inputs
   * @param y may be an input of the result's shape
   */
  public List<KernelLaunch> launches(long program, List<Long> addresses, long y) {
    List<Argument> arguments = new ArrayList<>();
    arguments.add(new Argument.Address(program));
    arguments.add(new Argument.Int32(chain.steps().size()));
    int kinds = 0;
    for (int i = 0; i < MAX_INPUTS; i++) {
      boolean there = i < inputs.size();
      arguments.add(new Argument.Address(there ? addresses.get(i) : 0));
      kinds |= there ? kind(inputs.get(i), result) << (2 * i) : 0;
    }
    int count = (int) result.elements();
    arguments.add(new Argument.Int32(inputs.size()));
    arguments.add(new Argument.Int32(kinds));
    arguments.add(new Argument.Address(y));
    arguments.add(new Argument.Int32(count));
    arguments.add(new Argument.Int32(result.rank() == 0 ? 1 : result.dim(-1)));
    return List.of(
        new KernelLaunch(
            "elementwise_any",
            "chain_" + type.suffix(),
            Geometry.looping(count),
            Dim3.of(Geometry.BLOCK),
            0,
            arguments));
  }
}
