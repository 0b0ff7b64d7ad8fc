package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.engine.nn.WeightsException;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.model.checkpoint.Checkpoint;
import io.github.f2d4j.model.checkpoint.ConfigException;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.clip.ClipTextEncoder;
import io.github.f2d4j.model.expression.ExpressionEncoder;
import io.github.f2d4j.model.face.AlignedFace;
import io.github.f2d4j.model.identity.IdentityEncoder;
import io.github.f2d4j.model.mapping.MappingNetwork;
import io.github.f2d4j.model.origin.ModelDigests;
import io.github.f2d4j.model.scheduler.SchedulerConfig;
import io.github.f2d4j.model.scheduler.SchedulerKind;
import io.github.f2d4j.model.text.ClipTokenizer;
import io.github.f2d4j.model.unet.UNet2DConditionModel;
import io.github.f2d4j.model.vae.AutoencoderKl;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a loaded model, which have been checked to belong together.
 *
 * @param tokenizer prompts to ids
 * @param textEncoder ids to states
 * @param unet the denoiser
 * @param vae latents to pictures
 * @param identityEncoder faces to identities
 * @param mapping identities to words
 * @param scheduler the sampler's settings
 * @param expressionEncoder faces to expressions, if the model has one
 * @param defaults what a request that says nothing gets
 * @param digests the hash of each part; null where the parts do not come from a {@link ModelFolder}
 */
