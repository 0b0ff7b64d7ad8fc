package io.github.f2d4j.kernels.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.kernels.catalog.PtxSet;
import io.github.f2d4j.kernels.device.SimulatedGpu;
import io.github.f2d4j.kernels.setup.CudaMode;
import io.github.f2d4j.kernels.setup.CudaMode.Convolutions;
import io.github.f2d4j.kernels.setup.CudaMode.Products;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Two GPUs at the same time, over the same weights. */
class TwoGpusTest {
  private static final CudaMode EVERYTHING = new CudaMode(true, Products.FUSED, Convolutions.CUDNN);

  /** A GPU that notes which threads launch something. */
  private static final class Watched extends SimulatedGpu {
    private final List<Thread> threads = new ArrayList<>();

    Watched() {
      super(PtxSet.SM80, EVERYTHING);
    }

    @Override
    public synchronized void launch(io.github.f2d4j.kernels.catalog.KernelLaunch launch) {
      if (!threads.contains(Thread.currentThread())) {
        threads.add(Thread.currentThread());
      }
      super.launch(launch);
    }
  }

  @Test
  void eachWorksInItsOwnMemoryForItsOwnThread() throws Exception {
    SmallNetwork network = new SmallNetwork(3, 1);
    Tensor text = SmallNetwork.text(1);
    List<Watched> gpus = List.of(new Watched(), new Watched());
    List<Future<List<float[]>>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (Watched gpu : gpus) {
        running.add(
            threads.submit(
                () -> {
                  CompiledFunction step = network.on(new CudaBackend(gpu, Precision.F16));
                  List<float[]> results = new ArrayList<>();
                  for (int i = 0; i < 4; i++) {
                    Tensor x = network.picture(i);
                    results.add(step.call(x, text).getFirst().toFloats());
                  }
                  return results;
                }));
      }
    }
    for (int i = 0; i < 4; i++) {
      assertArrayEquals(running.get(0).get().get(i), running.get(1).get().get(i), "picture " + i);
    }
    for (Watched gpu : gpus) {
      assertTrue(gpu.usedBytes() > 18_432, "the weights are in both GPUs' memory");
      assertEquals(1, gpu.threads.size());
    }
    long before = gpus.get(1).usedBytes();
    network.region.close();
    assertTrue(before - gpus.get(1).usedBytes() >= 18_432, "and leave both");
  }

  @Test
  void aResultOfOneIsAnArgumentOfTheOther() throws Exception {
    CudaBackend first = new CudaBackend(new SimulatedGpu(PtxSet.SM80, EVERYTHING), Precision.F16);
    CudaBackend second = new CudaBackend(new SimulatedGpu(PtxSet.SM80, EVERYTHING), Precision.F16);
    Tensor x = Tensor.of(new float[] {1, 2, 3}, 3);
    Tensor doubled = Backends.using(first, () -> x.mul(2).eval());
    float[] result = Backends.using(second, () -> doubled.add(1).toFloats());
    assertArrayEquals(new float[] {3, 5, 7}, result);
  }
}
