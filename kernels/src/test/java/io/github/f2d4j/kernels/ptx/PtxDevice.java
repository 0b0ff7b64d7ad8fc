package io.github.f2d4j.kernels.ptx;

import io.github.f2d4j.kernels.catalog.Argument;
import io.github.f2d4j.kernels.catalog.ElementType;
import io.github.f2d4j.kernels.catalog.KernelLaunch;
import io.github.f2d4j.kernels.ptx.AccessLog.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A GPU's global memory, and the launch of kernels on it. */
public final class PtxDevice {
  private final List<DeviceBuffer> buffers = new ArrayList<>();
  private int epoch = 1;

  /** Memory with nothing in it: a kernel may not read it before one has written it. */
  public DeviceBuffer allocate(long bytes) {
    DeviceBuffer buffer = new DeviceBuffer(buffers.size() + 1, Math.toIntExact(bytes));
    buffers.add(buffer);
    return buffer;
  }

  /** Memory with these values, rounded to the type. */
  public DeviceBuffer upload(ElementType type, float[] values) {
    DeviceBuffer buffer = allocate((long) values.length * type.bytes());
    buffer.write(type, values);
    return buffer;
  }

  Memory memory(long address) {
    int number = (int) (address >>> 32);
    if (number < 1 || number > buffers.size() || buffers.get(number - 1) == null) {
      throw new KernelFault(
          KernelFault.Kind.OUT_OF_BOUNDS, "no buffer is at %x".formatted(address));
    }
    return buffers.get(number - 1).memory();
  }

  /** Gives a whole buffer back: nobody may touch it any more. */
  public void free(long address) {
    memory(address);
    buffers.set((int) (address >>> 32) - 1, null);
  }

  /** Writes from the host, or for a library: {@code bytes} from {@code address} on. */
  public void write(long address, byte[] bytes) {
    Memory memory = memory(address);
    int at = memory.range(DeviceBuffer.offset(address), bytes.length);
    System.arraycopy(bytes, 0, memory.bytes, at, bytes.length);
    memory.log.fill(at, bytes.length);
  }

  /** Reads to the host, or for a library; all bytes must have been written. */
  public byte[] read(long address, int count) {
    Memory memory = memory(address);
    int at = memory.range(DeviceBuffer.offset(address), count);
    memory.log.requireWritten(at, count);
    return Arrays.copyOfRange(memory.bytes, at, at + count);
  }

  /**
   * Runs a launch to its end.
   *
   * @throws KernelFault at the first thing that is wrong
   */
  public void launch(PtxModule module, KernelLaunch launch) {
    PtxKernel kernel = module.kernel(launch.entry());
    long threads = launch.block().count();
    if (threads > kernel.maxThreads()) {
      throw new KernelFault(
          KernelFault.Kind.LAUNCH,
          kernel.name() + " has at most " + kernel.maxThreads() + " threads, not " + threads);
    }
    Memory parameters = parameters(kernel, launch.arguments());
    int start = epoch;
    for (long i = 0; i < launch.grid().count(); i++) {
      Clock clock = new Clock(start, epoch);
      ThreadBlock block =
          new ThreadBlock(
              this,
              kernel,
              parameters,
              launch.sharedBytes(),
              launch.grid(),
              launch.block(),
              i,
              clock);
      block.run();
      epoch = clock.now + 1;
    }
  }

  private static Memory parameters(PtxKernel kernel, List<Argument> arguments) {
    List<PtxKernel.Parameter> parameters = kernel.parameters();
    if (arguments.size() != parameters.size()) {
      throw new KernelFault(
          KernelFault.Kind.LAUNCH,
          kernel.name() + " has " + parameters.size() + " parameters, not " + arguments.size());
    }
    Memory memory = new Memory("the parameters", parameters.size() * 8);
    for (int i = 0; i < arguments.size(); i++) {
      Argument argument = arguments.get(i);
      PtxType type = parameters.get(i).type();
      boolean fits =
          switch (argument) {
            case Argument.Address _, Argument.Int64 _ -> type == PtxType.U64;
            case Argument.Int32 _ -> type == PtxType.U32;
            case Argument.Float32 _ -> type == PtxType.F32;
          };
      if (!fits) {
        throw new KernelFault(
            KernelFault.Kind.LAUNCH,
            "parameter " + i + " of " + kernel.name() + " is ." + type + ", not " + argument);
      }
      memory.put(parameters.get(i).offset(), argument.bytes(), argument.bits());
    }
    return memory;
  }
}
