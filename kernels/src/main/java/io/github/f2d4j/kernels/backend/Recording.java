package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.BoundKernel;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.KernelSequence;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.kernels.backend.GpuBuffer.Allocation;
import io.github.f2d4j.kernels.device.Gpu;
import io.github.f2d4j.kernels.device.GpuRecording;
import io.github.f2d4j.kernels.library.CudaException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A sequence of kernels, recorded on memory of its own: a run copies its arguments in, queues the
 * recording, and copies the results out. An argument that is the one of the run before is not
 * copied again. One thread at a time.
 */
final class Recording {
  private static final WeakReference<Buffer> NOTHING = new WeakReference<>(null);

  private final Gpu gpu;
  private final GpuRecording work;

  /** Of arguments and results. */
  private final GpuBuffer memory;

  /** Where the arguments are read; null for constants, which are read where they are. */
  private final List<@Nullable GpuBuffer> arguments;

  private final List<GpuBuffer> results;

  /** What lies in {@link #arguments}; contents of a buffer do not change. */
  private final List<WeakReference<Buffer>> copied = new ArrayList<>();

  /** Everything that is read, which is not kept alive: weights go when their region is closed. */
  private final List<Allocation> read;

  private boolean open = true;

  private Recording(
      Gpu gpu,
      GpuRecording work,
      GpuBuffer memory,
      List<@Nullable GpuBuffer> arguments,
      List<GpuBuffer> results,
      List<Allocation> read) {
    this.gpu = gpu;
    this.work = work;
    this.memory = memory;
    this.arguments = arguments;
    this.results = results;
    this.read = read;
    arguments.forEach(_ -> copied.add(NOTHING));
  }

  /**
   * Records {@code sequence}.
   *
   * @param given the arguments of a run, of which the constants are used
   * @param workspace of which no other work may expect that it stays as it is
   * @throws OutOfMemoryError if there is not enough for arguments and results
   * @throws CudaException if something cannot be recorded
   * @throws IllegalStateException if a constant has been freed
   */
  static Recording of(
      Gpu gpu, KernelSequence sequence, List<? extends Buffer> given, Buffer workspace) {
    List<Operand> operands = sequence.arguments();
    long bytes = 0;
    for (Operand o : operands) {
      bytes += o.constant() ? 0 : aligned(o.type().bytes());
    }
    for (long result : sequence.resultBytes()) {
      bytes += aligned(result);
    }
    GpuBuffer memory = GpuBuffer.allocate(gpu, Math.max(1, bytes));
    long at = 0;
    List<@Nullable GpuBuffer> arguments = new ArrayList<>();
    List<Buffer> bound = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      if (operands.get(i).constant()) {
        arguments.add(null);
        bound.add(given.get(i));
      } else {
        GpuBuffer place = memory.slice(at, operands.get(i).type().bytes());
        arguments.add(place);
        bound.add(place);
        at += aligned(place.bytes());
      }
    }
    List<GpuBuffer> results = new ArrayList<>();
    for (long result : sequence.resultBytes()) {
      results.add(memory.slice(at, result));
      at += aligned(result);
    }
    try {
      List<BoundKernel> kernels = sequence.bind(bound, results, workspace);
      Set<Allocation> read = new LinkedHashSet<>();
      kernels.forEach(k -> k.inputs().forEach(b -> read.add(((GpuBuffer) b).allocation())));
      GpuRecording work = gpu.record(() -> kernels.forEach(BoundKernel::run));
      return new Recording(gpu, work, memory, arguments, results, List.copyOf(read));
    } catch (RuntimeException | Error e) {
      memory.free();
      throw e;
    }
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, 256) * 256;
  }

  /** Whether it can be run: it has not been closed, and nothing that it reads has been freed. */
  boolean isUsable() {
    return open && read.stream().noneMatch(Allocation::isFreed);
  }

  /** Frees what it holds if it cannot be run any more; whether it can. */
  boolean closeUnlessUsable() {
    if (!isUsable()) {
      close();
    }
    return open;
  }

  /** Queues a run. */
  void run(List<? extends Buffer> given, List<? extends Buffer> wanted) {
    for (int i = 0; i < arguments.size(); i++) {
      GpuBuffer place = arguments.get(i);
      Buffer argument = given.get(i);
      if (place != null && place.bytes() > 0 && !argument.equals(copied.get(i).get())) {
        if (argument instanceof GpuBuffer there && there.isOn(gpu)) {
          gpu.copy(there.address(), place.address(), place.bytes());
        } else {
          gpu.upload(argument.toHost(), place.address());
        }
        copied.set(i, new WeakReference<>(argument));
      }
    }
    work.run();
    for (int i = 0; i < results.size(); i++) {
      GpuBuffer result = results.get(i);
      if (result.bytes() > 0) {
        gpu.copy(result.address(), GpuKernel.address(wanted.get(i)), result.bytes());
      }
    }
  }

  /** Frees what it holds, after all work that was queued. */
  void close() {
    if (open) {
      open = false;
      work.close();
      memory.free();
    }
  }
}
