package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.graph.Analysis;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.unet.UNet2DConditionModel;
import java.util.ArrayList;
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

  /**
   * Prompts as the denoiser reads them.
   *
   * @param keysValues what each layer that looks at the text reads of it, [1,T,2C] or with guidance
   *     [2,T,2C]; or for each picture apart
   * @param guided whether the first half stands for no prompt
   */
  record Prompts(List<Tensor> keysValues, boolean guided) {
    /** Copies the list. */
    Prompts {
      keysValues = List.copyOf(keysValues);
    }
  }

  private record Key(Backend backend, Shape latents, List<TensorType> keysValues, boolean guided) {}

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
   * Reads prompts, once for all steps and pictures.
   *
   * @param states text states [2,T,D], without prompt first; or [1,T,D] for no guidance. States of
   *     N pictures apart are [2N,T,D] or [N,T,D]
   */
  Prompts read(Tensor states, boolean guided) {
    List<Tensor> keysValues = unet.keysValues(states);
    Tensor.eval(keysValues);
    return new Prompts(keysValues, guided);
  }

  /**
   * Predicts noise.
   *
   * @param latents [N,H,W,C], scaled as the sampler asks
   * @param timestep may be fractional
   * @param guidanceScale g of uncond + g·(text − uncond)
   * @return [N,H,W,C]
   */
  Tensor predict(Tensor latents, double timestep, Prompts prompts, double guidanceScale) {
    List<Tensor> inputs = new ArrayList<>();
    inputs.add(latents);
    inputs.add(Tensor.of(new float[] {(float) timestep}, 1));
    inputs.add(Tensor.scalar((float) guidanceScale));
    inputs.addAll(prompts.keysValues);
    return function(
            latents.shape(), prompts.keysValues.stream().map(Tensor::type).toList(), prompts.guided)
        .call(inputs.toArray(Tensor[]::new))
        .getFirst();
  }

  /** What {@link #read} takes for text states of this shape. */
  Analysis analyzeRead(Shape states) {
    return Tensor.analyze(unet.keysValues(Tensor.placeholder(TensorType.f32(states))));
  }

  /** What one prediction takes, for latents [N,H,W,C] and text states [2,T,D] or [1,T,D]. */
  Analysis analyze(Shape latents, Shape states, boolean guided) {
    List<Tensor> keysValues = unet.keysValues(Tensor.placeholder(TensorType.f32(states)));
    return function(latents, keysValues.stream().map(Tensor::type).toList(), guided).analyze();
  }

  /** Forgets what is compiled. */
  void clear() {
    synchronized (compiled) {
      compiled.clear();
    }
  }

  private CompiledFunction function(Shape latents, List<TensorType> keysValues, boolean guided) {
    Key key = new Key(Backends.current(), latents, keysValues, guided);
    @Nullable CompiledFunction found;
    synchronized (compiled) {
      found = compiled.get(key);
    }
    if (found == null) {
      List<TensorType> types = new ArrayList<>();
      types.add(TensorType.f32(latents));
      types.add(TensorType.f32(Shape.of(1)));
      types.add(TensorType.f32(Shape.of()));
      types.addAll(keysValues);
      // Compiled outside the lock; two threads may do it twice, and either result serves.
      found =
          CompiledFunction.of(
              guided ? this::guided : this::unguided, types.toArray(TensorType[]::new));
      synchronized (compiled) {
        compiled.put(key, found);
      }
    }
    return found;
  }

  private List<Tensor> unguided(List<Tensor> inputs) {
    return List.of(unet.forward(inputs.get(0), inputs.get(1), inputs.subList(3, inputs.size())));
  }

  private List<Tensor> guided(List<Tensor> inputs) {
    Tensor x = inputs.get(0); // [N,H,W,C]
    int n = x.dim(0);
    Tensor both =
        unet.forward(
            Tensor.concat(0, x, x), inputs.get(1), inputs.subList(3, inputs.size())); // [2N,H,W,C]
    Tensor uncond = both.slice(0, 0, n);
    Tensor text = both.slice(0, n, 2 * n);
    return List.of(uncond.add(text.sub(uncond).mul(inputs.get(2))));
  }
}
