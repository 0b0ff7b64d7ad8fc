package io.github.f2d4j.kernels.backend;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.f2d4j.engine.op.AttendOp;
import io.github.f2d4j.engine.op.ConvolveOp;
import io.github.f2d4j.engine.op.MatMulOp;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.reference.OperatorCase;
import io.github.f2d4j.engine.reference.OperatorCases;
import io.github.f2d4j.kernels.catalog.PtxSet;
import io.github.f2d4j.kernels.device.SimulatedGpu;
import io.github.f2d4j.kernels.setup.CudaMode;
import io.github.f2d4j.kernels.setup.CudaMode.Convolutions;
import io.github.f2d4j.kernels.setup.CudaMode.Products;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every operator of the engine on a simulated GPU, against the definitions. */
class SimulatedOperatorsTest {
  private static final CudaMode EVERYTHING = new CudaMode(true, Products.FUSED, Convolutions.CUDNN);
  private static final CudaMode LEAST = new CudaMode(true, Products.PLAIN, Convolutions.IM2COL);

  /** Kernels sum in float32 as the CPU does, in another order. */
  private static final double FLOAT32_FACTOR = 4;

  @TestFactory
  Stream<DynamicTest> float32() {
    return tests(PtxSet.SM80, EVERYTHING, Precision.F32, false, _ -> true);
  }

  @TestFactory
  Stream<DynamicTest> float16() {
    return tests(PtxSet.SM80, EVERYTHING, Precision.F16, true, _ -> true);
  }

  /** What has other launches there than elsewhere. */
  @TestFactory
  Stream<DynamicTest> bfloat16OnAnOldGpuWithoutCudnn() {
    return tests(
        PtxSet.SM70,
        LEAST,
        Precision.BF16,
        true,
        op -> op instanceof MatMulOp || op instanceof ConvolveOp || op instanceof AttendOp);
  }

  private static Stream<DynamicTest> tests(
      PtxSet set, CudaMode mode, Precision precision, boolean constant, Predicate<Op> wanted) {
    CudaBackend backend = new CudaBackend(new SimulatedGpu(set, mode), precision);
    return OperatorCases.all().stream()
        .filter(c -> wanted.test(c.op()))
        .map(
            c ->
                dynamicTest(
                    c.toString(),
                    () ->
                        assertNull(
                            c.mismatch(
                                backend, constant, precision.dtype(), allowed(c, precision)))));
  }

  private static double allowed(OperatorCase c, Precision precision) {
    return switch (precision) {
      case F32 -> c.tolerance() * FLOAT32_FACTOR;
      case F16 -> Math.max(c.tolerance(), 0x1p-8);
      case BF16 -> Math.max(c.tolerance(), 0x1p-5);
    };
  }
}
