package io.github.f2d4j.kernels.ptx;

import io.github.f2d4j.kernels.ptx.Operands.Address;

/** ld and st, of parameters, shared and global memory, single or by vectors. */
final class MemoryAccess {
  private MemoryAccess() {}

  static Operation decode(Mnemonic name, Operands o) {
    return switch (name.base() + "." + name.part(1)) {
      case "ld.param" -> parameter(name, o);
      case "ld.shared" -> load(name, o, true);
      case "ld.global" -> load(name, o, false);
      case "st.shared" -> store(name, o, true);
      case "st.global" -> store(name, o, false);
      default -> throw name.unknown();
    };
  }

  private static Operation parameter(Mnemonic name, Operands o) {
    int target = o.register(0);
    Address address = o.address(1);
    int size = name.type().bytes();
    return (warp, lanes) -> {
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        Memory parameters = warp.block.parameters;
        int at = parameters.place(address.in(warp, lane), size);
        warp.registers[target + lane] = parameters.get(at, size);
      }
    };
  }

  private static Operation load(Mnemonic name, Operands o, boolean shared) {
    int[] targets = o.registers(0);
    Address address = o.address(1);
    PtxType type = name.type();
    int size = type.bytes();
    int total = size * targets.length;
    boolean constant = name.has("nc");
    return (warp, lanes) -> {
      ThreadBlock block = warp.block;
      Memory memory = block.shared;
      int at = -1;
      long last = -1;
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        long from = address.in(warp, lane);
        if (from != last) { // what a neighbour has just read needs no second look
          memory = shared ? memory : block.global(from);
          at = memory.place(shared ? from : DeviceBuffer.offset(from), total);
          if (constant) {
            memory.log.readConstant(block.clock, warp.index, at, total);
          } else {
            memory.log.read(block.clock, warp.index, at, total);
          }
          last = from;
        }
        for (int i = 0; i < targets.length; i++) {
          warp.registers[targets[i] + lane] = type.read(memory.get(at + i * size, size));
        }
      }
    };
  }

  private static Operation store(Mnemonic name, Operands o, boolean shared) {
    Address address = o.address(0);
    int[] sources = o.registers(1);
    int size = name.type().bytes();
    int total = size * sources.length;
    return (warp, lanes) -> {
      ThreadBlock block = warp.block;
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        long to = address.in(warp, lane);
        Memory memory = shared ? block.shared : block.global(to);
        int at = memory.place(shared ? to : DeviceBuffer.offset(to), total);
        memory.log.write(block.clock, warp.index, at, total);
        for (int i = 0; i < sources.length; i++) {
          memory.put(at + i * size, size, warp.registers[sources[i] + lane]);
        }
      }
    };
  }
}
