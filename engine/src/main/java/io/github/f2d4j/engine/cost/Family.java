package io.github.f2d4j.engine.cost;

import io.github.f2d4j.engine.op.AttendOp;
import io.github.f2d4j.engine.op.ConvolveOp;
import io.github.f2d4j.engine.op.ElementwiseOp;
import io.github.f2d4j.engine.op.MatMulOp;
import io.github.f2d4j.engine.op.MovementOp;
import io.github.f2d4j.engine.op.NormalizeOp;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.op.ReduceOp;

/** The families of operators. */
public enum Family {
  /** {@link MatMulOp}. */
  MATMUL,
  /** {@link ConvolveOp}. */
  CONVOLVE,
  /** {@link AttendOp}. */
  ATTEND,
  /** {@link NormalizeOp}. */
  NORMALIZE,
  /** {@link ElementwiseOp}. */
  ELEMENTWISE,
  /** {@link ReduceOp}. */
  REDUCE,
  /** {@link MovementOp}. */
  MOVEMENT;

  /** The family of {@code op}. */
  public static Family of(Op op) {
    return switch (op) {
      case MatMulOp _ -> MATMUL;
      case ConvolveOp _ -> CONVOLVE;
      case AttendOp _ -> ATTEND;
      case NormalizeOp _ -> NORMALIZE;
      case ElementwiseOp _ -> ELEMENTWISE;
      case ReduceOp _ -> REDUCE;
      case MovementOp _ -> MOVEMENT;
    };
  }
}
