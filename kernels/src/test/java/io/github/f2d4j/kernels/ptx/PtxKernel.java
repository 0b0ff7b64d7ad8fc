package io.github.f2d4j.kernels.ptx;

import java.util.List;

/** A kernel that is ready to run. */
final class PtxKernel {
  /** A register with a fixed value. */
  record Constant(int register, long value) {}

  private final String name;
  private final List<Parameter> parameters;
  private final Instruction[] code;
  private final boolean[] executed;
  private final int registers;
  private final List<Constant> constants;
  private final int staticShared;
  private final int maxThreads;

  /** A parameter, and where it lies in the parameter memory. */
  record Parameter(PtxType type, int offset) {}

  PtxKernel(
      String name,
      List<Parameter> parameters,
      Instruction[] code,
      int registers,
      List<Constant> constants,
      int staticShared,
      int maxThreads) {
    this.name = name;
    this.parameters = List.copyOf(parameters);
    this.code = code;
    this.executed = new boolean[code.length];
    this.registers = registers;
    this.constants = List.copyOf(constants);
    this.staticShared = staticShared;
    this.maxThreads = maxThreads;
  }

  String name() {
    return name;
  }

  List<Parameter> parameters() {
    return parameters;
  }

  Instruction[] code() {
    return code;
  }

  /** Which instructions any launch has executed so far. */
  boolean[] executed() {
    return executed;
  }

  /** How many registers a thread has, constants among them. */
  int registers() {
    return registers;
  }

  List<Constant> constants() {
    return constants;
  }

  /** Bytes of shared memory declared in the text; dynamic memory follows. */
  int staticShared() {
    return staticShared;
  }

  /** The most threads of a block. */
  int maxThreads() {
    return maxThreads;
  }
}
