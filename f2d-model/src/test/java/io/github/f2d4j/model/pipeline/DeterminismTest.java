package io.github.f2d4j.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.ForkedJvm;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.scheduler.SchedulerKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same request gives the same bytes, whatever runs it. */
class DeterminismTest {
  private static Face2DiffusionPipeline pipeline;
  private static String reference;

  @BeforeAll
  static void load() throws Exception {
    pipeline = Face2DiffusionPipeline.load(DemoModel.open().folder());
    reference = onThreads(1, Fingerprint.request().build());
  }

  private static String onThreads(int threads, GenerationRequest request) throws Exception {
    try (WorkPool pool = new WorkPool(threads)) {
      return Backends.using(
          new CpuBackend(pool), () -> Fingerprint.of(Fingerprint.generate(pipeline, request)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void threadsDoNotMatter(int threads) throws Exception {
    assertEquals(reference, onThreads(threads, Fingerprint.request().build()));
    GenerationRequest usual = Fingerprint.request().size(64, 64).build();
    assertEquals(onThreads(1, usual), onThreads(threads, usual));
  }

  /** A picture does not depend on the others of its batch, at the usual size, too. */
  @ParameterizedTest
  @EnumSource(
      value = SchedulerKind.class,
      names = {"EULER_ANCESTRAL", "DPM_SOLVER_2M", "DDPM"})
  void batchDoesNotMatter(SchedulerKind scheduler) throws Exception {
    GenerationRequest four =
        Fingerprint.request().size(64, 64).images(4).scheduler(scheduler).build();
    List<RgbImage> together = Fingerprint.generate(pipeline, four);
    assertEquals(4, new HashSet<>(together).size(), "each picture has its own noise");
    for (int i = 0; i < 4; i++) {
      GenerationRequest one = four.toBuilder().images(1).seed(four.seed() + i).build();
      assertEquals(
          Fingerprint.of(together.get(i)), Fingerprint.of(Fingerprint.generate(pipeline, one)));
    }
  }

  @Test
  void runsAndLoadsDoNotMatter() throws Exception {
    Face2DiffusionPipeline again = Face2DiffusionPipeline.load(DemoModel.open().folder());
    for (int i = 0; i < 2; i++) {
      GenerationRequest request = Fingerprint.request().build();
      assertEquals(reference, Fingerprint.of(Fingerprint.generate(again, request)));
    }
  }

  @Test
  void oneSeedMoreIsAnotherPicture() throws Exception {
    GenerationRequest other = Fingerprint.request().seed(6).build();
    assertNotEquals(reference, Fingerprint.of(Fingerprint.generate(pipeline, other)));
  }

  /** Eight threads that share a pipeline get what each would get alone. */
  @Test
  void pipelinesAreShared() throws Exception {
    int threads = 8;
    List<GenerationRequest> requests = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    SchedulerKind[] kinds = SchedulerKind.values();
    for (int i = 0; i < 2 * threads; i++) {
      requests.add(
          Fingerprint.request()
              .seed(i)
              .images(1 + i % 2)
              .size(16 + 4 * (i % 3), 16)
              .scheduler(kinds[i % kinds.length])
              .build());
      expected.add(Fingerprint.of(Fingerprint.generate(pipeline, requests.get(i))));
    }
    // Nothing is compiled or packed yet in the one that they share.
    Face2DiffusionPipeline shared = Face2DiffusionPipeline.load(DemoModel.open().folder());
    CyclicBarrier together = new CyclicBarrier(threads);
    List<Future<String>> actual = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (GenerationRequest request : requests) {
        actual.add(
            executor.submit(
                () -> {
                  together.await();
                  return Fingerprint.of(Fingerprint.generate(shared, request));
                }));
      }
    }
    for (int i = 0; i < requests.size(); i++) {
      assertEquals(expected.get(i), actual.get(i).get(), requests.get(i).toString());
    }
  }

  /** In a JVM of its own, for it is fixed at the start. */
  @ParameterizedTest
  @ValueSource(strings = {"512", "256", "128", "scalar"})
  void lanesDoNotMatter(String lanes) throws Exception {
    String out =
        ForkedJvm.run(
            Fingerprint.class,
            List.of("--add-modules", "jdk.incubator.vector"),
            List.of("-Df2d4j.lanes=" + lanes));
    assertEquals(reference, answer(out));
  }

  @Test
  void absentVectorModuleDoesNotMatter() throws Exception {
    assertEquals(reference, answer(ForkedJvm.run(Fingerprint.class, List.of(), List.of())));
  }

  private static String answer(String out) {
    return out.lines()
        .filter(line -> line.startsWith(Fingerprint.MARK))
        .map(line -> line.substring(Fingerprint.MARK.length()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no answer in\n" + out));
  }
}
