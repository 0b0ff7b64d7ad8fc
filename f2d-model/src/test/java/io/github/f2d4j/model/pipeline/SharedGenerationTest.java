package io.github.f2d4j.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.demo.DemoModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SharedGenerationTest {
  private static Face2DiffusionPipeline pipeline;
  private static IdentityWords words;

  @BeforeAll
  static void load() throws IOException {
    pipeline = Face2DiffusionPipeline.load(DemoModel.open().folder());
    int size = pipeline.parts().mapping().config().embedDim();
    words = pipeline.words(FaceIdentity.of(new float[size]));
  }

  /** A device: the CPU under another name, which notes whose runs it works for. */
  private static class Device implements Backend {
    private final Backend cpu = new CpuBackend(WorkPool.shared());
    final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    @Override
    public String name() {
      return cpu.name();
    }

    @Override
    public String describe() {
      return cpu.describe();
    }

    @Override
    public Kernel compile(Op op, List<Operand> inputs, TensorType output) {
      return cpu.compile(op, inputs, output);
    }

    @Override
    public boolean readsColumns(Op op, int index) {
      return cpu.readsColumns(op, index);
    }

    @Override
    public Buffer allocate(long bytes) {
      return cpu.allocate(bytes);
    }

    @Override
    public Buffer resident(Buffer buffer) {
      return cpu.resident(buffer);
    }

    @Override
    public Workspace borrow(long bytes) {
      threads.add(Thread.currentThread());
      return cpu.borrow(bytes);
    }

    @Override
    public void synchronize() {
      cpu.synchronize();
    }
  }

  private static GenerationRequest request(int images) {
    return GenerationRequest.of("a photo of f l").images(images).steps(2).seed(5).build();
  }

  @Test
  void picturesAreThoseOfOneBackend() {
    Device first = new Device();
    Device second = new Device();
    GenerationRequest request = request(3);
    GenerationResult alone = pipeline.generate(words, request, GenerationListener.NONE);
    List<Integer> steps = Collections.synchronizedList(new ArrayList<>());
    GenerationListener listener =
        new GenerationListener() {
          @Override
          public void onStep(StepProgress progress) {
            steps.add(progress.step());
          }
        };
    GenerationResult shared =
        new SharedGeneration(pipeline, List.of(first, second)).generate(words, request, listener);
    assertEquals(alone.seeds(), shared.seeds());
    assertEquals(alone.request(), shared.request());
    assertEquals(List.of(1, 2), steps);
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(alone.images().get(i).rgb(), shared.images().get(i).rgb(), "picture " + i);
    }
    assertEquals(1, first.threads.size());
    assertEquals(1, second.threads.size());
    assertTrue(Collections.disjoint(first.threads, second.threads));
  }

  @Test
  void aBoundPipelineRunsThereAlone() {
    Device device = new Device();
    GenerationRequest request = request(1);
    GenerationResult bound = pipeline.on(device).generate(words, request, GenerationListener.NONE);
    GenerationResult free = pipeline.generate(words, request, GenerationListener.NONE);
    assertArrayEquals(free.images().getFirst().rgb(), bound.images().getFirst().rgb());
    assertEquals(Set.of(Thread.currentThread()), device.threads);
  }

  @Test
  void picturesAreSharedEvenly() {
    List<GenerationRequest> shares = SharedGeneration.shares(request(7), 3);
    assertEquals(List.of(3, 2, 2), shares.stream().map(GenerationRequest::images).toList());
    assertEquals(List.of(5L, 8L, 10L), shares.stream().map(GenerationRequest::seed).toList());
    assertEquals(2, SharedGeneration.shares(request(2), 3).size());
  }

  @Test
  void theFirstFailureEndsAll() {
    OutOfMemoryError full = new OutOfMemoryError("this device is full");
    Device broken =
        new Device() {
          @Override
          public Workspace borrow(long bytes) {
            throw full;
          }
        };
    SharedGeneration shared = new SharedGeneration(pipeline, List.of(new Device(), broken));
    assertSame(
        full,
        assertThrows(
            OutOfMemoryError.class,
            () -> shared.generate(words, request(2), GenerationListener.NONE)));
  }

  @Test
  void theListenerCancelsAll() {
    SharedGeneration shared = new SharedGeneration(pipeline, List.of(new Device(), new Device()));
    GenerationListener impatient =
        new GenerationListener() {
          @Override
          public boolean isCancelled() {
            return true;
          }
        };
    assertThrows(CancelledException.class, () -> shared.generate(words, request(2), impatient));
  }

  @Test
  void aGenerationNeedsABackend() {
    assertThrows(IllegalArgumentException.class, () -> new SharedGeneration(pipeline, List.of()));
  }
}
