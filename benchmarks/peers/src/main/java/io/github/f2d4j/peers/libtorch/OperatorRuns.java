package io.github.f2d4j.peers.libtorch;

import static io.github.f2d4j.peers.libtorch.Tensors.then;

import io.github.f2d4j.benchmarks.compare.Contender.Prepared;
import io.github.f2d4j.benchmarks.compare.Values;
import io.github.f2d4j.benchmarks.compare.Workload;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Single operators. */
final class OperatorRuns {
  private OperatorRuns() {}

  static Prepared prepare(Workload workload, ScalarType type) {
    return switch (workload) {
      case Workload.Linear w -> {
        Tensor x =
            Tensors.of(Values.input(w, "x", (long) w.rows() * w.in()), type, w.rows(), w.in());
        Tensor weight =
            Tensors.of(Values.weight(w, (long) w.out() * w.in(), w.in()), type, w.out(), w.in());
        Fastest layer = Layers.linear(weight, Tensors.of(Values.bias(w, w.out()), type, w.out()));
        yield new Run(() -> layer.apply(x), Tensor::clone, layer::choice);
      }
      case Workload.Convolve w -> convolve(w, type);
      case Workload.Attend w -> attend(w, type);
      case Workload.GroupNormSilu w -> {
        long n = (long) w.images() * w.size() * w.size() * w.channels();
        Tensor x =
            Tensors.images(
                Values.input(w, "x", n), type, w.images(), w.size(), w.size(), w.channels());
        Tensor scale = Tensors.of(Values.scale(w, w.channels()), type, w.channels());
        Tensor shift = Tensors.of(Values.bias(w, w.channels()), type, w.channels());
        yield new Run(
            () -> Layers.groupNormSilu(x, scale, shift, 1e-5),
            OperatorRuns::channelsLast,
            () -> "");
      }
      case Workload.LayerNorm w -> {
        Tensor x =
            Tensors.of(
                Values.input(w, "x", (long) w.rows() * w.channels()), type, w.rows(), w.channels());
        Tensor scale = Tensors.of(Values.scale(w, w.channels()), type, w.channels());
        Tensor shift = Tensors.of(Values.bias(w, w.channels()), type, w.channels());
        yield new Run(() -> Layers.layerNorm(x, scale, shift, 1e-5), Tensor::clone, () -> "");
      }
      case Workload.Network w -> throw new IllegalArgumentException(w.name() + " is no operator");
    };
  }

  private static Prepared convolve(Workload.Convolve w, ScalarType type) {
    int k = w.kernel();
    Tensor x =
        Tensors.images(
            Values.input(w, "x", (long) w.images() * w.size() * w.size() * w.in()),
            type,
            w.images(),
            w.size(),
            w.size(),
            w.in());
    Tensor weight =
        Tensors.of(
            Values.weight(w, (long) w.out() * w.in() * k * k, w.in() * k * k),
            type,
            w.out(),
            w.in(),
            k,
            k);
    Tensor bias = Tensors.of(Values.bias(w, w.out()), type, w.out());
    Fastest layer = Layers.convolution(weight, bias, w.stride(), k / 2);
    return new Run(() -> layer.apply(x), OperatorRuns::channelsLast, layer::choice);
  }

  private static Prepared attend(Workload.Attend w, ScalarType type) {
    int width = w.heads() * w.width();
    long queries = (long) w.images() * w.queries() * width;
    long keys = (long) w.images() * w.keys() * width;
    Tensor q = Tensors.of(Values.input(w, "q", queries), type, w.images(), w.queries(), width);
    Tensor k = Tensors.of(Values.input(w, "k", keys), type, w.images(), w.keys(), width);
    Tensor v = Tensors.of(Values.input(w, "v", keys), type, w.images(), w.keys(), width);
    Fastest layer = Layers.attention(w.heads(), false);
    return new Run(() -> layer.apply(q, k, v), Tensor::clone, layer::choice);
  }

  /** NCHW by shape → NHWC by shape. */
  static Tensor channelsLast(Tensor t) {
    return t.permute(0, 2, 3, 1);
  }

  /**
   * A computation that frees its results.
   *
   * @param order how a result is read in this library's layout
   * @param form in which form the operator runs
   */
  record Run(Supplier<Tensor> computation, UnaryOperator<Tensor> order, Supplier<String> form)
      implements Prepared {
    @Override
    public void run() {
      computation.get().close();
    }

    @Override
    public float[] result() {
      try (Tensor t = then(computation.get(), order)) {
        return Tensors.floats(t);
      }
    }

    @Override
    public String settings() {
      return form.get();
    }
  }
}
