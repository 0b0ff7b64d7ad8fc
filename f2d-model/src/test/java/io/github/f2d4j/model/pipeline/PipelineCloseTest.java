package io.github.f2d4j.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.backend.Region;
import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.model.demo.DemoModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An explicit close frees at once, and never under a run's feet. */
class PipelineCloseTest {
  private static final int PATIENCE_SECONDS = 120;

  private static Path model() throws IOException {
    return DemoModel.open().folder();
  }

  private static GenerationRequest request() {
    return Fingerprint.request().build();
  }

  @Test
  void weightsPackedFormsAndWorkingMemoryAreFreed() throws Exception {
    Region region = new Region();
    ModelFolder folder = ModelFolder.open(model());
    PipelineParts parts = region.loading(() -> PipelineParts.load(folder));
    Face2DiffusionPipeline pipeline = new Face2DiffusionPipeline(parts, region);
    try (WorkPool pool = new WorkPool(2)) {
      CpuBackend backend = new CpuBackend(pool);
      Backends.using(backend, () -> pipeline.generate(Fingerprint.face(pipeline), request()));
      assertTrue(region.allocatedBytes() > 1 << 20, "weights are packed into the region");
      assertTrue(backend.workspaces().idleBytes() > 0);
      assertEquals(0, backend.workspaces().borrowed());
      pipeline.close();
      assertFalse(region.isOpen());
      assertEquals(0, backend.workspaces().idleBytes());
    }
    assertTrue(pipeline.isClosed());
    // Whoever has kept a part finds its weights gone, not garbage.
    Tensor ids = Tensor.of(new long[] {1}, 1, 1);
    assertThrows(IllegalStateException.class, () -> parts.textEncoder().embed(ids).eval());
  }

  /** The system's own list of what is mapped; a copy, for other tests map the model itself. */
  @Test
  void weightFilesAreUnmapped(@TempDir Path folder) throws Exception {
    Path maps = Path.of("/proc/self/maps");
    assumeTrue(Files.isReadable(maps), "this system lists no mappings");
    copy(model(), folder);
    Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(folder);
    assertEquals(5, mapped(maps, folder), "text encoder, denoiser, autoencoder, msid, mapping");
    pipeline.close();
    assertEquals(0, mapped(maps, folder));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  private static long mapped(Path maps, Path folder) throws IOException {
    String name = folder.toRealPath().toString();
    try (Stream<String> lines = Files.lines(maps)) {
      return lines.filter(line -> line.contains(name)).count();
    }
  }

  @Test
  void aClosedPipelineSaysSo() throws Exception {
    Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(model());
    Face2DiffusionPipeline other =
        pipeline.withNoise(
            seed -> {
              throw new AssertionError();
            });
    FaceIdentity face = Fingerprint.face(pipeline);
    IdentityWords words = pipeline.words(face);
    pipeline.close();
    pipeline.close();
    assertTrue(pipeline.isClosed() && other.isClosed());
    assertClosed(() -> pipeline.generate(face, request()));
    assertClosed(() -> pipeline.generate(words, request(), GenerationListener.NONE));
    assertClosed(() -> other.generate(face, request()));
    assertClosed(() -> pipeline.words(face));
    assertClosed(() -> Fingerprint.face(pipeline));
    assertEquals(64, pipeline.complete(GenerationRequest.of("f l").build()).width());
  }

  private static void assertClosed(org.junit.jupiter.api.function.Executable call) {
    String message = assertThrows(IllegalStateException.class, call).getMessage();
    assertTrue(message.contains("closed") && message.contains("load"), message);
  }

  @Test
  void closingWaitsForARunInProgress() throws Exception {
    Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(model());
    FaceIdentity face = Fingerprint.face(pipeline);
    String expected = Fingerprint.of(pipeline.generate(face, request()).images());
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    GenerationListener slow = held(inside, goOn);
    try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
      Future<String> run =
          executor.submit(() -> Fingerprint.of(pipeline.generate(face, request(), slow).images()));
      assertTrue(inside.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
      Future<?> close = executor.submit(pipeline::close);
      while (!pipeline.isClosed()) {
        Thread.onSpinWait();
      }
      assertClosed(() -> pipeline.words(face));
      assertFalse(close.isDone(), "the run is still inside");
      goOn.countDown();
      assertEquals(expected, run.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
      close.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private static GenerationListener held(CountDownLatch inside, CountDownLatch goOn) {
    return new GenerationListener() {
      @Override
      public void onStep(StepProgress progress) {
        inside.countDown();
        try {
          assertTrue(goOn.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    };
  }

  @Test
  void anInterruptedCloseCancelsTheRun() throws Exception {
    Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(model());
    FaceIdentity face = Fingerprint.face(pipeline);
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicBoolean kept = new AtomicBoolean();
    Thread closer =
        new Thread(
            () -> {
              pipeline.close();
              kept.set(Thread.currentThread().isInterrupted());
            });
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Future<?> run =
          executor.submit(
              () ->
                  assertThrows(
                      CancelledException.class,
                      () -> pipeline.generate(face, request(), held(inside, goOn))));
      assertTrue(inside.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
      closer.start();
      closer.interrupt();
      while (!pipeline.life().isCancelling()) {
        Thread.onSpinWait();
      }
      goOn.countDown();
      run.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
    assertTrue(closer.join(java.time.Duration.ofSeconds(PATIENCE_SECONDS)));
    assertTrue(kept.get(), "the interrupt is kept");
  }

  @Test
  void aListenerCannotClose() throws Exception {
    Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(model());
    FaceIdentity face = Fingerprint.face(pipeline);
    GenerationListener closing =
        new GenerationListener() {
          @Override
          public void onStep(StepProgress progress) {
            pipeline.close();
          }
        };
    String message =
        assertThrows(IllegalStateException.class, () -> pipeline.generate(face, request(), closing))
            .getMessage();
    assertTrue(message.contains("inside") && message.contains("isCancelled"), message);
    assertNotNull(pipeline.generate(face, request()));
    pipeline.close();
  }

  /** The parts of a pipeline that was not loaded here are the caller's. */
  @Test
  void partsOfOthersStayOpen() throws Exception {
    PipelineParts parts = PipelineParts.load(ModelFolder.open(model()));
    Face2DiffusionPipeline first = new Face2DiffusionPipeline(parts);
    FaceIdentity face = Fingerprint.face(first);
    String expected = Fingerprint.of(first.generate(face, request()).images());
    first.close();
    Face2DiffusionPipeline second = new Face2DiffusionPipeline(parts);
    assertEquals(expected, Fingerprint.of(second.generate(face, request()).images()));
  }
}
