package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.model.checkpoint.Checkpoint;
import io.github.f2d4j.model.checkpoint.ConfigException;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.origin.ModelDigests;
import io.github.f2d4j.model.origin.ModelDigests.PartFile;
import io.github.f2d4j.model.origin.ModelDigests.Role;
import io.github.f2d4j.model.text.ClipTokenizer;
import io.github.f2d4j.weights.WeightFiles;
import io.github.f2d4j.weights.convert.ConversionRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Face2Diffusion model on disk: a Stable Diffusion 1.x folder in diffusers' layout ({@code
 * tokenizer}, {@code text_encoder}, {@code unet}, {@code vae}, {@code scheduler}) with {@code msid}
 * and {@code mapping} beside it, and optionally {@code expression}. Opening looks at names and
 * configurations only, so a folder of the wrong kind is told at once.
 */
public final class ModelFolder {
  private static final String MODEL_INDEX = "model_index.json";
  private static final String WEIGHTS = ".safetensors";

  private static final List<String> CHECKPOINTS = List.of(WEIGHTS, ".ckpt", ".pt", ".pth", ".bin");

  private static final String REMEDY =
      "; Face2Diffusion works with Stable Diffusion 1.x in diffusers' layout, such as"
          + " CompVis/stable-diffusion-v1-4";

  private final Path path;
  private final Path msid;
  private final Path mapping;

  private ModelFolder(Path path, Path msid, Path mapping) {
    this.path = path;
    this.msid = msid;
    this.mapping = mapping;
  }

  /**
   * Opens a folder that holds all parts.
   *
   * @throws ModelException if it does not
   */
  public static ModelFolder open(Path path) throws ModelException {
    return open(path, null, null);
  }

  /**
   * Opens a Stable Diffusion folder whose Face2Diffusion parts may lie elsewhere.
   *
   * @param msid the identity encoder, a folder or weight file; null for {@code msid} in the folder
   * @param mapping the mapping network, a folder or weight file; null for {@code mapping} in the
   *     folder
   * @throws ModelException if a part is missing or the folder is of another kind
   */
  public static ModelFolder open(Path path, @Nullable Path msid, @Nullable Path mapping)
      throws ModelException {
    requireFolder(path);
    refuseUnfinished(path);
    refuseOtherKinds(path);
    Path identity = msid != null ? msid : part(path, "msid");
    Path words = mapping != null ? mapping : part(path, "mapping");
    ModelFolder folder = new ModelFolder(path, identity, words);
    folder.requireParts();
    folder.refuseOtherVersions();
    return folder;
  }

  private static void requireFolder(Path path) throws ModelException {
    if (Files.isDirectory(path)) {
      return;
    }
    if (!Files.exists(path)) {
      throw new ModelException("there is no model folder " + path + "; check the path");
    }
    String name = path.toString();
    if (CHECKPOINTS.stream().anyMatch(name::endsWith)) {
      throw new ModelException(
          path
              + " is a checkpoint in one file, not a model folder; f2d convert makes a folder of it"
              + " (diffusers' layout: unet/, vae/, text_encoder/, tokenizer/, scheduler/)");
    }
    throw new ModelException(path + " is a file, not a model folder; give the folder of a model");
  }

  /** What f2d convert was kept from finishing looks complete to the eye. */
  private static void refuseUnfinished(Path path) throws ModelException {
    try {
      Optional<ConversionRecord> record = ConversionRecord.read(path);
      if (record.isPresent() && !record.get().isComplete()) {
        throw new ModelException(
            path + " was not converted to the end; run the same f2d convert command again");
      }
    } catch (ModelException e) {
      throw e;
    } catch (IOException e) {
      throw new ModelException(String.valueOf(e.getMessage()), e);
    }
  }

  /** By names alone: models of other families have other parts. */
  private static void refuseOtherKinds(Path path) throws ModelException {
    String kind = "";
    if (Files.isRegularFile(path.resolve(MODEL_INDEX))) {
      kind = index(path).text("_class_name", "");
    }
    if (kind.contains("XL") || Files.exists(path.resolve("text_encoder_2"))) {
      throw new ModelException(path + " holds a Stable Diffusion XL model" + REMEDY);
    }
    if (Files.isDirectory(path.resolve("transformer"))
        || kind.contains("Flux")
        || kind.contains("Diffusion3")) {
      throw new ModelException(
          path + " holds a model whose denoiser is a transformer, not a UNet" + REMEDY);
    }
  }

  private static ConfigJson index(Path path) throws ModelException {
    return config(path.resolve(MODEL_INDEX));
  }

  private static ConfigJson config(Path file) throws ModelException {
    try {
      return ConfigJson.read(file);
    } catch (ConfigException e) {
      throw new ModelException(String.valueOf(e.getMessage()), e);
    }
  }

  /** A folder {@code name}, or a weight file of that name. */
  private static Path part(Path path, String name) {
    Path file = path.resolve(name + WEIGHTS);
    return !Files.exists(path.resolve(name)) && Files.exists(file) ? file : path.resolve(name);
  }

