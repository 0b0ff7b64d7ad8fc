package io.github.f2d4j.kernels.ptx;

import static io.github.f2d4j.kernels.ptx.FloatArithmetic.f;

import java.util.function.LongBinaryOperator;

/** setp. */
final class Comparisons {
  private Comparisons() {}

  static Operation decode(Mnemonic name, Operands o) {
    PtxType t = name.type();
    String relation = name.part(1);
    int last = name.has("ftz") ? 4 : 3;
    if (!name.toString().endsWith(name.part(last - 1))
        || name.toString().split("\\.", -1).length != last) {
      throw name.unknown(); // setp.lt.and.…: combines with a further predicate
    }
    return Lanes.binary(
        o, t == PtxType.F32 ? ofFloats(name, relation) : ofWhole(name, relation, t));
  }

  /** The order of two registers read as type t. */
  static int compare(PtxType t, long a, long b) {
    return t.signed()
        ? Long.compare(t.read(a), t.read(b))
        : Long.compareUnsigned(t.read(a), t.read(b));
  }

  private static LongBinaryOperator ofWhole(Mnemonic name, String relation, PtxType t) {
    return switch (relation) {
      case "lt", "lo" -> (a, b) -> compare(t, a, b) < 0 ? 1 : 0;
      case "le", "ls" -> (a, b) -> compare(t, a, b) <= 0 ? 1 : 0;
      case "gt", "hi" -> (a, b) -> compare(t, a, b) > 0 ? 1 : 0;
      case "ge", "hs" -> (a, b) -> compare(t, a, b) >= 0 ? 1 : 0;
      case "eq" -> (a, b) -> compare(t, a, b) == 0 ? 1 : 0;
      case "ne" -> (a, b) -> compare(t, a, b) != 0 ? 1 : 0;
      default -> throw name.unknown();
    };
  }

  /** The relations that end in u hold as well if an operand is no number. */
  private static LongBinaryOperator ofFloats(Mnemonic name, String relation) {
    return switch (relation) {
      case "lt" -> (a, b) -> f(a) < f(b) ? 1 : 0;
      case "le" -> (a, b) -> f(a) <= f(b) ? 1 : 0;
      case "gt" -> (a, b) -> f(a) > f(b) ? 1 : 0;
      case "ge" -> (a, b) -> f(a) >= f(b) ? 1 : 0;
      case "eq" -> (a, b) -> f(a) == f(b) ? 1 : 0;
      case "ne" -> (a, b) -> f(a) < f(b) || f(a) > f(b) ? 1 : 0;
      case "ltu" -> (a, b) -> f(a) >= f(b) ? 0 : 1;
      case "leu" -> (a, b) -> f(a) > f(b) ? 0 : 1;
      case "gtu" -> (a, b) -> f(a) <= f(b) ? 0 : 1;
      case "geu" -> (a, b) -> f(a) < f(b) ? 0 : 1;
      case "equ" -> (a, b) -> f(a) < f(b) || f(a) > f(b) ? 0 : 1;
      case "neu" -> (a, b) -> f(a) == f(b) ? 0 : 1;
      case "num" -> (a, b) -> Float.isNaN(f(a)) || Float.isNaN(f(b)) ? 0 : 1;
      case "nan" -> (a, b) -> Float.isNaN(f(a)) || Float.isNaN(f(b)) ? 1 : 0;
      default -> throw name.unknown();
    };
  }
}
