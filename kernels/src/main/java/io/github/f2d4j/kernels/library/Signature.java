package io.github.f2d4j.kernels.library;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * What a C function takes and returns.
 *
 * @param name the function's symbol
 * @param result what it returns
 * @param parameters what it takes, in order
 */
public record Signature(String name, Type result, List<Parameter> parameters) {
  public Signature {
    parameters = List.copyOf(parameters);
    if (parameters.stream().anyMatch(p -> p.type == Type.V)) {
      throw new IllegalArgumentException(name + " takes a V, which only a result can be");
    }
  }

  /** A parameter with the name that NVIDIA's manual gives it. */
  public record Parameter(Type type, String name) {}

  /** The letters of the tables. */
  public enum Type {
    /** An address, of the host or of the device, or a handle. */
    P,
    /** 32 bits: int, unsigned, enumerations. */
    I,
    /** 64 bits: size_t, long long. */
    J,
    /** A double. */
    D,
    /** Nothing; results only. */
    V;

    private MemoryLayout layout() {
      return switch (this) {
        case P -> ValueLayout.ADDRESS;
        case I -> ValueLayout.JAVA_INT;
        case J -> ValueLayout.JAVA_LONG;
        case D -> ValueLayout.JAVA_DOUBLE;
        case V -> throw new IllegalStateException("nothing has no layout");
      };
    }
  }

  /** Reads a line such as {@code I cuInit(I flags)}. */
  static Signature parse(String line) {
    int open = line.indexOf('(');
    int close = line.indexOf(')');
    if (open < 0 || close != line.length() - 1) {
      throw new IllegalArgumentException("not of the form \"I name(P a, I b)\": " + line);
    }
    String[] head = line.substring(0, open).strip().split("\\s+", -1);
    String inside = line.substring(open + 1, close).strip();
    List<Parameter> parameters =
        inside.isEmpty()
            ? List.of()
            : List.of(inside.split("\\s*,\\s*", -1)).stream().map(Signature::parameter).toList();
    return new Signature(head[1], Type.valueOf(head[0]), parameters);
  }

  private static Parameter parameter(String text) {
    String[] words = text.split("\\s+", -1);
    return new Parameter(Type.valueOf(words[0]), words[1]);
  }

  /** The function as the linker wants it described. */
  FunctionDescriptor descriptor() {
    MemoryLayout[] layouts =
        parameters.stream().map(p -> p.type.layout()).toArray(MemoryLayout[]::new);
    return result == Type.V
        ? FunctionDescriptor.ofVoid(layouts)
        : FunctionDescriptor.of(result.layout(), layouts);
  }

  /** The letters alone, result first, for example {@code I:PIIJ}. */
  public String letters() {
    StringBuilder text = new StringBuilder(result + ":");
    parameters.forEach(p -> text.append(p.type));
    return text.toString();
  }
}