  private void requireParts() throws ModelException {
    List<String> missing = new ArrayList<>();
    for (String name : List.of("tokenizer", "text_encoder", "unet", "vae", "scheduler")) {
      if (!Files.isDirectory(path.resolve(name))) {
        missing.add(name);
      }
    }
    List<String> own = new ArrayList<>();
    if (!Files.exists(msid)) {
      own.add("the identity encoder (" + msid + ")");
    }
    if (!Files.exists(mapping)) {
      own.add("the mapping network (" + mapping + ")");
    }
    if (missing.size() == 5) {
      throw new ModelException(
          path
              + " is no model folder: it has none of tokenizer, text_encoder, unet, vae, scheduler"
              + REMEDY);
    }
    if (!missing.isEmpty()) {
      throw new ModelException(
          path
              + " lacks "
              + String.join(", ", missing)
              + "; fetch these folders of the same model, too");
    }
    if (!own.isEmpty()) {
      throw new ModelException(
          path
              + " holds Stable Diffusion without "
              + String.join(" and ", own)
              + " of Face2Diffusion; add them with f2d convert msid.pt mapping.pt -o "
              + path);
    }
  }

  /** By configuration: other versions have the same parts of other widths. */
  private void refuseOtherVersions() throws ModelException {
    ConfigJson unet = config(path.resolve("unet").resolve("config.json"));
    int text = unet.json().path("cross_attention_dim").asInt();
    if (text == 1024) {
      throw new ModelException(path + " holds a Stable Diffusion 2.x model" + REMEDY);
    }
    if (text == 1280) {
      throw new ModelException(path + " holds a Stable Diffusion XL refiner" + REMEDY);
    }
    if (text == 2048) {
      throw new ModelException(path + " holds a Stable Diffusion XL model" + REMEDY);
    }
    int channels = unet.json().path("in_channels").asInt(4);
    int out = unet.json().path("out_channels").asInt(4);
    if (channels > out) {
      throw new ModelException(
          path
              + " holds a model for inpainting or editing (its denoiser reads "
              + channels
              + " channels and predicts "
              + out
              + ")"
              + REMEDY);
    }
  }

  /** The folder itself. */
  public Path path() {
    return path;
  }

  /** The tokenizer's folder. */
  public Path tokenizer() {
    return path.resolve("tokenizer");
  }

  /** The text encoder's folder. */
  public Path textEncoder() {
    return path.resolve("text_encoder");
  }

  /** The denoiser's folder. */
  public Path unet() {
    return path.resolve("unet");
  }

  /** The autoencoder's folder. */
  public Path vae() {
    return path.resolve("vae");
  }

  /** The sampler's settings. */
  public Path schedulerConfig() {
    return path.resolve("scheduler").resolve("scheduler_config.json");
  }

  /** The identity encoder's folder or weight file. */
  public Path msid() {
    return msid;
  }

  /** The mapping network's folder or weight file. */
  public Path mapping() {
    return mapping;
  }

  /** The expression encoder's folder or weight file, if there is one. */
  public Optional<Path> expression() {
    Path part = part(path, "expression");
    return Files.exists(part) ? Optional.of(part) : Optional.empty();
  }

  /**
   * What the mapping network's configuration says beyond its dimensions; empty if there is none.
   */
  ConfigJson mappingConfig() throws ModelException {
    Path folder = Files.isDirectory(mapping) ? mapping : mapping.toAbsolutePath().getParent();
    Path file = folder == null ? Path.of("config.json") : folder.resolve("config.json");
    return Files.exists(file) ? config(file) : ConfigJson.parse("no " + file, "{}");
  }

  /**
   * Looks at the files of all parts, so that their hashes can be told later; before the parts are
   * loaded.
   *
   * @throws IOException if weights are missing or cannot be told from each other
   */
  ModelDigests digests() throws IOException {
    Map<String, List<PartFile>> parts = new LinkedHashMap<>();
    List<PartFile> words = new ArrayList<>();
    for (String file : ClipTokenizer.FILES) {
      addIfThere(words, tokenizer().resolve(file), file, Role.CONTENT);
    }
    parts.put("tokenizer", words);
    parts.put("text_encoder", network(textEncoder()));
    parts.put("unet", network(unet()));
    parts.put("vae", network(vae()));
    parts.put("msid", network(msid));
    parts.put("mapping", network(mapping));
    Optional<Path> expression = expression();
    if (expression.isPresent()) {
      parts.put("expression", network(expression.get()));
    }
    return ModelDigests.of(parts);
  }

  /** A network's configuration, where there is one, and its weights. */
  private static List<PartFile> network(Path part) throws IOException {
    List<PartFile> files = new ArrayList<>();
    Path folder = Files.isDirectory(part) ? part : part.toAbsolutePath().getParent();
    Path config = (folder == null ? Path.of("") : folder).resolve(Checkpoint.CONFIG);
    addIfThere(files, config, "config", Role.CONFIG);
    for (Path weights : WeightFiles.files(part)) {
      addIfThere(files, weights, "weights", Role.CONTENT);
    }
    return files;
  }

  private static void addIfThere(List<PartFile> files, Path file, String label, Role role) {
    if (Files.isRegularFile(file)) {
      files.add(new PartFile(file, label, role));
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
