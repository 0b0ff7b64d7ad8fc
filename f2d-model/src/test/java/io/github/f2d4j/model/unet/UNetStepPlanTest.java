package io.github.f2d4j.model.unet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.graph.Graph.Step;
import io.github.f2d4j.engine.graph.Plan;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.engine.op.AttendOp;
import io.github.f2d4j.engine.op.ElementwiseOp;
import io.github.f2d4j.engine.op.MatMulOp;
import io.github.f2d4j.engine.op.MovementOp;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.layout.Sd14;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.Goldens;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a denoising step runs and how much memory it takes, without running it. */
class UNetStepPlanTest {
  /** What the working memory may take beyond the largest sum of values alive at one time. */
  private static final double SLACK = 1.02;

  /** The step of a pipeline: two prompts, read before, and one time. */
  private static CompiledFunction step(UNet2DConditionModel unet, int height, int width) {
    UNetConfig config = unet.config();
    Tensor states = Tensor.placeholder(f32(2, 77, config.crossAttentionDim()));
    List<TensorType> types = new ArrayList<>();
    types.add(f32(2, height, width, config.inChannels()));
    types.add(f32(1));
    unet.keysValues(states).forEach(kv -> types.add(kv.type()));
    return CompiledFunction.of(
        in -> List.of(unet.forward(in.get(0), in.get(1), in.subList(2, in.size()))),
        types.toArray(TensorType[]::new));
  }

  private static UNet2DConditionModel fullSize() {
    return new UNet2DConditionModel(Weights.recording(), Sd14.unet());
  }

  private static TensorType f32(int... dims) {
    return TensorType.f32(Shape.of(dims));
  }

  private static long count(Plan plan, Class<? extends Op> family) {
    return plan.steps().stream().map(Step::op).filter(family::isInstance).count();
  }

  @Test
  void aStepRunsNothingTwice() {
    Plan plan = step(fullSize(), 64, 64).plan();
    int blocks = 16; // with a transformer each
    // q/k/v in one, output; the text's q, output; GEGLU and back; two layers and one joined
    // projection of the time.
    assertEquals(6L * blocks + 3, count(plan, MatMulOp.class));
    assertEquals(2L * blocks, count(plan, AttendOp.class));
    // The sinusoids of the time: scaled, then one of each.
    assertEquals(3, count(plan, ElementwiseOp.class), "all others are epilogues");
    // 12 skips joined, 3 upsamplings, the sinusoids joined.
    assertEquals(16, count(plan, MovementOp.class), "q, k, v and the time are not copied");
  }

  @Test
  void aTextsKeysAndValuesAreOneProductForEachLayer() {
    UNet2DConditionModel unet = fullSize();
    List<Tensor> keysValues =
        unet.keysValues(Tensor.placeholder(f32(2, 77, unet.config().crossAttentionDim())));
    assertEquals(16, keysValues.size());
    assertEquals(16, Tensor.analyze(keysValues).steps().size());
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 64, 96})
  void aFullSizeStepsMemoryIsCloseToTheLeast(int side) {
    assertClose(step(fullSize(), side, side).plan());
  }

  @Test
  void aSmallStepsMemoryIsCloseToTheLeast() {
    for (Fixture fixture : Goldens.fixtures("unet")) {
      ConfigJson config = ConfigJson.of(fixture.name(), fixture.config().required("unet"));
      UNet2DConditionModel unet =
          new UNet2DConditionModel(Weights.recording(), UNetConfig.of(config));
      assertClose(step(unet, 16, 16).plan());
      assertClose(step(unet, 18, 10).plan());
    }
  }

  private static void assertClose(Plan plan) {
    long least = plan.workspaceLowerBound();
    assertTrue(least > 0);
    assertTrue(
        plan.workspaceBytes() <= SLACK * least,
        "%,d bytes planned, %,d are alive at one time".formatted(plan.workspaceBytes(), least));
  }
}
