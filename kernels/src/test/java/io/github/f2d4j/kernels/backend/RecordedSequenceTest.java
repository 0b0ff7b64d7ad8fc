package io.github.f2d4j.kernels.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.kernels.catalog.PtxSet;
import io.github.f2d4j.kernels.device.GpuRecording;
import io.github.f2d4j.kernels.device.SimulatedGpu;
import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.ptx.KernelFault;
import io.github.f2d4j.kernels.setup.CudaMode;
import io.github.f2d4j.kernels.setup.CudaMode.Convolutions;
import io.github.f2d4j.kernels.setup.CudaMode.Products;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Plans as recordings, which must give the bits that kernels one by one give. */
class RecordedSequenceTest {
  private static final CudaMode EVERYTHING = new CudaMode(true, Products.FUSED, Convolutions.CUDNN);

  private final SimulatedGpu gpu = new SimulatedGpu(PtxSet.SM80, EVERYTHING);
  private final CudaBackend recording = new CudaBackend(gpu, Precision.F16);
  private final CudaBackend oneByOne =
      new CudaBackend(new SimulatedGpu(PtxSet.SM80, EVERYTHING), Precision.F16, false);

  private static float[] run(CompiledFunction function, Tensor... inputs) {
    return function.call(inputs).getFirst().toFloats();
  }

  private static int recordings(SimulatedGpu gpu) {
    return gpu.calls().getOrDefault("recording", 0);
  }

  @Test
  void theThirdRunAndAllAfterItAreRecordings() throws Exception {
    SmallNetwork network = new SmallNetwork(3, 1);
    CompiledFunction recorded = network.on(recording);
    CompiledFunction plain = network.on(oneByOne);
    Tensor text = SmallNetwork.text(1);
    for (int i = 0; i < 6; i++) {
      Tensor x = network.picture(10 + i);
      assertArrayEquals(run(plain, x, text), run(recorded, x, text), "run " + i);
      assertEquals(Math.max(0, i - 1), recordings(gpu), "run " + i);
    }
    // Another text: as large as the first, but not the same.
    Tensor other = SmallNetwork.text(2);
    Tensor x = network.picture(15);
    float[] before = run(recorded, x, text);
    float[] after = run(recorded, x, other);
    assertArrayEquals(run(plain, x, other), after);
    assertFalse(java.util.Arrays.equals(before, after), "the text makes no difference");
    assertTrue(recording.describe().endsWith("steps as one graph"), recording::describe);
  }

  @Test
  void aRecordedRunLaunchesNothingByItself() throws Exception {
    SmallNetwork network = new SmallNetwork(3, 1);
    CompiledFunction recorded = network.on(recording);
    Tensor text = SmallNetwork.text(1);
    for (int i = 0; i < 3; i++) {
      run(recorded, network.picture(i), text);
    }
    int attentions = attentions();
    int copies = gpu.calls().get("copy");
    run(recorded, network.picture(3), text);
    assertEquals(attentions + 1, attentions());
    assertEquals(copies + 1, gpu.calls().get("copy"), "of the result; a text is copied but once");
  }

