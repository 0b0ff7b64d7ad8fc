package io.github.f2d4j.kernels.ptx;

/** Finds the family of an instruction. */
final class Decoder {
  private Decoder() {}

  static Operation decode(Mnemonic name, Operands operands) {
    return switch (name.base()) {
      case "mov", "cvta", "selp" -> Moves.decode(name, operands);
      case "ld", "st" -> MemoryAccess.decode(name, operands);
      case "cp" -> AsyncCopies.decode(name, operands);
      case "cvt" -> Conversions.decode(name, operands);
      case "setp" -> Comparisons.decode(name, operands);
      case "and", "or", "xor", "not", "shl", "shr", "bfi" -> BitArithmetic.decode(name, operands);
      case "shfl" -> WarpExchange.decode(name, operands);
      case "ldmatrix", "mma" -> TensorCores.decode(name, operands);
      case "ex2", "lg2", "rcp", "rsqrt", "sqrt", "sin", "cos", "tanh", "fma", "copysign" ->
          FloatArithmetic.decode(name, operands);
      case "add", "sub", "mul", "div", "min", "max", "neg", "abs" ->
          name.type() == PtxType.F32
              ? FloatArithmetic.decode(name, operands)
              : IntegerArithmetic.decode(name, operands);
      case "mad", "rem" -> IntegerArithmetic.decode(name, operands);
      default -> throw name.unknown();
    };
  }
}
