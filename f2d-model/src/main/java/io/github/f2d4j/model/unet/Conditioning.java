package io.github.f2d4j.model.unet;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Conv2d;
import io.github.f2d4j.engine.nn.JoinedLinear;
import io.github.f2d4j.engine.nn.Linear;
import java.util.ArrayList;
import java.util.List;

/**
 * What the blocks of a denoiser compute from the time and the text alone, taken out of the blocks:
 * the time's part of all residual blocks is one product, the text's keys and values are made once
 * for all steps. Blocks enter their layers while the net is built and remember the number they get.
 */
final class Conditioning {
  private final JoinedLinear timeProjections;
  private final List<CrossAttention> crossAttentions;

  private Conditioning(Builder b) {
    timeProjections = new JoinedLinear(b.timeProjections, b.biases);
    crossAttentions = List.copyOf(b.crossAttentions);
  }

  /** Collects the layers. */
  static final class Builder {
    private final List<Linear> timeProjections = new ArrayList<>();
    private final List<Tensor> biases = new ArrayList<>();
    private final List<CrossAttention> crossAttentions = new ArrayList<>();

    /**
     * Enters the projection of the time that is added to what {@code conv} gives.
     *
     * @return its number
     */
    int add(Linear timeProjection, Conv2d conv) {
      Tensor bias = conv.bias();
      if (bias == null) {
        throw new IllegalArgumentException(conv.path() + " has no bias to add the time to");
      }
      timeProjections.add(timeProjection);
      biases.add(bias);
      return timeProjections.size() - 1;
    }

    /**
     * Enters a layer that reads the text.
     *
     * @return its number
     */
    int add(CrossAttention layer) {
      crossAttentions.add(layer);
      return crossAttentions.size() - 1;
    }

    Conditioning build() {
      return new Conditioning(this);
    }
  }

  /**
   * The conditions of one step.
   *
   * @param conditioning where they come from
   * @param activated the time embedding after SiLU [n,E]
   * @param times what all time projections give, with the biases of their convolutions [n,ΣC]
   * @param keysValues of each layer that reads the text [g,T,2C]
   */
  record Step(Conditioning conditioning, Tensor activated, Tensor times, List<Tensor> keysValues) {
    /** What residual block {@code number} adds in its first convolution: [n,C]. */
    Tensor time(int number) {
      return conditioning.timeProjections.part(times, number);
    }

    /** Keys and values of the text for layer {@code number}: [g,T,2C]. */
    Tensor text(int number) {
      return keysValues.get(number);
    }
  }

  /** Keys and values of text states [g,T,D] for each layer that reads them. */
  List<Tensor> keysValues(Tensor text) {
    return crossAttentions.stream().map(layer -> layer.keysValues(text)).toList();
  }

  /**
   * The conditions of a step.
   *
   * @param temb time embedding [n,E], n = 1 if all images are at the same time
   * @param keysValues as {@link #keysValues} gave them
   * @throws IllegalArgumentException if their number is wrong
   */
  Step step(Tensor temb, List<Tensor> keysValues) {
    if (keysValues.size() != crossAttentions.size()) {
      throw new IllegalArgumentException(
          "UNet2DConditionModel: got keys and values for %d layers; expected those of %d, as"
                  .formatted(keysValues.size(), crossAttentions.size())
              + " keysValues(text states) gives them");
    }
    Tensor activated = temb.silu();
    return new Step(this, activated, timeProjections.forward(activated), List.copyOf(keysValues));
  }
}
