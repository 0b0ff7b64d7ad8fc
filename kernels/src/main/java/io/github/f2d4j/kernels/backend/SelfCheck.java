package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.op.Activation;
import io.github.f2d4j.engine.op.AttendOp.Attention;
import io.github.f2d4j.engine.op.ConvolveOp.Conv2d;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.op.Epilogue;
import io.github.f2d4j.engine.op.MatMulOp.MatMul;
import io.github.f2d4j.engine.op.NormalizeOp.GroupNorm;
import io.github.f2d4j.engine.op.NormalizeOp.LayerNorm;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compares a few small results of a backend with the CPU's before anybody relies on it: one for
 * each library and each family of kernels that a denoiser is made of.
 */
public final class SelfCheck {
  /** The largest error per unit of the largest expected number. */
  private static final double ALLOWED = 0.03;

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

  private SelfCheck() {}

  private record Check(Op op, List<Shape> shapes) {
    static Check of(Op op, Shape... shapes) {
      return new Check(op, List.of(shapes));
    }
  }

  private static List<Check> checks() {
    Shape channels = Shape.of(64);
    Shape picture = Shape.of(2, 8, 8, 64);
    Shape filters = Shape.of(64, 64, 3, 3);
    Shape tokens = Shape.of(2, 64, 128);
    Shape width = Shape.of(128);
    Shape weight = Shape.of(64, 128);
    return List.of(
        Check.of(
            new MatMul(false, true, Epilogue.BIAS.withResidual()),
            tokens,
            weight,
            channels,
            Shape.of(2, 64, 64)),
        Check.of(
            new MatMul(false, true, Epilogue.BIAS.with(Activation.GEGLU)),
            tokens,
            weight,
            channels),
        Check.of(
            new Conv2d(Window.of(1, 1), 1, Epilogue.BIAS.withResidual()),
            picture,
            filters,
            channels,
            picture),
        Check.of(new Conv2d(Window.of(2, 1), 1, Epilogue.BIAS), picture, filters, channels),
        Check.of(new GroupNorm(32, 1e-5f, Activation.SILU), picture, channels, channels),
        Check.of(new LayerNorm(1e-5f), tokens, width, width),
        Check.of(new Attention(2, 0.125f, false), tokens, tokens, tokens));
  }

  /** What is wrong with {@code backend}; empty if nothing is. */
  public static List<String> of(Backend backend) {
    Backend cpu = new CpuBackend(WorkPool.shared());
    List<String> wrong = new ArrayList<>();
    for (Check check : checks()) {
      String difference = difference(check, run(cpu, check), run(backend, check));
      if (difference != null) {
        wrong.add(difference);
      }
    }
    return wrong;
  }

  private static float[] run(Backend backend, Check check) {
    List<Operand> operands = new ArrayList<>();
    List<Buffer> buffers = new ArrayList<>();
    List<TensorType> types = new ArrayList<>();
    check.shapes.forEach(shape -> types.add(TensorType.f32(shape)));
    TensorType output = check.op.infer(types);
    for (int i = 0; i < types.size(); i++) {
      TensorType type = types.get(i);
      HostBuffer host = HostBuffer.allocate(type.bytes());
      for (int j = 0; j < type.shape().elements(); j++) {
        // Numbers without order, of which sums neither vanish nor grow.
        host.segment().setAtIndex(FLOAT, j, (j * 7919L + i * 104729L) % 2003 / 2003f - 0.49f);
      }
      buffers.add(host);
      operands.add(new Operand(type, i > 0 && type.shape().rank() != 3));
    }
    // As between operators: the result in the backend's own precision.
    TensorType held = new TensorType(backend.holds(check.op, operands, output), output.shape());
    Kernel kernel = backend.compile(check.op, operands, held);
    return result(backend, kernel, operands, buffers, held);
  }

  private static float[] result(
      Backend backend,
      Kernel kernel,
      List<Operand> operands,
      List<Buffer> buffers,
      TensorType output) {
    List<Buffer> arguments = new ArrayList<>();
    for (int i = 0; i < buffers.size(); i++) {
      var packing = operands.get(i).constant() ? kernel.packing(i) : null;
      arguments.add(
          backend.resident(packing == null ? buffers.get(i) : buffers.get(i).packed(packing)));
    }
    Buffer result = backend.allocate(output.bytes());
    Buffer scratch = backend.allocate(kernel.scratchBytes());
    MemorySegment host;
    try {
      kernel.run(arguments, result, scratch);
      host = result.toHost();
    } finally {
      // Kernels see bare memory; these are what keeps it.
      Reference.reachabilityFence(List.of(kernel, buffers, arguments, scratch));
    }
    float[] values = new float[Math.toIntExact(output.shape().elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(host, output.dtype(), i);
    }
    return values;
  }

  private static float value(MemorySegment host, DType type, int index) {
    return switch (Precision.of(type)) {
      case F32 -> host.getAtIndex(FLOAT, index);
      case F16 -> Float.float16ToFloat(host.getAtIndex(ValueLayout.JAVA_SHORT, index));
      case BF16 -> Float.intBitsToFloat(host.getAtIndex(ValueLayout.JAVA_SHORT, index) << 16);
    };
  }

  private static @Nullable String difference(Check check, float[] expected, float[] actual) {
    double scale = 0;
    for (float e : expected) {
      scale = Math.max(scale, Math.abs(e));
    }
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(actual[i] - expected[i]) <= ALLOWED * scale)) {
        return "the GPU computes %s wrongly: element %d is %s, expected %s; use -Df2d4j.backend=cpu, and report this with what f2d doctor says"
            .formatted(check.op, i, actual[i], expected[i]);
      }
    }
    return null;
  }
}
