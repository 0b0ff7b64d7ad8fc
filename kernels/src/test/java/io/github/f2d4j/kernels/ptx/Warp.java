package io.github.f2d4j.kernels.ptx;

import io.github.f2d4j.kernels.ptx.Instruction.Control;
import java.util.Arrays;

/**
 * 32 threads in step. Where they part, the lanes that are furthest behind run first: loops and
 * branches as compilers lay them out meet again at the first instruction that all must pass.
 */
final class Warp {
  /** More than any tested launch executes in one warp. */
  private static final int MAX_STEPS = 2_000_000;

  final ThreadBlock block;
  final int index;

  /** Lane l of register r is at 32·r + l. */
  final long[] registers;

  /** The lanes that have not returned. */
  int live;

  private final int[] counters = new int[32];
  private final AsyncCopies copies = new AsyncCopies();
  private int steps;

  Warp(ThreadBlock block, int index, int threads) {
    this.block = block;
    this.index = index;
    this.registers = new long[block.kernel.registers() * 32];
    for (PtxKernel.Constant constant : block.kernel.constants()) {
      int at = constant.register() * 32;
      Arrays.fill(registers, at, at + 32, constant.value());
    }
    int lanes = Math.min(32, threads - index * 32);
    live = lanes == 32 ? -1 : (1 << lanes) - 1;
  }

  AsyncCopies copies() {
    return copies;
  }

  /** Runs to the next barrier or to the end. */
  void run() {
    Instruction[] code = block.kernel.code();
    while (live != 0) {
      int counter = Integer.MAX_VALUE;
      for (int rest = live; rest != 0; rest &= rest - 1) {
        counter = Math.min(counter, counters[Integer.numberOfTrailingZeros(rest)]);
      }
      int active = 0;
      for (int rest = live; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        if (counters[lane] == counter) {
          active |= 1 << lane;
        }
      }
      boolean atBarrier =
          active == live ? together(code, counter) : step(code[counter], counter, active);
      if (atBarrier) {
        return;
      }
    }
  }

  /** All lanes at one place: straight on until they part or a barrier comes. */
  private boolean together(Instruction[] code, int start) {
    int counter = start;
    while (true) {
      Instruction instruction = code[counter];
      if (instruction.control() != Control.NEXT) {
        return step(instruction, counter, live);
      }
      execute(instruction, counter, instruction.enabled(registers, live));
      counter++;
    }
  }

  /** One instruction for the active lanes; whether it was a barrier. */
  private boolean step(Instruction instruction, int counter, int active) {
    int enabled = instruction.enabled(registers, active);
    move(active, counter + 1);
    switch (instruction.control()) {
      case NEXT -> execute(instruction, counter, enabled);
      case BRANCH -> {
        count();
        move(enabled, instruction.target());
      }
      case RETURN -> live &= ~enabled;
      case BARRIER -> {
        if (enabled != live) {
          throw new KernelFault(
                  KernelFault.Kind.DIVERGENCE,
                  "only the lanes %08x of %08x reach a barrier".formatted(enabled, live))
              .at(where(instruction, enabled));
        }
        return true;
      }
    }
    return false;
  }

  private void execute(Instruction instruction, int counter, int enabled) {
    count();
    if (enabled == 0) {
      return;
    }
    block.kernel.executed()[counter] = true;
    try {
      instruction.operation().run(this, enabled);
    } catch (KernelFault fault) {
      throw fault.at(where(instruction, enabled));
    }
  }

  private void count() {
    if (++steps > MAX_STEPS) {
      throw new KernelFault(
          KernelFault.Kind.RUNAWAY, "a warp has executed " + steps + " instructions");
    }
  }

  private void move(int lanes, int counter) {
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      counters[Integer.numberOfTrailingZeros(rest)] = counter;
    }
  }

  private String where(Instruction instruction, int lanes) {
    return "%s: %s (%s, warp %d, lanes %08x)"
        .formatted(block.kernel.name(), instruction.text(), block, index, lanes);
  }
}
