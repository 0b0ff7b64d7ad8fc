package io.github.f2d4j.engine.cpu.amx;

import java.util.ArrayList;
import java.util.List;

/**
 * Instructions in their order, not yet emitted, so that those of the matrix unit and those of
 * vectors can alternate: neither then waits for the other, which run out of order, but not far.
 */
final class Stream {
  /** An instruction, and whether it is a product of tiles. */
  private record Instruction(boolean product, Runnable emit) {}

  private final List<Instruction> all = new ArrayList<>();

  /** Adds what is not a product of tiles. */
  void add(Runnable emit) {
    all.add(new Instruction(false, emit));
  }

  /** Adds a product of tiles. */
  void product(Runnable emit) {
    all.add(new Instruction(true, emit));
  }

  /** Adds another's instructions. */
  void add(Stream other) {
    all.addAll(other.all);
  }

  /** How many they are. */
  int size() {
    return all.size();
  }

  /** Emits them. */
  void emit() {
    all.forEach(i -> i.emit.run());
  }

  /** Emits them, and after each product as many of {@code others} as are due. */
  void alternate(Stream others) {
    long products = all.stream().filter(Instruction::product).count();
    long made = 0;
    int done = 0;
    for (Instruction instruction : all) {
      instruction.emit.run();
      if (instruction.product) {
        made++;
        for (long due = others.size() * made / products; done < due; done++) {
          others.all.get(done).emit.run();
        }
      }
    }
  }
}
