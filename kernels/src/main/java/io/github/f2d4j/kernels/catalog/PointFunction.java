package io.github.f2d4j.kernels.catalog;

import io.github.f2d4j.engine.op.ElementwiseOp;
import io.github.f2d4j.engine.op.ElementwiseOp.BinaryKind;
import io.github.f2d4j.engine.op.ElementwiseOp.UnaryKind;

/**
 * A function of one or two numbers, as {@code elementwise_any.cu} knows it.
 *
 * @param number its place in the kernels' list
 * @param alpha slope, minimum or scale, where the function has one
 * @param beta maximum or shift, where the function has one
 */
public record PointFunction(int number, float alpha, float beta) {
  /** The first that has two arguments. */
  private static final int FIRST_BINARY = 20;

  private static final PointFunction PRELU = plain(27);

  private static PointFunction plain(int number) {
    return new PointFunction(number, 0, 0);
  }

  /**
   * The function of an operator.
   *
   * @throws IllegalArgumentException for GEGLU, casts and chains, which have kernels of their own
   */
  public static PointFunction of(ElementwiseOp op) {
    return switch (op) {
      case ElementwiseOp.Unary unary -> of(unary.kind());
      case ElementwiseOp.Binary binary -> of(binary.kind());
      case ElementwiseOp.LeakyRelu leaky -> new PointFunction(17, leaky.slope(), 0);
      case ElementwiseOp.Clamp clamp -> new PointFunction(18, clamp.min(), clamp.max());
      case ElementwiseOp.Affine affine -> new PointFunction(19, affine.scale(), affine.shift());
      case ElementwiseOp.Prelu _ -> PRELU;
      case ElementwiseOp.Geglu _, ElementwiseOp.Cast _, ElementwiseOp.Chain _ ->
          throw new IllegalArgumentException(op + " is no function of one or two numbers");
    };
  }

  /** The function of a kind. */
  public static PointFunction of(UnaryKind kind) {
    return plain(
        switch (kind) {
          case NEG -> 0;
          case ABS -> 1;
          case EXP -> 2;
          case LOG -> 3;
          case SQRT -> 4;
          case RSQRT -> 5;
          case RECIPROCAL -> 6;
          case SQUARE -> 7;
          case TANH -> 8;
          case ERF -> 9;
          case SIGMOID -> 10;
          case SIN -> 11;
          case COS -> 12;
          case RELU -> 13;
          case SILU -> 14;
          case GELU -> 15;
          case QUICK_GELU -> 16;
        });
  }

  /** The function of a kind. */
  public static PointFunction of(BinaryKind kind) {
    return plain(
        switch (kind) {
          case ADD -> FIRST_BINARY;
          case SUB -> 21;
          case MUL -> 22;
          case DIV -> 23;
          case MAX -> 24;
          case MIN -> 25;
          case POW -> 26;
        });
  }

  /** Whether it reads two numbers. */
  public boolean binary() {
    return number >= FIRST_BINARY;
  }
}
