package io.github.f2d4j.model.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.cost.Family;
import io.github.f2d4j.engine.graph.Analysis;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.layout.Sd14;
import io.github.f2d4j.model.unet.UNet2DConditionModel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The full-size denoiser's operations from its plan, and counted layer by layer from the published
 * architecture, at batch 2 and 64×64 latents.
 */
class UNetFlopsTest {
  private static final int BATCH = 2;
  private static final int TOKENS = 77;
  private static final int TEXT = 768;
  private static final int[] CHANNELS = {320, 640, 1280, 1280};
  private static final int TIME = 1280;

  /** Multiply-adds of one image. */
  private final Map<Family, Long> counted = new EnumMap<>(Family.class);

  private void conv(long in, long out, long kernel, long side) {
    counted.merge(Family.CONVOLVE, in * out * kernel * kernel * side * side, Long::sum);
  }

  private void linear(long in, long out, long rows) {
    counted.merge(Family.MATMUL, in * out * rows, Long::sum);
  }

  private void resnet(long in, long out, long side) {
    conv(in, out, 3, side);
    linear(TIME, out, 1);
    conv(out, out, 3, side);
    if (in != out) {
      conv(in, out, 1, side);
    }
  }

  private void transformer(long c, long side) {
    long n = side * side;
    conv(c, c, 1, side);
    linear(c, 4 * c, n); // q, k, v and the output of self-attention
    counted.merge(Family.ATTEND, 2 * n * n * c, Long::sum);
    linear(c, 2 * c, n); // q and the output of cross-attention
    linear(TEXT, 2 * c, TOKENS);
    counted.merge(Family.ATTEND, 2 * n * TOKENS * c, Long::sum);
    linear(c, 8 * c, n);
    linear(4 * c, c, n);
    conv(c, c, 1, side);
  }

  private void unet() {
    linear(CHANNELS[0], TIME, 1);
    linear(TIME, TIME, 1);
    long side = 64;
    long c = CHANNELS[0];
    conv(4, c, 3, side);
    Deque<Long> skips = new ArrayDeque<>();
    skips.push(c);
    for (int level = 0; level < 4; level++) {
      for (int i = 0; i < 2; i++) {
        resnet(c, CHANNELS[level], side);
        c = CHANNELS[level];
        if (level < 3) {
          transformer(c, side);
        }
        skips.push(c);
      }
      if (level < 3) {
        side /= 2;
        conv(c, c, 3, side);
        skips.push(c);
      }
    }
    resnet(c, c, side);
    transformer(c, side);
    resnet(c, c, side);
    for (int level = 3; level >= 0; level--) {
      for (int i = 0; i < 3; i++) {
        resnet(c + skips.pop(), CHANNELS[level], side);
        c = CHANNELS[level];
        if (level < 3) {
          transformer(c, side);
        }
      }
      if (level > 0) {
        side *= 2;
        conv(c, c, 3, side);
      }
    }
    conv(c, 4, 3, side);
  }

  @Test
  void thePlanCountsWhatTheArchitectureSays() {
    unet();
    long total = counted.values().stream().mapToLong(Long::longValue).sum();
    assertEquals(1.607e12, 2.0 * BATCH * total, 0.0005e12, "the count itself");
    UNet2DConditionModel model = new UNet2DConditionModel(Weights.recording(), Sd14.unet());
    Tensor y = model.forward(f32(BATCH, 64, 64, 4), f32(BATCH), f32(BATCH, TOKENS, TEXT));
    Analysis a = Tensor.analyze(List.of(y));
    Map<Family, Long> planned = new EnumMap<>(Family.class);
    a.steps().stream()
        .filter(s -> s.cost().products() > 0)
        .forEach(s -> planned.merge(s.cost().family(), s.cost().products(), Long::sum));
    counted.replaceAll((family, n) -> 2 * BATCH * n);
    assertEquals(counted, planned);
    assertEquals(2 * BATCH * total, a.products());
  }

  private static Tensor f32(int... dims) {
    return Tensor.placeholder(TensorType.f32(Shape.of(dims)));
  }
}
