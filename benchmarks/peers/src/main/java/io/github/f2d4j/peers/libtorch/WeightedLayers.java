package io.github.f2d4j.peers.libtorch;

import io.github.f2d4j.weights.WeightFiles;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import io.github.f2d4j.weights.safetensors.TensorSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** A checkpoint's layers by their keys, each made when it is first called. */
final class WeightedLayers implements AutoCloseable {
  private final TensorSource source;
  private final ScalarType type;
  private final Map<String, Fastest> layers = new HashMap<>();
  private final Map<String, Tensor> parameters = new HashMap<>();

  private WeightedLayers(TensorSource source, ScalarType type) {
    this.source = source;
    this.type = type;
  }

  /** The checkpoint in a folder; layers compute in {@code type}. */
  static WeightedLayers open(Path folder, ScalarType type) throws IOException {
    return new WeightedLayers(WeightFiles.open(folder), type);
  }

  ScalarType type() {
    return type;
  }

  boolean has(String key) {
    return source.names().contains(key);
  }

  private Tensor read(String key) {
    return Tensors.of(source.get(key), type);
  }

  private @Nullable Tensor readIfPresent(String key) {
    return has(key) ? read(key) : null;
  }

  /** A parameter that is no matrix, such as a scale. */
  Tensor parameter(String key) {
    return parameters.computeIfAbsent(key, this::read);
  }

  /** {@code key.weight} [out,in] or, as a 1×1 convolution, [out,in,1,1]; {@code key.bias}. */
  Tensor linear(String key, Tensor x) {
    return layers
        .computeIfAbsent(
            key,
            k -> {
              TensorEntry w = source.get(k + ".weight");
              long[] dims = Arrays.stream(w.shape().dims()).mapToLong(i -> i).toArray();
              Tensor weight = Tensors.then(read(k + ".weight"), t -> t.view(dims[0], dims[1]));
              return Layers.linear(weight, readIfPresent(k + ".bias"));
            })
        .apply(x);
  }

  /** {@code key.weight} [out,in,k,k], {@code key.bias}. */
  Tensor convolve(String key, Tensor x, int stride, int padding) {
    return layers
        .computeIfAbsent(
            key,
            k ->
                Layers.convolution(
                    read(k + ".weight"), readIfPresent(k + ".bias"), stride, padding))
        .apply(x);
  }

  /** A convolution without bias, with the batch normalisation after it folded into its weights. */
  Tensor convolveNorm(String key, String norm, Tensor x, int stride, int padding, double eps) {
    return layers
        .computeIfAbsent(
            key,
            k -> {
              Tensor scale = scale(norm, eps);
              Tensor shift = shift(norm, scale);
              Tensor weight =
                  Tensors.then(
                      read(k + ".weight"), w -> Tensors.then(scale.view(-1, 1, 1, 1), w::mul));
              return Layers.convolution(weight, shift, stride, padding);
            })
        .apply(x);
  }

  /** What a batch normalisation multiplies with: weight/√(variance + eps). */
  private Tensor scale(String norm, double eps) {
    try (Tensor weight = read(norm + ".weight");
        Tensor variance = read(norm + ".running_var");
        Scalar e = new Scalar(eps);
        Tensor shifted = variance.add(e);
        Tensor root = torch.rsqrt(shifted)) {
      return weight.mul(root);
    }
  }

  /** What a batch normalisation then adds: bias − mean·scale. */
  private Tensor shift(String norm, Tensor scale) {
    try (Tensor bias = read(norm + ".bias");
        Tensor mean = read(norm + ".running_mean");
        Tensor scaled = mean.mul(scale)) {
      return bias.sub(scaled);
    }
  }

  /** A batch normalisation over axis 1 by itself, as scale and shift. */
  Tensor batchNorm(String key, Tensor x, double eps) {
    Tensor scale = parameters.computeIfAbsent(key + ".scale", k -> scale(key, eps));
    Tensor shift = parameters.computeIfAbsent(key + ".shift", k -> shift(key, scale));
    long[] dims = new long[(int) x.dim()];
    Arrays.fill(dims, 1);
    dims[1] = scale.size(0);
    try (Tensor a = scale.view(dims);
        Tensor b = shift.view(dims);
        Tensor scaled = x.mul(a)) {
      return torch.add(scaled, b);
    }
  }

  Tensor groupNorm(String key, Tensor x, double eps) {
    return Layers.groupNorm(x, parameter(key + ".weight"), parameter(key + ".bias"), eps);
  }

  Tensor groupNormSilu(String key, Tensor x, double eps) {
    return Layers.groupNormSilu(x, parameter(key + ".weight"), parameter(key + ".bias"), eps);
  }

  Tensor layerNorm(String key, Tensor x, double eps) {
    return Layers.layerNorm(x, parameter(key + ".weight"), parameter(key + ".bias"), eps);
  }

  /** Attention in the form that is fastest at this shape. */
  Tensor attend(Tensor q, Tensor k, Tensor v, int heads, boolean causal) {
    String shape = "attention %d %d %d".formatted(q.size(1), k.size(1), q.size(2));
    return layers.computeIfAbsent(shape, s -> Layers.attention(heads, causal)).apply(q, k, v);
  }

  /** How many layers run in which form. */
  String forms() {
    return layers.values().stream()
        .collect(Collectors.groupingBy(Fastest::choice, TreeMap::new, Collectors.counting()))
        .entrySet()
        .stream()
        .map(e -> e.getValue() + " × " + e.getKey())
        .collect(Collectors.joining("; "));
  }

  @Override
  public void close() throws IOException {
    layers.values().forEach(Fastest::close);
    parameters.values().forEach(Tensor::close);
    source.close();
  }
}
