package io.github.f2d4j.engine.cpu.elementwise;

import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.cpu.elementwise.ElementwiseProgram.View;
import io.github.f2d4j.engine.cpu.kernel.Casts;
import io.github.f2d4j.engine.cpu.kernel.CpuKernel;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.op.Broadcast;
import io.github.f2d4j.engine.op.ElementwiseOp;
import io.github.f2d4j.engine.op.ElementwiseOp.Affine;
import io.github.f2d4j.engine.op.ElementwiseOp.Binary;
import io.github.f2d4j.engine.op.ElementwiseOp.BinaryKind;
import io.github.f2d4j.engine.op.ElementwiseOp.Cast;
import io.github.f2d4j.engine.op.ElementwiseOp.Chain;
import io.github.f2d4j.engine.op.ElementwiseOp.ChainStep;
import io.github.f2d4j.engine.op.ElementwiseOp.Clamp;
import io.github.f2d4j.engine.op.ElementwiseOp.Geglu;
import io.github.f2d4j.engine.op.ElementwiseOp.LeakyRelu;
import io.github.f2d4j.engine.op.ElementwiseOp.Prelu;
import io.github.f2d4j.engine.op.ElementwiseOp.Unary;
import io.github.f2d4j.engine.op.ElementwiseOp.UnaryKind;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Compiles the operators of {@link ElementwiseOp}. */
public final class ElementwiseKernels {
  /** Elements of a cast that are worth a task of their own. */
  private static final int CAST_TASK = 1 << 16;

  private ElementwiseKernels() {}

  /** The kernel that computes {@code op} of {@code inputs}, with the threads of {@code pool}. */
  public static Kernel compile(
      ElementwiseOp op, List<Operand> inputs, TensorType output, WorkPool pool) {
    Shape to = output.shape();
    return switch (op) {
      case Unary _, LeakyRelu _, Clamp _, Affine _ -> one(op, inputs, to, pool);
      case Binary _, Prelu _ -> one(op, inputs, to, pool);
      case Chain c -> program(c.steps(), broadcast(inputs, to), inputs, to, pool);
      case Geglu _ -> geglu(inputs, to, pool);
      case Cast c -> cast(inputs, c.to(), to.elements(), pool);
    };
  }

  private static Kernel one(ElementwiseOp op, List<Operand> inputs, Shape to, WorkPool pool) {
    List<Integer> operands = inputs.size() == 1 ? List.of(0) : List.of(0, 1);
    return program(List.of(new ChainStep(op, operands)), broadcast(inputs, to), inputs, to, pool);
  }

  private static List<View> broadcast(List<Operand> inputs, Shape to) {
    return inputs.stream().map(o -> new View(Broadcast.strides(o.type().shape(), to), 0)).toList();
  }

  private static Kernel program(
      List<ChainStep> steps, List<View> views, List<Operand> inputs, Shape to, WorkPool pool) {
    ElementwiseProgram program = new ElementwiseProgram(to.dims(), views, steps);
    return CpuKernel.widening(
        inputs, program.scratchBytes(pool), (x, y, scratch) -> program.run(pool, x, y, scratch));
  }

  /** The input is read twice: its first and its second half of the last axis. */
  private static Kernel geglu(List<Operand> inputs, Shape to, WorkPool pool) {
    long[] strides = inputs.getFirst().type().shape().strides();
    List<View> views = List.of(new View(strides, 0), new View(strides, to.dim(-1)));
    List<ChainStep> steps =
        List.of(
            new ChainStep(new Unary(UnaryKind.GELU), List.of(1)),
            new ChainStep(new Binary(BinaryKind.MUL), List.of(0, 2)));
    ElementwiseProgram program = new ElementwiseProgram(to.dims(), views, steps);
    return CpuKernel.widening(
        inputs,
        program.scratchBytes(pool),
        (x, y, scratch) -> {
          program.run(pool, new MemorySegment[] {x[0], x[0]}, y, scratch);
        });
  }

  private static Kernel cast(List<Operand> inputs, DType to, long n, WorkPool pool) {
    DType from = inputs.getFirst().type().dtype();
    int tasks = Math.toIntExact(Math.ceilDiv(n, CAST_TASK));
    return CpuKernel.plain(
        inputs,
        0,
        (x, y, scratch) ->
            pool.parallel(
                tasks,
                task -> {
                  long i = (long) task * CAST_TASK;
                  long count = Math.min(CAST_TASK, n - i);
                  Casts.cast(from, x[0], i * from.bytes(), to, y, i * to.bytes(), count);
                }));
  }
}