public record PipelineParts(
    ClipTokenizer tokenizer,
    ClipTextEncoder textEncoder,
    UNet2DConditionModel unet,
    AutoencoderKl vae,
    IdentityEncoder identityEncoder,
    MappingNetwork mapping,
    SchedulerConfig scheduler,
    @Nullable ExpressionEncoder expressionEncoder,
    GenerationDefaults defaults,
    @Nullable ModelDigests digests) {

  private interface Loader<T> {
    T load(Path path) throws IOException;
  }

  /**
   * Loads all parts.
   *
   * @throws ModelException if one cannot be read, or they do not belong together
   */
  public static PipelineParts load(ModelFolder folder) throws ModelException {
    return load(folder, digests(folder), Checkpoint::open);
  }

  /**
   * All parts by their configurations and the headers of their weight files alone: what they do can
   * be planned, not run.
   *
   * @param dtypeAtRest the type that all weights shall have, or null for the files' own
   * @throws ModelException if one cannot be read, or they do not belong together
   */
  public static PipelineParts describe(ModelFolder folder, @Nullable DType dtypeAtRest)
      throws ModelException {
    return load(folder, null, path -> Checkpoint.describe(path, dtypeAtRest));
  }

  /** Loads all parts; the digests were made before, so that they speak of the same files. */
  private static PipelineParts load(
      ModelFolder folder, @Nullable ModelDigests digests, Loader<Checkpoint> open)
      throws ModelException {
    ClipTokenizer tokenizer = part("tokenizer", folder.tokenizer(), ClipTokenizer::load);
    SchedulerConfig scheduler =
        part("scheduler", folder.schedulerConfig(), SchedulerConfig::read).forLatents();
    MappingNetwork mapping =
        part("mapping network", folder.mapping(), p -> MappingNetwork.of(open.load(p)));
    IdentityEncoder identity =
        part("identity encoder", folder.msid(), p -> IdentityEncoder.of(open.load(p)));
    ClipTextEncoder text =
        part("text encoder", folder.textEncoder(), p -> ClipTextEncoder.of(open.load(p)));
    AutoencoderKl vae = part("autoencoder", folder.vae(), p -> AutoencoderKl.of(open.load(p)));
    UNet2DConditionModel unet =
        part("denoiser", folder.unet(), p -> UNet2DConditionModel.of(open.load(p)));
    Optional<Path> expression = folder.expression();
    PipelineParts parts =
        new PipelineParts(
            tokenizer,
            text,
            unet,
            vae,
            identity,
            mapping,
            scheduler,
            expression.isPresent()
                ? part(
                    "expression encoder", expression.get(), p -> ExpressionEncoder.of(open.load(p)))
                : null,
            defaults(folder.mappingConfig(), unet, vae),
            digests);
    parts.requireMatch(folder.toString());
    return parts;
  }

  private static @Nullable ModelDigests digests(ModelFolder folder) {
    try {
      return folder.digests();
    } catch (IOException e) {
      return null; // Loading the same files says better what is wrong.
    }
  }

  private static <T> T part(String what, Path path, Loader<T> loader) throws ModelException {
    try {
      return loader.load(path);
    } catch (ModelException e) {
      throw e;
    } catch (IOException | ConfigException | WeightsException | IllegalArgumentException e) {
      throw new ModelException("the " + what + " cannot be loaded: " + e.getMessage(), e);
    }
  }

  /** The identifier, and the guidance and steps that a model's makers recommend. */
  private static GenerationDefaults defaults(
      ConfigJson mapping, UNet2DConditionModel unet, AutoencoderKl vae) throws ModelException {
    int side = unet.config().sampleSize() * vae.config().scale();
    try {
      return new GenerationDefaults(
          side,
          side,
          mapping.positive("num_inference_steps", GenerationDefaults.STEPS),
          mapping.number("guidance_scale", GenerationDefaults.GUIDANCE_SCALE),
          mapping.text("identifier", GenerationDefaults.IDENTIFIER));
    } catch (ConfigException e) {
      throw new ModelException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * The hash of each part.
   *
   * @throws IllegalStateException if the parts do not come from a folder
   */
  public ModelDigests requireDigests() {
    if (digests == null) {
      throw new IllegalStateException(
          "this pipeline was put together from parts, so it cannot tell the hash of its weights,"
              + " which identity cards and records of pictures need; load it from a model folder");
    }
    return digests;
  }

  /**
   * Checks that the parts belong together.
   *
   * @param model what the message calls the model
   */
  void requireMatch(String model) throws ModelException {
    int width = textEncoder.config().hiddenSize();
    requireEqual(
        model,
        "the text encoder's states",
        width,
        "the denoiser expects",
        unet.config().crossAttentionDim());
    requireEqual(
        model,
        "the text encoder's states",
        width,
        "the mapping network makes words of",
        mapping.config().outputDim());
    requireEqual(
        model,
        "the identity encoder's vectors",
        identityEncoder.features(),
        "the mapping network expects",
        mapping.config().embedDim());
    requireEqual(
        model,
        "the autoencoder's latents",
        vae.config().latentChannels(),
        "the denoiser expects",
        unet.config().inChannels());
    requireEqual(
        model,
        "the denoiser's predictions",
        unet.config().outChannels(),
        "its latents have",
        unet.config().inChannels());
    requireEqual(model, "the autoencoder's pictures", vae.config().outChannels(), "RGB has", 3);
    requireEqual(
        model,
        "the identity encoder's faces",
        identityEncoder.inputSize(),
        "aligned faces have",
        AlignedFace.SIZE);
    if (tokenizer.vocabularySize() > textEncoder.config().vocabSize()) {
      throw mismatch(
          model,
          "the tokenizer has "
              + tokenizer.vocabularySize()
              + " tokens, but the text encoder knows "
              + textEncoder.config().vocabSize());
    }
    if (tokenizer.maxLength() > textEncoder.config().maxPositionEmbeddings()) {
      throw mismatch(
          model,
          "the tokenizer makes prompts of "
              + tokenizer.maxLength()
              + " tokens, but the text encoder takes "
              + textEncoder.config().maxPositionEmbeddings());
    }
    if (defaults.identifier().strip().split("\\s+", -1).length != 2) {
      throw mismatch(
          model,
          "the identifier \"" + defaults.identifier() + "\" must be two words, as in \"f l\"");
    }
    part("scheduler", Path.of(model), p -> SchedulerKind.EULER_ANCESTRAL.create(scheduler, 0));
  }

  private static void requireEqual(String model, String what, int a, String other, int b)
      throws ModelException {
    if (a != b) {
      throw mismatch(model, what + " have size " + a + ", but " + other + " " + b);
    }
  }

  private static ModelException mismatch(String model, String problem) {
    return new ModelException(
        model
            + ": the parts do not belong together: "
            + problem
            + "; take msid and mapping that were trained for this Stable Diffusion model, and all"
            + " of its folders from one source");
  }
}
