package io.github.f2d4j.engine.reference;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.backend.WorkspacePool;
import io.github.f2d4j.engine.op.AttendOp;
import io.github.f2d4j.engine.op.ConvolveOp;
import io.github.f2d4j.engine.op.ElementwiseOp;
import io.github.f2d4j.engine.op.MatMulOp;
import io.github.f2d4j.engine.op.MovementOp;
import io.github.f2d4j.engine.op.NormalizeOp;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.op.ReduceOp;
import io.github.f2d4j.engine.types.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * Computes every operator in double precision by its definition, one element after the other, and
 * rounds only the result. Slow and obvious on purpose.
 */
public final class ReferenceBackend implements Backend {
  private final WorkspacePool workspaces = new WorkspacePool();

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public String describe() {
    return "reference, plain loops in double precision";
  }

  @Override
  public Kernel compile(Op op, List<Operand> operands, TensorType output) {
    return (inputs, out, scratch) -> {
      List<Values> values = new ArrayList<>();
      for (int i = 0; i < inputs.size(); i++) {
        values.add(Values.read(operands.get(i).type(), inputs.get(i)));
      }
      compute(op, values, output).write(output.dtype(), out);
    };
  }

  static Values compute(Op op, List<Values> in, TensorType output) {
    return switch (op) {
      case ElementwiseOp e -> Elementwise.compute(e, in, output);
      case ReduceOp.Reduce r -> Reducing.compute(r, in.getFirst(), output.shape());
      case MatMulOp.MatMul m -> Products.matMul(m, in, output.shape());
      case ConvolveOp.Conv2d c -> Products.conv2d(c, in, output.shape());
      case ConvolveOp.Pool2d p -> Reducing.pool(p, in.getFirst(), output.shape());
      case NormalizeOp n -> Normalizing.compute(n, in);
      case AttendOp.Attention a -> Products.attention(a, in);
      case MovementOp m -> Movement.compute(m, in, output.shape());
    };
  }

  @Override
  public Buffer allocate(long bytes) {
    return HostBuffer.allocate(bytes);
  }

  @Override
  public Buffer resident(Buffer buffer) {
    return buffer;
  }

  @Override
  public Workspace borrow(long bytes) {
    return workspaces.borrow(bytes);
  }

  @Override
  public void synchronize() {
    // Kernels return when they are done.
  }
}
