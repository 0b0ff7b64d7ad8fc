package io.github.f2d4j.kernels.ptx;

import io.github.f2d4j.kernels.ptx.Operands.Address;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * cp.async: copies from global to shared memory that land only when their group is waited for.
 * Until then the target holds a value that makes every float NaN, and may not be read.
 */
final class AsyncCopies {
  /** A copy under way: {@code valid} bytes are copied, the rest of {@code size} becomes zero. */
  private record Copy(int target, long source, int size, int valid) {}

  /** Per lane: copies not yet in a group, and groups not yet waited for, oldest first. */
  private final List<List<Copy>> open = new ArrayList<>();

  private final List<Deque<List<Copy>>> groups = new ArrayList<>();

  AsyncCopies() {
    for (int lane = 0; lane < 32; lane++) {
      open.add(new ArrayList<>());
      groups.add(new ArrayDeque<>());
    }
  }

  static Operation decode(Mnemonic name, Operands o) {
    return switch (name.toString()) {
      case "cp.async.cg.shared.global", "cp.async.ca.shared.global" -> copy(o);
      case "cp.async.commit_group" ->
          (warp, lanes) -> {
            for (int rest = lanes; rest != 0; rest &= rest - 1) {
              warp.copies().commit(Integer.numberOfTrailingZeros(rest));
            }
          };
      case "cp.async.wait_group" -> {
        int keep = o.number(0);
        yield (warp, lanes) -> {
          for (int rest = lanes; rest != 0; rest &= rest - 1) {
            warp.copies().await(warp, Integer.numberOfTrailingZeros(rest), keep);
          }
        };
      }
      default -> throw name.unknown();
    };
  }

  /** cp.async [shared], [global], size, valid. */
  private static Operation copy(Operands o) {
    Address to = o.address(0);
    Address from = o.address(1);
    int size = o.number(2);
    int validRegister = o.count() > 3 ? o.register(3) : -1;
    return (warp, lanes) -> {
      ThreadBlock block = warp.block;
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        int valid = validRegister < 0 ? size : (int) warp.registers[validRegister + lane];
        if (valid < 0 || valid > size) {
          throw new KernelFault(
              KernelFault.Kind.OUT_OF_BOUNDS, valid + " bytes of a copy of " + size);
        }
        int target = block.shared.place(to.in(warp, lane), size);
        long source = from.in(warp, lane);
        if (valid > 0) {
          Memory memory = block.global(source);
          int at = memory.place(DeviceBuffer.offset(source), size);
          memory.log.readConstant(block.clock, warp.index, at, valid);
        }
        block.shared.log.beginCopy(block.clock, warp.index, target, size);
        Arrays.fill(block.shared.bytes, target, target + size, (byte) -1);
        warp.copies().open.get(lane).add(new Copy(target, source, size, valid));
      }
    };
  }

  private void commit(int lane) {
    groups.get(lane).addLast(List.copyOf(open.get(lane)));
    open.get(lane).clear();
  }

  private void await(Warp warp, int lane, int keep) {
    Deque<List<Copy>> waiting = groups.get(lane);
    while (waiting.size() > keep) {
      for (Copy copy : waiting.removeFirst()) {
        land(warp, copy);
      }
    }
  }

  private static void land(Warp warp, Copy copy) {
    Memory shared = warp.block.shared;
    shared.log.write(warp.block.clock, warp.index, copy.target, copy.size);
    Arrays.fill(shared.bytes, copy.target, copy.target + copy.size, (byte) 0);
    if (copy.valid > 0) {
      byte[] source = warp.block.global(copy.source).bytes;
      int at = (int) DeviceBuffer.offset(copy.source);
      System.arraycopy(source, at, shared.bytes, copy.target, copy.valid);
    }
  }
}
