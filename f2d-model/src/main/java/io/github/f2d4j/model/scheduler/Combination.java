package io.github.f2d4j.model.scheduler;

import io.github.f2d4j.engine.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A sum of tensors, each multiplied by a number. The numbers enter the graph as tensors, so all
 * steps have one structure and share one compiled plan. A term with the factor 0 is left out: its
 * tensor may be infinite or absent.
 */
final class Combination {
  private @Nullable Tensor sum;

  /** Adds {@code factor}·{@code term}. */
  Combination add(double factor, @Nullable Tensor term) {
    if (factor == 0 || term == null) {
      return this;
    }
    Tensor scaled = scale(term, factor);
    sum = sum == null ? scaled : sum.add(scaled);
    return this;
  }

  /** Adds {@code factor}·(x₀, ε or what else {@code mix} makes of sample and prediction). */
  Combination add(double factor, PredictionType.Mix mix, Tensor sample, Tensor modelOutput) {
    return add(factor * mix.sample(), sample).add(factor * mix.output(), modelOutput);
  }

  /** The sum; zeros in the form of {@code like} if it has no term. */
  Tensor orZeros(Tensor like) {
    return sum == null ? scale(like, 0) : sum;
  }

  /** {@code x}·{@code factor}. */
  static Tensor scale(Tensor x, double factor) {
    return x.mul(Tensor.scalar((float) factor));
  }
}
