package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.model.image.RgbImage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * One request whose pictures several backends make at the same time, such as the GPUs of a machine,
 * each in a thread of its own. Every picture has the noise that it has where one backend makes them
 * all.
 */
public final class SharedGeneration {
  private final Face2DiffusionPipeline pipeline;
  private final List<Backend> backends;

  /**
   * Generations of {@code pipeline} on {@code backends}.
   *
   * @throws IllegalArgumentException if there is no backend
   */
  public SharedGeneration(Face2DiffusionPipeline pipeline, List<Backend> backends) {
    if (backends.isEmpty()) {
      throw new IllegalArgumentException("a generation needs at least one backend, but got none");
    }
    this.pipeline = pipeline;
    this.backends = List.copyOf(backends);
  }

  /**
   * Makes pictures, as {@link Face2DiffusionPipeline#generate(IdentityWords, GenerationRequest,
   * GenerationListener)} does. If one backend fails, the others stop at their next step.
   *
   * @param listener called by one thread at a time; a step counts when all backends have taken it
   */
  public GenerationResult generate(
      IdentityWords words, GenerationRequest request, GenerationListener listener) {
    long start = System.nanoTime();
    GenerationRequest complete = pipeline.complete(request);
    List<GenerationRequest> shares = shares(complete, backends.size());
    JointListener joint = new JointListener(listener, shares.size());
    List<GenerationResult> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(shares.size())) {
      List<Future<GenerationResult>> running = new ArrayList<>();
      for (int i = 0; i < shares.size(); i++) {
        int share = i;
        running.add(
            threads.submit(
                () ->
                    joint.following(
                        share,
                        each ->
                            pipeline
                                .on(backends.get(share))
                                .generate(words, shares.get(share), each))));
      }
      for (Future<GenerationResult> one : running) {
        results.add(result(one, joint));
      }
    }
    List<RgbImage> images = results.stream().flatMap(r -> r.images().stream()).toList();
    List<Long> seeds = results.stream().flatMap(r -> r.seeds().stream()).toList();
    Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
    return new GenerationResult(images, seeds, complete, results.getFirst().warnings(), elapsed);
  }

  private static GenerationResult result(Future<GenerationResult> running, JointListener joint) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return running.get();
        } catch (InterruptedException e) {
          interrupted = true;
          joint.stop();
        }
      }
    } catch (ExecutionException e) {
      joint.stop();
      switch (joint.cause(e)) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        default -> throw new IllegalStateException(e);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Consecutive pictures for each backend; as even as can be, and none without a picture. */
  static List<GenerationRequest> shares(GenerationRequest request, int backends) {
    int count = Math.min(backends, request.images());
    List<GenerationRequest> shares = new ArrayList<>();
    int first = 0;
    for (int i = 0; i < count; i++) {
      int images = request.images() / count + (i < request.images() % count ? 1 : 0);
      shares.add(request.toBuilder().seed(request.seed() + first).images(images).build());
      first += images;
    }
    return shares;
  }

  /** Makes one listener's calls of those of all shares. */
  private static final class JointListener {
    private final GenerationListener listener;
    private final int[] steps;
    private int reported;
    private volatile boolean stopped;
    private Throwable failure = new CancelledException("the generation was cancelled");
    private boolean failed;

    JointListener(GenerationListener listener, int shares) {
      this.listener = listener;
      this.steps = new int[shares];
    }

    /** A share's work. */
    interface Body {
      GenerationResult run(GenerationListener each);
    }

    GenerationResult following(int share, Body body) {
      try {
        return body.run(of(share));
      } catch (RuntimeException | Error e) {
        fail(e);
        throw e;
      }
    }

    /** The first failure is what happened; others are cancelled because of it. */
    private synchronized void fail(Throwable e) {
      if (!failed) {
        failed = true;
        failure = e;
      }
      stopped = true;
    }

    synchronized Throwable cause(Throwable other) {
      return failed ? failure : other;
    }

    void stop() {
      stopped = true;
    }

    private synchronized void step(int share, StepProgress progress) {
      steps[share] = progress.step();
      int all = Arrays.stream(steps).min().orElse(0);
      if (all > reported) {
        reported = all;
        listener.onStep(progress);
      }
    }

    private synchronized void stage(Stage stage) {
      listener.onStage(stage);
    }

    private synchronized void warn(String message) {
      listener.onWarning(message);
    }

    private synchronized boolean isCancelled() {
      return listener.isCancelled();
    }

    private GenerationListener of(int share) {
      return new GenerationListener() {
        @Override
        public void onStep(StepProgress progress) {
          step(share, progress);
        }

        @Override
        public void onStage(Stage stage) {
          JointListener.this.stage(stage);
        }

        @Override
        public void onWarning(String message) {
          if (share == 0) {
            warn(message); // All shares have the same prompt, and the same to say about it.
          }
        }

        @Override
        public boolean isCancelled() {
          return stopped || JointListener.this.isCancelled();
        }
      };
    }
  }
}
