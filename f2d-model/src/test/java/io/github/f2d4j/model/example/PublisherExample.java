package io.github.f2d4j.model.example;

import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.FaceIdentity;
import io.github.f2d4j.model.pipeline.GenerationEvent;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** How to follow a generation as a stream. */
final class PublisherExample {
  private PublisherExample() {}

  static CompletableFuture<RgbImage> subscribe(
      Face2DiffusionPipeline pipeline, FaceIdentity person, GenerationRequest request) {
    CompletableFuture<RgbImage> picture = new CompletableFuture<>();
    // @start region="subscribe"
    pipeline
        .generations(person, request)
        .subscribe(
            new Flow.Subscriber<>() {
              @Override
              public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
              }

              @Override
              public void onNext(GenerationEvent event) {
                switch (event) {
                  case GenerationEvent.Step s ->
                      System.out.printf("%.0f %%%n", 100 * s.progress().fraction());
                  case GenerationEvent.Warning w -> System.out.println(w.message());
                  case GenerationEvent.Result r -> picture.complete(r.result().images().getFirst());
                }
              }

              @Override
              public void onError(Throwable e) {
                picture.completeExceptionally(e);
              }

              @Override
              public void onComplete() {}
            });
    // @end
    return picture;
  }
}