  private int attentions() {
    return gpu.calls().entrySet().stream()
        .filter(e -> e.getKey().startsWith("attend"))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  @Test
  void resultsOfTheGpuAreArgumentsOfItsRecordings() throws Exception {
    SmallNetwork network = new SmallNetwork(3, 1);
    CompiledFunction recorded = network.on(recording);
    CompiledFunction plain = network.on(oneByOne);
    Tensor text = SmallNetwork.text(1);
    Tensor x = network.picture(1);
    Tensor y = x;
    for (int i = 0; i < 6; i++) {
      x = recorded.call(x, text).getFirst();
      y = plain.call(y, text).getFirst();
    }
    assertArrayEquals(y.toFloats(), x.toFloats());
    assertEquals(4, recordings(gpu));
  }

  @Test
  void plansTakeTurns() throws Exception {
    SmallNetwork small = new SmallNetwork(3, 1);
    SmallNetwork large = new SmallNetwork(5, 2);
    Tensor text = SmallNetwork.text(1);
    List<CompiledFunction> recorded = List.of(small.on(recording), large.on(recording));
    List<CompiledFunction> plain = List.of(small.on(oneByOne), large.on(oneByOne));
    List<SmallNetwork> networks = List.of(small, large);
    for (int i = 0; i < 10; i++) {
      Tensor x = networks.get(i % 2).picture(i);
      assertArrayEquals(
          run(plain.get(i % 2), x, text), run(recorded.get(i % 2), x, text), "run " + i);
    }
    // The larger plan takes the smaller one's memory away, which is then recorded again.
    assertTrue(recordings(gpu) >= 5, gpu.calls()::toString);
  }

  @Test
  void modelsOfOneFormShareAPlanButNoRecording() throws Exception {
    SmallNetwork first = new SmallNetwork(3, 1);
    SmallNetwork second = new SmallNetwork(3, 2);
    CompiledFunction a = first.on(recording);
    CompiledFunction b = second.on(recording);
    assertEquals(a.plan(), b.plan());
    Tensor text = SmallNetwork.text(1);
    Tensor x = first.picture(1);
    float[] expectedA = run(first.on(oneByOne), x, text);
    float[] expectedB = run(second.on(oneByOne), x, text);
    for (int i = 0; i < 4; i++) {
      assertArrayEquals(expectedA, run(a, x, text));
      assertArrayEquals(expectedB, run(b, x, text));
    }
    assertEquals(4, recordings(gpu));
  }

  @Test
  void afterTheWeightsAreGoneNothingIsRunOnTheirMemory() throws Exception {
    SmallNetwork network = new SmallNetwork(3, 1);
    CompiledFunction recorded = network.on(recording);
    Tensor text = SmallNetwork.text(1);
    Tensor x = network.picture(1);
    for (int i = 0; i < 4; i++) {
      run(recorded, x, text);
    }
    int before = recordings(gpu);
    long used = gpu.usedBytes();
    network.region.close();
    // In float16 the filters alone take 4·16·16·9·2 bytes.
    assertTrue(used - gpu.usedBytes() >= 18_432, "the GPU's copies of the weights are freed");
    IllegalStateException gone =
        assertThrows(IllegalStateException.class, () -> run(recorded, x, text));
    assertTrue(gone.getMessage().contains("has been freed"), gone::getMessage);
    assertEquals(before, recordings(gpu));
    // Another model of the same form goes on.
    SmallNetwork next = new SmallNetwork(3, 2);
    CompiledFunction after = next.on(recording);
    float[] expected = run(next.on(oneByOne), x, text);
    for (int i = 0; i < 4; i++) {
      assertArrayEquals(expected, run(after, x, text));
    }
    assertEquals(before + 2, recordings(gpu));
  }

  @Test
  void whatIsTrimmedIsRecordedAgain() throws Exception {
    SmallNetwork network = new SmallNetwork(3, 1);
    CompiledFunction recorded = network.on(recording);
    Tensor text = SmallNetwork.text(1);
    Tensor x = network.picture(1);
    float[] expected = run(network.on(oneByOne), x, text);
    for (int i = 0; i < 9; i++) {
      if (i == 5) {
        recording.trim();
      }
      assertArrayEquals(expected, run(recorded, x, text), "run " + i);
    }
    assertEquals(3 + 3, recordings(gpu));
  }

  @Test
  void threadsShareARecording() throws Exception {
    SmallNetwork network = new SmallNetwork(3, 1);
    CompiledFunction recorded = network.on(recording);
    CompiledFunction plain = network.on(oneByOne);
    Tensor text = SmallNetwork.text(1);
    List<float[]> expected = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      expected.add(run(plain, network.picture(i), text));
    }
    try (ExecutorService pool = Executors.newFixedThreadPool(3)) {
      List<Future<float[]>> results = new ArrayList<>();
      for (int i = 0; i < 9; i++) {
        Tensor x = network.picture(i);
        Callable<float[]> task = () -> run(recorded, x, text);
        results.add(pool.submit(task));
      }
      for (int i = 0; i < 9; i++) {
        assertArrayEquals(expected.get(i), results.get(i).get(), "picture " + i);
      }
    }
    assertTrue(recordings(gpu) > 0);
  }

