package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Runs one operator on seeded random inputs, as a plan would. */
final class KernelRun {
  private KernelRun() {}

  /** Random operands of these types, the same for every call with the same seed. */
  static List<HostBuffer> operands(List<TensorType> types, long seed) {
    List<HostBuffer> buffers = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      Random random = new Random(31 * seed + i);
      TensorType type = types.get(i);
      HostBuffer buffer = HostBuffer.allocate(type.shape().elements() * type.dtype().bytes());
      for (long e = 0; e < type.shape().elements(); e++) {
        put(buffer.segment(), type.dtype(), e, (float) random.nextGaussian());
      }
      buffers.add(buffer);
    }
    return buffers;
  }

  private static void put(MemorySegment m, DType dtype, long i, float value) {
    switch (dtype) {
      case F32 -> m.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i, value);
      case F16 -> m.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * i, Float.floatToFloat16(value));
      case BF16 ->
          m.set(
              ValueLayout.JAVA_SHORT_UNALIGNED,
              2 * i,
              (short) (Float.floatToRawIntBits(value) >>> 16));
      default -> throw new IllegalArgumentException("no test operand of " + dtype);
    }
  }

  /**
   * The result. Output and scratch memory hold NaN before the run, so that nothing can pass by
   * relying on zeros.
   *
   * @param constants whether all inputs but the first are passed as constants
   */
  static float[] run(
      Backend backend, Op op, List<TensorType> types, List<HostBuffer> buffers, boolean constants) {
    TensorType output = op.infer(types);
    List<Operand> inputs = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      inputs.add(new Operand(types.get(i), constants && i > 0));
    }
    Kernel kernel = backend.compile(op, inputs, output);
    List<Buffer> passed = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      Packing packing = inputs.get(i).constant() ? kernel.packing(i) : null;
      passed.add(packing == null ? buffers.get(i) : buffers.get(i).packed(packing));
    }
    HostBuffer out = HostBuffer.allocate(4 * output.shape().elements());
    HostBuffer scratch = HostBuffer.allocate(kernel.scratchBytes());
    out.segment().fill((byte) 0xff);
    scratch.segment().fill((byte) 0xff);
    kernel.run(passed, out, scratch);
    return out.segment().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }
}
