package io.github.f2d4j.benchmarks.compare;

import io.github.f2d4j.benchmarks.compare.Workload.Attend;
import io.github.f2d4j.benchmarks.compare.Workload.Convolve;
import io.github.f2d4j.benchmarks.compare.Workload.GroupNormSilu;
import io.github.f2d4j.benchmarks.compare.Workload.LayerNorm;
import io.github.f2d4j.benchmarks.compare.Workload.Linear;
import io.github.f2d4j.benchmarks.compare.Workload.Network;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Workloads that are measured together, and how long each may take. */
enum Suite {
  /** The operators of a denoising step and of a decoding, at their shapes. */
  OPERATORS(
      7,
      Duration.ofMillis(80),
      Duration.ofMillis(800),
      Duration.ofMillis(2500),
      Duration.ofSeconds(10),
      8),
  /** Whole networks. */
  MODELS(
      5,
      Duration.ofMillis(100),
      Duration.ofMillis(1500),
      Duration.ofSeconds(40),
      Duration.ofSeconds(60),
      2);

  private final int rounds;
  private final Duration turn;
  private final Duration warmUp;
  private final Duration slow;
  private final Duration limit;
  private final int together;

  Suite(int rounds, Duration turn, Duration warmUp, Duration slow, Duration limit, int together) {
    this.rounds = rounds;
    this.turn = turn;
    this.warmUp = warmUp;
    this.slow = slow;
    this.limit = limit;
    this.together = together;
  }

  private static List<Workload> operators() {
    return List.of(
        // A transformer's projections, feed-forward in and out, at each level; the text's keys.
        new Linear(8192, 320, 320),
        new Linear(8192, 320, 2560),
        new Linear(8192, 1280, 320),
        new Linear(2048, 640, 5120),
        new Linear(512, 1280, 1280),
        new Linear(512, 1280, 10_240),
        new Linear(154, 768, 320),
        // The UNet's residual blocks, then the decoder's.
        new Convolve(2, 64, 320, 320, 3, 1),
        new Convolve(2, 32, 640, 640, 3, 1),
        new Convolve(2, 16, 1280, 1280, 3, 1),
        new Convolve(2, 8, 1280, 1280, 3, 1),
        new Convolve(1, 256, 256, 256, 3, 1),
        new Convolve(1, 512, 128, 128, 3, 1),
        new Convolve(2, 64, 640, 320, 1, 1),
        new Convolve(2, 64, 320, 320, 3, 2),
        new Attend(2, 8, 4096, 4096, 40),
        new Attend(2, 8, 1024, 1024, 80),
        new Attend(2, 8, 256, 256, 160),
        // One of the two halves of guidance at 768×768.
        new Attend(1, 8, 9216, 9216, 40),
        new Attend(2, 8, 4096, 77, 40),
        new Attend(2, 8, 1024, 77, 80),
        new Attend(2, 8, 256, 77, 160),
        new Attend(1, 1, 4096, 4096, 512),
        new GroupNormSilu(2, 64, 320),
        new GroupNormSilu(2, 64, 960),
        new GroupNormSilu(2, 32, 640),
        new GroupNormSilu(2, 16, 1280),
        new GroupNormSilu(1, 512, 128),
        new LayerNorm(8192, 320),
        new LayerNorm(2048, 640),
        new LayerNorm(512, 1280));
  }

  int rounds() {
    return rounds;
  }

  Duration turn() {
    return turn;
  }

  Duration warmUp() {
    return warmUp;
  }

  Duration slow() {
    return slow;
  }

  Duration limit() {
    return limit;
  }

  int together() {
    return together;
  }

  List<Workload> workloads() {
    return switch (this) {
      case OPERATORS -> operators();
      case MODELS -> Arrays.stream(Net.values()).map(n -> (Workload) new Network(n)).toList();
    };
  }
}
