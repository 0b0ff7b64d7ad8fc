package io.github.f2d4j.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.scheduler.SchedulerKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** A run cancelled anywhere leaves nothing behind. */
class CancellationTest {
  private static Face2DiffusionPipeline pipeline;
  private static WorkPool pool;
  private static CpuBackend backend;
  private static FaceIdentity face;

  @BeforeAll
  static void load() throws Exception {
    pipeline = Face2DiffusionPipeline.load(DemoModel.open().folder());
    pool = new WorkPool(2);
    backend = new CpuBackend(pool);
    face = Fingerprint.face(pipeline);
  }

  @AfterAll
  static void close() {
    pipeline.close();
    pool.close();
  }

  /** Ends after so many of its calls, whichever they are. */
  private static final class Limit implements GenerationListener {
    final List<String> calls = new ArrayList<>();
    private final int most;
    private final boolean interrupts;

    Limit(int most, boolean interrupts) {
      this.most = most;
      this.interrupts = interrupts;
    }

    @Override
    public void onStep(StepProgress progress) {
      count("step " + progress.step());
    }

    @Override
    public void onStage(Stage stage) {
      count(stage.kind() + " " + stage.index());
    }

    private void count(String call) {
      calls.add(call);
      if (interrupts && calls.size() == most) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public boolean isCancelled() {
      return !interrupts && calls.size() >= most;
    }
  }

  @RepeatedTest(5)
  void nothingIsLeftBehind(RepetitionInfo repetition) throws Exception {
    Random random = new Random(repetition.getCurrentRepetition());
    SchedulerKind[] kinds = SchedulerKind.values();
    GenerationRequest request =
        Fingerprint.request()
            .steps(4)
            .images(2)
            .scheduler(kinds[random.nextInt(kinds.length)])
            .build();
    Backends.using(
        backend,
        () -> {
          Limit counting = new Limit(Integer.MAX_VALUE, false);
          String expected = Fingerprint.of(pipeline.generate(face, request, counting).images());
          // The last call that can still stop anything is that before the last decoding.
          int stop = random.nextInt(counting.calls.size() - 1);
          Limit limit = new Limit(stop, stop > 0 && random.nextBoolean());
          assertThrows(CancelledException.class, () -> pipeline.generate(face, request, limit));
          boolean wasInterrupted = Thread.interrupted();
          assertEquals(limit.interrupts, wasInterrupted, "an interrupt is kept");
          assertEquals(0, backend.workspaces().borrowed(), "working memory is given back");
          assertEquals(expected, Fingerprint.of(pipeline.generate(face, request).images()));
          return null;
        });
  }
}
