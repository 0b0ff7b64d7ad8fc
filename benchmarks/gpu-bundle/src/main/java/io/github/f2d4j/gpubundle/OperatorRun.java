package io.github.f2d4j.gpubundle;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.reference.OperatorCase;
import io.github.f2d4j.engine.reference.OperatorCases;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.gpubundle.Step.Precision;
import io.github.f2d4j.kernels.library.CudaException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every operator on the CUDA backend against its definition in double precision. */
final class OperatorRun {
  private OperatorRun() {}

  static int run(Events events, int first, Precision precision, String backend) {
    List<String> obstacles = GoldenRun.obstacles(backend);
    if (!obstacles.isEmpty()) {
      events.notPossible(obstacles);
      return 0;
    }
    Backend cuda = Backends.get(backend);
    events.fact("backend", cuda.describe());
    List<OperatorCase> cases = OperatorCases.all();
    for (OperatorCase c : cases.subList(Math.min(first, cases.size()), cases.size())) {
      events.start(c.toString());
      try {
        String mismatch = mismatch(c, cuda, precision);
        if (mismatch == null) {
          events.pass();
        } else {
          events.fail(mismatch);
        }
      } catch (CudaException e) {
        events.fail(e.getMessage());
        Runtime.getRuntime().halt(StepProcess.AGAIN); // the context may be lost
      } catch (RuntimeException e) {
        events.fail(e.toString());
      }
    }
    return 0;
  }

  /** With operands as they come, and with weights known beforehand. */
  private static @Nullable String mismatch(OperatorCase c, Backend cuda, Precision precision) {
    String plain = c.mismatch(cuda, false, held(precision), allowed(c, precision));
    return plain == null ? c.mismatch(cuda, true, held(precision), allowed(c, precision)) : plain;
  }

  private static DType held(Precision precision) {
    return switch (precision) {
      case F32 -> DType.F32;
      case F16 -> DType.F16;
      case BF16 -> DType.BF16;
    };
  }

  /** A few roundings of the type; in float32 sums are in another order than the CPU's. */
  private static double allowed(OperatorCase c, Precision precision) {
    return switch (precision) {
      case F32 -> 4 * c.tolerance();
      case F16 -> Math.max(c.tolerance(), 0x1p-9);
      case BF16 -> Math.max(c.tolerance(), 0x1p-6);
    };
  }
}
