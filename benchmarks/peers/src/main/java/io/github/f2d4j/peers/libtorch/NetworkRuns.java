package io.github.f2d4j.peers.libtorch;

import static io.github.f2d4j.peers.libtorch.Tensors.then;

import io.github.f2d4j.benchmarks.compare.Contender.Prepared;
import io.github.f2d4j.benchmarks.compare.Net;
import io.github.f2d4j.benchmarks.compare.Values;
import io.github.f2d4j.benchmarks.compare.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Whole networks. */
final class NetworkRuns {
  private static final float[] TIMESTEPS = {801, 801};

  private NetworkRuns() {}

  static Prepared prepare(Workload workload, Net net, Path folder, ScalarType type)
      throws IOException {
    WeightedLayers w = WeightedLayers.open(folder, type);
    StableDiffusion diffusion = new StableDiffusion(w);
    Encoders encoders = new Encoders(w);
    return switch (net) {
      case UNET -> {
        float[] values = Values.input(workload, "sample", 2L * 64 * 64 * 4);
        Tensor sample = Tensors.images(values, type, 2, 64, 64, 4);
        Tensor text = Tensors.of(Values.input(workload, "text", 2L * 77 * 768), type, 2, 77, 768);
        yield new Run(
            w, () -> diffusion.denoise(sample, TIMESTEPS, text), OperatorRuns::channelsLast);
      }
      case VAE_DECODER -> {
        float[] values = Values.input(workload, "latent", 64L * 64 * 4);
        Tensor latent = Tensors.images(values, type, 1, 64, 64, 4);
        yield new Run(w, () -> diffusion.decode(latent), OperatorRuns::channelsLast);
      }
      case TEXT_ENCODER -> {
        Tensor ids = ids(Values.tokens(2), 2, 77);
        yield new Run(w, () -> encoders.text(ids), Tensor::clone);
      }
      case MSID_VIT -> {
        Tensor face = face(workload, type);
        yield new Run(w, () -> encoders.msidVit(face), Tensor::clone);
      }
      case IRESNET50 -> {
        Tensor face = face(workload, type);
        yield new Run(w, () -> encoders.iresnet50(face), Tensor::clone);
      }
    };
  }

  private static Tensor face(Workload workload, ScalarType type) {
    int size = 112;
    float[] values = Values.input(workload, "face", 3L * size * size);
    return Tensors.images(values, type, 1, size, size, 3);
  }

  private static Tensor ids(long[] values, long... dims) {
    try (LongPointer memory = new LongPointer(values);
        TensorOptions options = new TensorOptions(ScalarType.Long);
        Tensor blob = torch.from_blob(memory, dims, options)) {
      return blob.clone();
    }
  }

  /**
   * A network that frees its results.
   *
   * @param order how a result is read in this library's layout
   */
  private record Run(
      WeightedLayers layers, Supplier<Tensor> computation, UnaryOperator<Tensor> order)
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
      return layers.forms();
    }

    @Override
    public void close() {
      try {
        layers.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
