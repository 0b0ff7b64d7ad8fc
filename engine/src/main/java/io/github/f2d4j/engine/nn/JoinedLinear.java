package io.github.f2d4j.engine.nn;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.types.DType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Linear layers over the same input as one product, whose columns are theirs, one layer behind the
 * other. Each column is the sum that its layer alone would give, bit for bit; the input is read
 * once. A checkpoint's weights stay as they are, see {@link Tensor#join}.
 */
public final class JoinedLinear {
  private final Tensor weight;
  private final @Nullable Tensor bias;
  private final int[] ends;

  /**
   * Joins layers that all have a bias, or all have none.
   *
   * @throws IllegalArgumentException if there is none, or the sizes of their inputs differ
   */
  public JoinedLinear(Linear... layers) {
    this(List.of(layers), List.of());
  }

  /**
   * Joins layers and adds more to their biases.
   *
   * @param more for each layer [out], added to its bias before anything else; or empty
   * @throws IllegalArgumentException if there is no layer, or sizes differ
   */
  public JoinedLinear(List<Linear> layers, List<Tensor> more) {
    weight = Tensor.join(layers.stream().map(Linear::weight).toList());
    List<Tensor> biases = new ArrayList<>();
    ends = new int[layers.size()];
    int end = 0;
    for (int i = 0; i < ends.length; i++) {
      end += layers.get(i).weight().dim(0);
      ends[i] = end;
      Tensor own = layers.get(i).bias();
      if (own != null) {
        biases.add(own);
      }
    }
    if (!biases.isEmpty() && biases.size() < layers.size()) {
      throw new IllegalArgumentException(
          "layers with and without a bias cannot be joined; got "
              + biases.size()
              + " biases of "
              + layers.size());
    }
    bias = sum(biases, more);
  }

  private static @Nullable Tensor sum(List<Tensor> biases, List<Tensor> more) {
    if (more.isEmpty()) {
      return biases.isEmpty() ? null : Tensor.join(biases);
    }
    Tensor added = Tensor.join(more).cast(DType.F32);
    return biases.isEmpty() ? added : Tensor.join(biases).cast(DType.F32).add(added);
  }

  /** x [...,in] → [...,Σout]. */
  public Tensor forward(Tensor x) {
    return x.linear(weight, bias);
  }

  /** The columns of layer {@code index} in what {@link #forward} gave: [...,out]. */
  public Tensor part(Tensor joined, int index) {
    int start = index == 0 ? 0 : ends[index - 1];
    return joined.slice(joined.shape().rank() - 1, start, ends[index]);
  }
}
