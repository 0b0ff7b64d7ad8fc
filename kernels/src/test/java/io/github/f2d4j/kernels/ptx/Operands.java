package io.github.f2d4j.kernels.ptx;

import java.util.ArrayList;
import java.util.List;

/** What follows an instruction's name. Registers are given as the index of their lane 0. */
final class Operands {
  private final List<String> texts;
  private final KernelScope scope;

  Operands(String list, KernelScope scope) {
    this.texts = split(list);
    this.scope = scope;
  }

  /** Splits at the commas outside braces and brackets. */
  private static List<String> split(String list) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i <= list.length(); i++) {
      char c = i < list.length() ? list.charAt(i) : ',';
      if (c == '{' || c == '[') {
        depth++;
      } else if (c == '}' || c == ']') {
        depth--;
      } else if (c == ',' && depth == 0) {
        String part = list.substring(start, i).trim();
        if (!part.isEmpty()) {
          parts.add(part);
        }
        start = i + 1;
      }
    }
    return parts;
  }

  int count() {
    return texts.size();
  }

  String text(int i) {
    if (i >= texts.size()) {
      throw new KernelFault(
          KernelFault.Kind.SYNTAX, "operand " + i + " is missing, there are only " + texts);
    }
    return texts.get(i);
  }

  int register(int i) {
    return scope.register(text(i)) * 32;
  }

  /** {@code p} and {@code q} of {@code p|q}; -1 where there is no second. */
  int[] pair(int i) {
    String[] parts = text(i).split("\\|", -1);
    return new int[] {
      scope.register(parts[0].trim()) * 32,
      parts.length > 1 ? scope.register(parts[1].trim()) * 32 : -1
    };
  }

  boolean isVector(int i) {
    return text(i).startsWith("{");
  }

  /** The registers of {@code {a,b,…}}, or of a single one. */
  int[] registers(int i) {
    if (!isVector(i)) {
      return new int[] {register(i)};
    }
    String inner = text(i).substring(1, text(i).length() - 1);
    return split(inner).stream().mapToInt(name -> scope.register(name) * 32).toArray();
  }

  int number(int i) {
    return Integer.parseInt(text(i));
  }

  /**
   * An address.
   *
   * @param register its register, or -1 for an offset into the parameters
   */
  record Address(int register, int offset) {
    long in(Warp warp, int lane) {
      return register < 0 ? offset : warp.registers[register + lane] + offset;
    }
  }

  /** {@code [register+offset]}. */
  Address address(int i) {
    String inner = text(i).substring(1, text(i).length() - 1);
    int plus = inner.indexOf('+');
    int offset = plus < 0 ? 0 : Integer.parseInt(inner.substring(plus + 1).trim());
    String base = plus < 0 ? inner : inner.substring(0, plus).trim();
    if (scope.isParameter(base)) {
      return new Address(-1, scope.parameterOffset(base) + offset);
    }
    return new Address(scope.register(base) * 32, offset);
  }
}
