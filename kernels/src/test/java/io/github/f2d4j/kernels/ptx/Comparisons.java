package io.github.f2d4j.kernels.ptx;

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
    return t == PtxType.F32
        ? Lanes.binary(
            o, (a, b) -> holds(name, relation, FloatArithmetic.f(a), FloatArithmetic.f(b)) ? 1 : 0)
        : Lanes.binary(o, (a, b) -> holds(name, relation, compare(t, a, b)) ? 1 : 0);
  }

  /** The order of two registers read as type t. */
  static int compare(PtxType t, long a, long b) {
    return t.signed()
        ? Long.compare(t.read(a), t.read(b))
        : Long.compareUnsigned(t.read(a), t.read(b));
  }

  private static boolean holds(Mnemonic name, String relation, int order) {
    return switch (relation) {
      case "lt", "lo" -> order < 0;
      case "le", "ls" -> order <= 0;
      case "gt", "hi" -> order > 0;
      case "ge", "hs" -> order >= 0;
      case "eq" -> order == 0;
      case "ne" -> order != 0;
      default -> throw name.unknown();
    };
  }

  /** The relations that end in u hold as well if an operand is no number. */
  private static boolean holds(Mnemonic name, String relation, float a, float b) {
    boolean unordered = Float.isNaN(a) || Float.isNaN(b);
    return switch (relation) {
      case "lt" -> a < b;
      case "le" -> a <= b;
      case "gt" -> a > b;
      case "ge" -> a >= b;
      case "eq" -> a == b;
      case "ne" -> !unordered && a != b;
      case "ltu" -> unordered || a < b;
      case "leu" -> unordered || a <= b;
      case "gtu" -> unordered || a > b;
      case "geu" -> unordered || a >= b;
      case "equ" -> unordered || a == b;
      case "neu" -> unordered || a != b;
      case "num" -> !unordered;
      case "nan" -> unordered;
      default -> throw name.unknown();
    };
  }
}
