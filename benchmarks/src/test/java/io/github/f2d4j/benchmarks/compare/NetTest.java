package io.github.f2d4j.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.clip.ClipTextEncoder;
import io.github.f2d4j.model.identity.IResNet;
import io.github.f2d4j.model.identity.IResNetConfig;
import io.github.f2d4j.model.identity.MsidViT;
import io.github.f2d4j.model.identity.MsidVitConfig;
import io.github.f2d4j.model.layout.Sd14;
import io.github.f2d4j.model.unet.UNet2DConditionModel;
import io.github.f2d4j.model.vae.AutoencoderKl;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The counts of {@link Net} are those of the networks' plans. */
class NetTest {
  private final Weights w = Weights.recording();

  @ParameterizedTest
  @EnumSource
  void workAndWeightsAreTheNetworks(Net net) {
    double gflop = function(net).analyze().products() / 1e9;
    long parameters =
        w.declared().entrySet().stream()
            .filter(e -> net != Net.VAE_DECODER || isDecoder(e.getKey()))
            .mapToLong(e -> e.getValue().shape().elements())
            .sum();
    assertEquals(gflop, net.gflop(), 1e-3 * gflop);
    assertEquals(4.0 * parameters, net.weightBytes());
  }

  private static boolean isDecoder(String key) {
    return key.startsWith("decoder.") || key.startsWith("post_quant_conv.");
  }

  private CompiledFunction function(Net net) {
    return switch (net) {
      case UNET -> {
        UNet2DConditionModel unet = new UNet2DConditionModel(w, Sd14.unet());
        yield compile(
            x -> unet.forward(x.getFirst(), x.get(1), x.get(2)),
            f32(2, 64, 64, 4),
            f32(2),
            f32(2, 77, 768));
      }
      case VAE_DECODER -> {
        AutoencoderKl vae = new AutoencoderKl(w, Sd14.vae());
        yield compile(x -> vae.decode(x.getFirst()), f32(1, 64, 64, 4));
      }
      case TEXT_ENCODER -> {
        ClipTextEncoder text = new ClipTextEncoder(w, Sd14.textEncoder());
        yield compile(
            x -> text.encode(text.embed(x.getFirst())), new TensorType(DType.I64, Shape.of(2, 77)));
      }
      case MSID_VIT -> {
        MsidViT vit = new MsidViT(w, MsidVitConfig.PUBLISHED);
        yield compile(x -> vit.encode(x.getFirst()), f32(1, 112, 112, 3));
      }
      case IRESNET50 -> {
        IResNet resnet = new IResNet(w, IResNetConfig.ofArchitecture("iresnet50"));
        yield compile(x -> resnet.encode(x.getFirst()), f32(1, 112, 112, 3));
      }
    };
  }

  private static CompiledFunction compile(
      Function<List<Tensor>, Tensor> network, TensorType... types) {
    return CompiledFunction.of(x -> List.of(network.apply(x)), types);
  }

  private static TensorType f32(int... dims) {
    return TensorType.f32(Shape.of(dims));
  }
}
