package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.graph.Analysis;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.unet.UNet2DConditionModel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The denoiser with classifier-free guidance (<a href="https://arxiv.org/abs/2207.12598">Ho and
 * Salimans</a>), compiled once for each size of batch and picture. Safe for use by many threads.
 */
final class GuidedDenoiser {
  /** Sizes in use at one time; each holds a plan, no working memory. */
  private static final int KEPT = 8;

  private record Key(Backend backend, Shape latents, Shape states) {}

  private final UNet2DConditionModel unet;
  private final Map<Key, CompiledFunction> compiled =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, CompiledFunction> eldest) {
          return size() > KEPT;
        }
      };

  GuidedDenoiser(UNet2DConditionModel unet) {
    this.unet = unet;
  }

  /**
   * Predicts noise.
   *
   * @param latents [N,H,W,C], scaled as the sampler asks
   * @param timestep may be fractional
   * @param states text states [2N,T,D], without prompt first; or [N,T,D] for no guidance
   * @param guidanceScale g of uncond + g·(text − uncond)
   * @return [N,H,W,C]
   */
  Tensor predict(Tensor latents, double timestep, Tensor states, double guidanceScale) {
    float[] timesteps = new float[states.dim(0)];
    Arrays.fill(timesteps, (float) timestep);
    return function(latents.shape(), states.shape())
        .call(
            latents,
            Tensor.of(timesteps, timesteps.length),
            states,
            Tensor.scalar((float) guidanceScale))
        .getFirst();
  }

  /** What one prediction takes, for latents [N,H,W,C] and text states [2N,T,D] or [N,T,D]. */
  Analysis analyze(Shape latents, Shape states) {
    return function(latents, states).analyze();
  }

  /** Forgets what is compiled. */
  void clear() {
    synchronized (compiled) {
      compiled.clear();
    }
  }

  private CompiledFunction function(Shape latents, Shape states) {
    Key key = new Key(Backends.current(), latents, states);
    @Nullable CompiledFunction found;
    synchronized (compiled) {
      found = compiled.get(key);
    }
    if (found == null) {
      // Compiled outside the lock; two threads may do it twice, and either result serves.
      found =
          CompiledFunction.of(
              this::guided,
              TensorType.f32(latents),
              TensorType.f32(Shape.of(states.dim(0))),
              TensorType.f32(states),
              TensorType.f32(Shape.of()));
      synchronized (compiled) {
        compiled.put(key, found);
      }
    }
    return found;
  }

  private List<Tensor> guided(List<Tensor> inputs) {
    Tensor x = inputs.get(0);
    Tensor states = inputs.get(2);
    int n = x.dim(0);
    if (states.dim(0) == n) {
      return List.of(unet.forward(x, inputs.get(1), states));
    }
    Tensor both = unet.forward(Tensor.concat(0, x, x), inputs.get(1), states);
    Tensor uncond = both.slice(0, 0, n);
    Tensor text = both.slice(0, n, 2 * n);
    return List.of(uncond.add(text.sub(uncond).mul(inputs.get(3))));
  }
}
