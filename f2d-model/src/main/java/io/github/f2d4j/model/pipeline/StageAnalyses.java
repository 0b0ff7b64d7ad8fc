package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.graph.Analysis;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.mapping.MappingNetwork.Words;
import io.github.f2d4j.model.pipeline.GenerationAnalysis.Computation;
import io.github.f2d4j.model.pipeline.GenerationAnalysis.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Traces the stages of a generation over placeholders, exactly as it would run them. */
final class StageAnalyses {
  /** Where the words of a person stand; any place in the prompt costs the same. */
  private static final int POSITION = 1;

  private final PipelineParts parts;
  private final GuidedDenoiser denoiser;
  private final LatentDecoder decoder;

  StageAnalyses(PipelineParts parts, GuidedDenoiser denoiser, LatentDecoder decoder) {
    this.parts = parts;
    this.denoiser = denoiser;
    this.decoder = decoder;
  }

  /**
   * The computations of a complete request.
   *
   * @param guided whether with guidance
   */
  GenerationAnalysis of(GenerationRequest r, int steps, int width, int height, boolean guided) {
    int factor = parts.vae().config().scale();
    int tokens = parts.tokenizer().maxLength();
    int n = r.images();
    int channels = parts.unet().config().inChannels();
    Shape latents = Shape.of(n, height / factor, width / factor, channels);
    Shape states = Shape.of(guided ? 2 : 1, tokens, parts.textEncoder().config().hiddenSize());
    Analysis read = denoiser.analyzeRead(states);
    List<Computation> all = new ArrayList<>();
    all.add(new Computation(Stage.IDENTITY_ENCODER, 1, identity()));
    all.add(new Computation(Stage.MAPPING, 1, mapping(r.expression() != null)));
    all.add(new Computation(Stage.TEXT_ENCODER, 1, text(tokens, true)));
    if (guided) {
      all.add(new Computation(Stage.TEXT_ENCODER, 1, text(tokens, false)));
    }
    all.add(new Computation(Stage.TEXT_ENCODER, 1, read));
    all.add(new Computation(Stage.DENOISER, steps, denoiser.analyze(latents, states, guided)));
    for (Map.Entry<Analysis, Integer> e : decoder.analyze(latents, r.tiles()).entrySet()) {
      all.add(new Computation(Stage.DECODER, e.getValue() * n, e.getKey()));
    }
    return new GenerationAnalysis(
        r, all, steps, TensorType.f32(latents).bytes(), read.resultBytes());
  }

  private Analysis identity() {
    int side = parts.identityEncoder().inputSize();
    return Tensor.analyze(List.of(parts.identityEncoder().encode(f32(1, side, side, 3))));
  }

  private Analysis mapping(boolean expression) {
    Tensor identity = f32(1, parts.mapping().config().embedDim());
    Tensor exp = expression ? f32(1, parts.mapping().config().expDim()) : null;
    Words words = parts.mapping().map(identity, exp, null);
    return Tensor.analyze(List.of(words.first(), words.last()));
  }

  private Analysis text(int tokens, boolean personal) {
    Tensor hidden = parts.textEncoder().embed(new long[1][tokens]);
    if (personal) {
      int width = parts.mapping().config().outputDim();
      hidden = parts.textEncoder().inject(hidden, 0, POSITION, f32(1, width), f32(1, width));
    }
    return Tensor.analyze(List.of(parts.textEncoder().encode(hidden)));
  }

  private static Tensor f32(int... dims) {
    return Tensor.placeholder(TensorType.f32(Shape.of(dims)));
  }
}
