package io.github.f2d4j.kernels.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.kernels.catalog.PtxSet;
import io.github.f2d4j.kernels.device.SimulatedGpu;
import io.github.f2d4j.kernels.setup.CudaMode;
import io.github.f2d4j.kernels.setup.CudaMode.Convolutions;
import io.github.f2d4j.kernels.setup.CudaMode.Products;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** What overflows in float16 is computed again with a wider range. */
class OverflowTest {
  private static final CudaMode EVERYTHING = new CudaMode(true, Products.FUSED, Convolutions.CUDNN);
  private static final int CHANNELS = 16;

  private static float[] drawn(double deviation, long seed, int... dims) {
    Random random = new Random(seed);
    float[] values = new float[Math.toIntExact(Shape.of(dims).elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  private static Tensor parameter(double deviation, long seed, int... dims) {
    Tensor t = Tensor.of(drawn(deviation, seed, dims), dims);
    return Tensor.parameter(t.type(), t.buffer());
  }

  /** As a decoder begins: a convolution whose filters are {@code scale} times too large. */
  private static Callable<float[]> picture(double scale) {
    Tensor x = Tensor.of(drawn(1, 1, 1, 3, 3, CHANNELS), 1, 3, 3, CHANNELS);
    Tensor filter = parameter(scale, 2, CHANNELS, CHANNELS, 3, 3);
    Tensor one = parameter(1, 3, CHANNELS);
    Tensor last = parameter(0.2, 4, CHANNELS, CHANNELS);
    return () ->
        x.conv2d(filter, null, Window.of(1, 1))
            .groupNorm(4, one, one, 1e-5f)
            .reshape(9, CHANNELS)
            .linear(last, null)
            .toFloats();
  }

  private static float[] on(Backend backend, Callable<float[]> body) throws Exception {
    return Backends.using(backend, body);
  }

  private static void assertNear(float[] expected, float[] actual, double allowed) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], allowed, "element " + i);
    }
  }

  private static int launches(SimulatedGpu gpu, String suffix) {
    return gpu.calls().entrySet().stream()
        .filter(e -> e.getKey().endsWith(suffix))
        .mapToInt(e -> e.getValue())
        .sum();
  }

  @Test
  void whatOverflowsIsComputedAgainInBfloat16() throws Exception {
    SimulatedGpu gpu = new SimulatedGpu(PtxSet.SM80, EVERYTHING);
    CudaBackend backend = new CudaBackend(gpu, Precision.F16);
    Callable<float[]> large = picture(1e5);
    float[] expected = on(new CpuBackend(WorkPool.shared()), large);
    float[] actual = on(backend, large);
    assertNear(expected, actual, 0.1);
    assertTrue(launches(gpu, "bf16") > 0, gpu.calls()::toString);
    float[] alone =
        on(new CudaBackend(new SimulatedGpu(PtxSet.SM80, EVERYTHING), Precision.BF16), large);
    assertArrayEquals(alone, actual);
  }

  @Test
  void whatDoesNotOverflowIsNot() throws Exception {
    SimulatedGpu gpu = new SimulatedGpu(PtxSet.SM80, EVERYTHING);
    CudaBackend backend = new CudaBackend(gpu, Precision.F16);
    Callable<float[]> small = picture(0.1);
    assertNear(on(new CpuBackend(WorkPool.shared()), small), on(backend, small), 0.01);
    assertEquals(0, launches(gpu, "bf16"), gpu.calls()::toString);
    // Nor what comes after something that did.
    on(backend, picture(1e5));
    int before = launches(gpu, "bf16");
    on(backend, small);
    assertEquals(before, launches(gpu, "bf16"));
  }

  @Test
  void whereBfloat16IsNotMultipliedItIsFloat32() throws Exception {
    CudaBackend backend = new CudaBackend(new SimulatedGpu(PtxSet.SM70, EVERYTHING), Precision.F16);
    Callable<float[]> large = picture(1e5);
    assertNear(on(new CpuBackend(WorkPool.shared()), large), on(backend, large), 1e-4);
  }

  @Test
  void infinitiesThatAreMeantStay() throws Exception {
    SimulatedGpu gpu = new SimulatedGpu(PtxSet.SM80, EVERYTHING);
    CudaBackend backend = new CudaBackend(gpu, Precision.F16);
    Callable<float[]> logarithms = () -> Tensor.of(new float[] {0, 1}, 2).log().toFloats();
    assertArrayEquals(new float[] {Float.NEGATIVE_INFINITY, 0}, on(backend, logarithms));
    assertFalse(Float.isFinite(on(backend, picture(Float.POSITIVE_INFINITY))[0]));
  }
}
