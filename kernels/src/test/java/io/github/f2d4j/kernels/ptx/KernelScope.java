package io.github.f2d4j.kernels.ptx;

import io.github.f2d4j.kernels.ptx.PtxParser.SharedSymbol;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The names of a kernel while it is parsed, and where they live. */
final class KernelScope {
  private final Map<String, SharedSymbol> declared;
  private final Map<String, Integer> sharedOffsets = new HashMap<>();
  private final Map<String, Integer> parameterOffsets = new HashMap<>();
  private final List<PtxKernel.Parameter> parameters = new ArrayList<>();
  private final Deque<Map<String, Integer>> scopes = new ArrayDeque<>();
  private final Map<Long, Integer> literals = new HashMap<>();
  private final List<PtxKernel.Constant> constants = new ArrayList<>();
  private int registers;
  private int parameterBytes;
  private int staticShared;

  /** The register that holds the address of dynamic shared memory, or -1. */
  private int dynamicBase = -1;

  KernelScope(Map<String, SharedSymbol> declared) {
    this.declared = declared;
    scopes.push(new HashMap<>());
  }

  void parameter(String name, PtxType type) {
    int size = type.bytes();
    parameterBytes = (parameterBytes + size - 1) / size * size;
    parameterOffsets.put(name, parameterBytes);
    parameters.add(new PtxKernel.Parameter(type, parameterBytes));
    parameterBytes += size;
  }

  /** A brace: nvcc wraps inline assembly in one, with registers of its own. */
  void open() {
    scopes.push(new HashMap<>());
  }

  void close() {
    scopes.pop();
  }

  /** Declares one register, or {@code count} numbered ones. */
  void declare(String name, String count) {
    if (count == null) {
      scopes.peek().put(name, registers++);
      return;
    }
    for (int i = 0; i < Integer.parseInt(count); i++) {
      scopes.peek().put(name + i, registers++);
    }
  }

  boolean isParameter(String name) {
    return parameterOffsets.containsKey(name);
  }

  int parameterOffset(String name) {
    return parameterOffsets.get(name);
  }

  /** The register of an operand; literals and addresses of shared memory get one of their own. */
  int register(String operand) {
    for (Map<String, Integer> scope : scopes) {
      Integer found = scope.get(operand);
      if (found != null) {
        return found;
      }
    }
    if (declared.containsKey(operand)) {
      return shared(operand);
    }
    if (operand.startsWith("0f")) {
      return literal(Long.parseLong(operand.substring(2), 16));
    }
    if (operand.startsWith("0x")) {
      return literal(Long.parseUnsignedLong(operand.substring(2), 16));
    }
    if (operand.matches("-?\\d+")) {
      return literal(
          operand.startsWith("-") ? Long.parseLong(operand) : Long.parseUnsignedLong(operand));
    }
    throw new KernelFault(KernelFault.Kind.SYNTAX, "unknown operand " + operand);
  }

  private int literal(long value) {
    return literals.computeIfAbsent(
        value,
        v -> {
          constants.add(new PtxKernel.Constant(registers, v));
          return registers++;
        });
  }

  private int shared(String name) {
    SharedSymbol symbol = declared.get(name);
    if (symbol.dynamic()) {
      if (dynamicBase < 0) {
        dynamicBase = registers++;
      }
      return dynamicBase;
    }
    // only what a kernel uses takes room, as with the real assembler
    int offset =
        sharedOffsets.computeIfAbsent(
            name,
            n -> {
              int align = symbol.alignment();
              int at = (staticShared + align - 1) / align * align;
              staticShared = at + symbol.bytes();
              return at;
            });
    return literal(offset);
  }

  PtxKernel kernel(String name, Instruction[] code, int maxThreads) {
    int dynamic = (staticShared + 15) / 16 * 16;
    if (dynamicBase >= 0) {
      constants.add(new PtxKernel.Constant(dynamicBase, dynamic));
    }
    return new PtxKernel(
        name,
        parameters,
        code,
        registers,
        constants,
        dynamicBase >= 0 ? dynamic : staticShared,
        maxThreads);
  }
}
