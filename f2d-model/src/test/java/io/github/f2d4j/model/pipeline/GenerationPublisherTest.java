package io.github.f2d4j.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.text.IdentifierNotFoundException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Generations as streams of events. */
class GenerationPublisherTest {
  private static final String DONE = "done";

  private static Face2DiffusionPipeline pipeline;
  private static FaceIdentity face;

  @BeforeAll
  static void load() throws Exception {
    pipeline = Face2DiffusionPipeline.load(DemoModel.open().folder());
    face = Fingerprint.face(pipeline);
  }

  @AfterAll
  static void close() {
    pipeline.close();
  }

  /** Keeps what it hears: events, an exception, or {@link #DONE}. */
  private static final class Listener implements Flow.Subscriber<GenerationEvent> {
    final BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
    private Flow.Subscription subscription;

    @Override
    public void onSubscribe(Flow.Subscription s) {
      subscription = s;
    }

    @Override
    public void onNext(GenerationEvent event) {
      heard.add(event);
    }

    @Override
    public void onError(Throwable e) {
      heard.add(e);
    }

    @Override
    public void onComplete() {
      heard.add(DONE);
    }

    Object next() throws InterruptedException {
      Object next = heard.poll(2, TimeUnit.MINUTES);
      assertTrue(next != null, "nothing was published");
      return next;
    }
  }

  private static Listener subscribe(GenerationRequest request) {
    Listener listener = new Listener();
    pipeline.generations(face, request).subscribe(listener);
    return listener;
  }

  private static GenerationRequest.Builder request() {
    return Fingerprint.request().steps(3);
  }

  @Test
  void stepsThenTheResult() throws Exception {
    Listener listener = subscribe(request().build());
    listener.subscription.request(Long.MAX_VALUE);
    for (int i = 1; i <= 3; i++) {
      assertEquals(
          i, assertInstanceOf(GenerationEvent.Step.class, listener.next()).progress().step());
    }
    GenerationEvent.Result last = assertInstanceOf(GenerationEvent.Result.class, listener.next());
    assertEquals(DONE, listener.next());
    assertEquals(
        Fingerprint.of(pipeline.generate(face, request().build()).images()),
        Fingerprint.of(last.result().images()));
  }

  @Test
  void aSlowSubscriberHoldsTheGenerationUp() throws Exception {
    try (WorkPool pool = new WorkPool(1)) {
      CpuBackend backend = new CpuBackend(pool);
      Listener listener = new Listener();
      Backends.using(
          backend, () -> pipeline.generations(face, request().build()).subscribe(listener));
      listener.subscription.request(1);
      assertInstanceOf(GenerationEvent.Step.class, listener.next());
      // The second step is taken, and the run waits between steps.
      assertNull(listener.heard.poll(200, TimeUnit.MILLISECONDS));
      listener.subscription.request(1);
      assertEquals(
          2, assertInstanceOf(GenerationEvent.Step.class, listener.next()).progress().step());
      listener.subscription.request(2);
      assertInstanceOf(GenerationEvent.Step.class, listener.next());
      assertInstanceOf(GenerationEvent.Result.class, listener.next());
      assertEquals(DONE, listener.next());
      assertTrue(backend.workspaces().idleBytes() > 0, "runs on the subscriber's backend");
      assertEquals(0, backend.workspaces().borrowed());
    }
  }

  @Test
  void cancellingEndsTheGenerationSilently() throws Exception {
    Listener listener = subscribe(request().build());
    listener.subscription.request(1);
    assertInstanceOf(GenerationEvent.Step.class, listener.next());
    listener.subscription.cancel();
    listener.subscription.request(5);
    // Closing waits for runs inside: it returns only because the cancelled one has ended.
    Face2DiffusionPipeline other = Face2DiffusionPipeline.load(DemoModel.open().folder());
    Listener second = new Listener();
    other.generations(face, request().build()).subscribe(second);
    second.subscription.request(1);
    assertInstanceOf(GenerationEvent.Step.class, second.next());
    second.subscription.cancel();
    other.close();
    assertEquals(List.of(), Stream.concat(listener.heard.stream(), second.heard.stream()).toList());
  }

  @Test
  void warningsAreEvents() throws Exception {
    GenerationRequest request = request().guidanceScale(1).negativePrompt("sad").build();
    Listener listener = subscribe(request);
    listener.subscription.request(1);
    String message = assertInstanceOf(GenerationEvent.Warning.class, listener.next()).message();
    assertTrue(message.contains("negative"), message);
    listener.subscription.cancel();
  }

  @Test
  void failuresAreErrors() throws Exception {
    Listener listener = subscribe(request().prompt("a photo of nobody").build());
    listener.subscription.request(1);
    assertInstanceOf(IdentifierNotFoundException.class, listener.next());
    Listener rejected = new Listener();
    pipeline
        .generations(
            face,
            request().build(),
            task -> {
              throw new RejectedExecutionException("full");
            })
        .subscribe(rejected);
    rejected.subscription.request(1);
    assertInstanceOf(RejectedExecutionException.class, rejected.next());
  }

  @Test
  void aSubscriberThatThrowsEndsItsGeneration() throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    Thread[] runner = new Thread[1];
    pipeline
        .generations(
            face,
            request().build(),
            task -> {
              runner[0] = new Thread(task);
              runner[0].start();
            })
        .subscribe(
            new Flow.Subscriber<>() {
              @Override
              public void onSubscribe(Flow.Subscription s) {
                s.request(Long.MAX_VALUE);
              }

              @Override
              public void onNext(GenerationEvent event) {
                heard.add("event");
                throw new IllegalStateException("broken subscriber");
              }

              @Override
              public void onError(Throwable e) {
                heard.add("error");
              }

              @Override
              public void onComplete() {
                heard.add(DONE);
              }
            });
    assertTrue(runner[0].join(java.time.Duration.ofMinutes(2)));
    assertEquals(List.of("event"), List.copyOf(heard));
  }
}