  @Test
  void recordingsCanBeTurnedOff() throws Exception {
    SimulatedGpu other = new SimulatedGpu(PtxSet.SM80, EVERYTHING);
    CudaBackend off = new CudaBackend(other, Precision.F16, false);
    SmallNetwork network = new SmallNetwork(3, 1);
    CompiledFunction plain = network.on(off);
    for (int i = 0; i < 4; i++) {
      run(plain, network.picture(1), SmallNetwork.text(1));
    }
    assertEquals(0, recordings(other));
    assertTrue(off.describe().endsWith("kernel by kernel"), off::describe);
  }

  @Test
  void whatTheHostLooksAtIsNotRecorded() throws Exception {
    Tensor table = new SmallNetwork(3, 1).picture(3).reshape(9, 16);
    Tensor ids = Tensor.of(new long[] {3, 0, 8}, 3);
    CompiledFunction rows =
        Backends.using(
            recording,
            () ->
                CompiledFunction.of(
                    in -> {
                      Tensor x = in.get(0).gather(in.get(1));
                      for (int i = 0; i < 2 * RecordedSequence.FEWEST_KERNELS; i++) {
                        x = x.softmax();
                      }
                      return List.of(x);
                    },
                    table.type(),
                    ids.type()));
    for (int i = 0; i < 4; i++) {
      run(rows, table, ids);
    }
    assertEquals(0, recordings(gpu));
    assertTrue(recording.describe().endsWith("steps as one graph"), recording::describe);
  }

  // ---- faults that are planted

  /** A GPU that has {@code fault} from the first recording on. */
  private abstract static class FaultyGpu extends SimulatedGpu {
    boolean recorded;

    FaultyGpu() {
      super(PtxSet.SM80, EVERYTHING);
    }

    @Override
    public synchronized GpuRecording record(Runnable body) {
      recorded = true;
      return super.record(body);
    }
  }

  private void requireRefused(SimulatedGpu faulty, String reason) throws Exception {
    CudaBackend backend = new CudaBackend(faulty, Precision.F16);
    SmallNetwork network = new SmallNetwork(3, 1);
    CompiledFunction recorded = network.on(backend);
    CompiledFunction plain = network.on(oneByOne);
    Tensor text = SmallNetwork.text(1);
    for (int i = 0; i < 5; i++) {
      Tensor x = network.picture(i);
      assertArrayEquals(run(plain, x, text), run(recorded, x, text), "run " + i);
    }
    assertTrue(recordings(faulty) <= 1, faulty.calls()::toString);
    assertTrue(backend.describe().contains(reason), backend::describe);
  }

  @Test
  void anArgumentThatIsNotCopiedIsFoundOut() throws Exception {
    requireRefused(
        new FaultyGpu() {
          private int pictures;

          // Of the pictures after the recording, the second goes into it.
          @Override
          public synchronized void upload(MemorySegment host, long address) {
            try (Arena arena = Arena.ofConfined()) {
              boolean lost = recorded && host.byteSize() == 576 && ++pictures == 2;
              super.upload(lost ? arena.allocate(576) : host, address);
            }
          }
        },
        "other numbers");
  }

  @Test
  void aResultThatIsNotCopiedIsFoundOut() throws Exception {
    requireRefused(
        new FaultyGpu() {
          @Override
          public synchronized void copy(long from, long to, long bytes) {
            try (Arena arena = Arena.ofConfined()) {
              super.upload(arena.allocate(bytes), to);
            }
          }
        },
        "other numbers");
  }

  @Test
  void whereNothingCanBeRecordedKernelsRunOneByOne() throws Exception {
    requireRefused(
        new FaultyGpu() {
          @Override
          public synchronized GpuRecording record(Runnable body) {
            throw CudaException.failedCall(
                "the driver", "cuStreamEndCapture", 901, "CUDA_ERROR_STREAM_CAPTURE", "");
          }
        },
        "cuStreamEndCapture");
  }

  @Test
  void theSimulationFindsAStalePointerInARecording() {
    long memory = gpu.allocate(64);
    long other = gpu.allocate(64);
    try (Arena arena = Arena.ofConfined()) {
      gpu.upload(arena.allocate(64), memory);
    }
    GpuRecording work = gpu.record(() -> gpu.copy(memory, other, 64));
    work.run();
    gpu.free(memory);
    assertThrows(KernelFault.class, work::run);
    assertNotEquals(0, other);
  }
}
