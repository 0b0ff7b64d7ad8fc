package io.github.f2d4j.weights.convert;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.weights.convert.PlannedPart.PlannedTensor;
import io.github.f2d4j.weights.convert.Recognition.Supported;
import io.github.f2d4j.weights.keys.FamilyTables;
import io.github.f2d4j.weights.keys.LdmLayout;
import io.github.f2d4j.weights.keys.LdmTable;
import io.github.f2d4j.weights.keys.NamedShape;
import io.github.f2d4j.weights.keys.RenameTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Decides which tensor of a checkpoint goes where in a model folder. */
final class PartPlanner {
  private static final String VAE_PREFIX = "first_stage_model.";
  private static final String MODEL = "model.";
  private static final String UNET_PREFIX = MODEL + "diffusion_model.";
  private static final String EMA_PREFIX = "model_ema.";

  private final ModelLayout layout;
  private final TargetType dtype;
  private final boolean ema;

  /**
   * A planner.
   *
   * @param layout where configurations come from
   * @param dtype the element type to write
   * @param ema whether to take a single file's running averages for the denoiser
   */
  PartPlanner(ModelLayout layout, TargetType dtype, boolean ema) {
    this.layout = layout;
    this.dtype = dtype;
    this.ema = ema;
  }

  /** The parts that a checkpoint makes: three for a single file, else one. */
  List<PlannedPart> plan(GivenWeights given) throws ConversionException {
    Supported s = given.supported();
    return switch (s.family()) {
      case STABLE_DIFFUSION -> singleFile(given, s);
      case VAE_ORIGINAL ->
          List.of(part(given, s, "vae", originalVae(given, s), VAE_PREFIX, "vae/"));
      case UNET -> List.of(part(given, s, "unet", FamilyTables.UNET));
      case VAE -> List.of(part(given, s, "vae", FamilyTables.VAE));
      case TEXT_ENCODER -> List.of(part(given, s, "text_encoder", FamilyTables.TEXT_ENCODER));
      case MSID_VIT -> List.of(part(given, s, "msid", FamilyTables.MSID_VIT));
      case IRESNET, IRESNET_MULTISCALE -> List.of(part(given, s, "msid", FamilyTables.IRESNET));
      case MAPPING -> List.of(part(given, s, "mapping", FamilyTables.MAPPING));
      case EXPRESSION -> List.of(part(given, s, "expression", FamilyTables.EXPRESSION));
    };
  }

  private PlannedPart part(GivenWeights given, Supported s, String folder, RenameTable table)
      throws ConversionException {
    return part(given, s, folder, table, "", "");
  }

  private static RenameTable originalVae(GivenWeights given, Supported s) {
    return LdmTable.of(
        LdmLayout.ofPublished(
            given.source().names().stream()
                .filter(k -> k.startsWith(s.wrapper()))
                .map(k -> VAE_PREFIX + k.substring(s.wrapper().length()))
                .collect(Collectors.toSet())));
  }

  /**
   * One part.
   *
   * @param before what the table expects before the keys that stand behind the wrapper
   * @param folderPrefix what the table puts before the keys of the folder
   */
  private PlannedPart part(
      GivenWeights given,
      Supported s,
      String folder,
      RenameTable table,
      String before,
      String folderPrefix)
      throws ConversionException {
    Map<String, PlannedTensor> tensors = new TreeMap<>();
    Map<String, Integer> leftOut = new TreeMap<>();
    for (String name : given.source().names()) {
      Shape shape = given.source().type(name).shape();
      Optional<NamedShape> target =
          name.startsWith(s.wrapper())
              ? table.toFolder(before + name.substring(s.wrapper().length()), shape)
              : Optional.empty();
      if (target.isEmpty()) {
        leftOut.merge(first(name), 1, Integer::sum);
      } else {
        String key = target.get().key().substring(folderPrefix.length());
        add(given, tensors, key, target.get().shape(), name);
      }
    }
    return planned(given, s, folder, tensors, leftOut);
  }

  private List<PlannedPart> singleFile(GivenWeights given, Supported s) throws ConversionException {
    String wrapper = s.wrapper();
    RenameTable table = singleFileTable(given, wrapper);
    Map<String, Map<String, PlannedTensor>> parts = new TreeMap<>();
    Map<String, Integer> leftOut = new TreeMap<>();
    for (String name : given.source().names()) {
      boolean inside = name.startsWith(wrapper);
      String key = inside ? name.substring(wrapper.length()) : name;
      Shape shape = given.source().type(name).shape();
      Optional<NamedShape> target = inside ? table.toFolder(key, shape) : Optional.empty();
      if (target.isEmpty()) {
        requireNoPartOfTheDenoiser(given, key);
        leftOut.merge(first(key), 1, Integer::sum);
      } else {
        String path = target.get().key();
        int slash = path.indexOf('/');
        add(
            given,
            parts.computeIfAbsent(path.substring(0, slash), f -> new TreeMap<>()),
            path.substring(slash + 1),
            target.get().shape(),
            ema ? average(given, wrapper, name) : name);
      }
    }
    List<PlannedPart> planned = new ArrayList<>();
    for (Map.Entry<String, Map<String, PlannedTensor>> e : parts.entrySet()) {
      Map<String, Integer> left = e.getKey().equals("unet") ? leftOut : Map.of();
      planned.add(planned(given, s, e.getKey(), e.getValue(), left));
    }
    return planned;
  }

  private static RenameTable singleFileTable(GivenWeights given, String wrapper) {
    return LdmTable.of(
        LdmLayout.ofPublished(
            given.source().names().stream()
                .filter(k -> k.startsWith(wrapper))
                .map(k -> k.substring(wrapper.length()))
                .collect(Collectors.toSet())));
  }

  /** What other networks have more than this one would change their pictures if left out. */
  private static void requireNoPartOfTheDenoiser(GivenWeights given, String key)
      throws ConversionException {
    if (key.startsWith(UNET_PREFIX)) {
      throw new ConversionException(
          given.path()
              + " holds "
              + key
              + ", which Stable Diffusion 1.x does not have; take a model without such an"
              + " addition");
    }
  }

  /**
   * The running average of a denoiser's weight: {@code ldm/modules/ema.py LitEma} names it by the
   * key below {@code model.} without its dots.
   */
  private static String average(GivenWeights given, String wrapper, String name)
      throws ConversionException {
    String key = name.substring(wrapper.length());
    if (!key.startsWith(UNET_PREFIX)) {
      return name;
    }
    String average = wrapper + EMA_PREFIX + key.substring(MODEL.length()).replace(".", "");
    if (!given.source().contains(average)) {
      throw new ConversionException(
          given.path()
              + " holds no running average of "
              + key
              + " (expected "
              + average
              + "); convert it without --ema");
    }
    return average;
  }

  private void add(
      GivenWeights given,
      Map<String, PlannedTensor> tensors,
      String key,
      Shape shape,
      String sourceKey)
      throws ConversionException {
    DType from = given.source().type(sourceKey).dtype();
    PlannedTensor tensor =
        new PlannedTensor(key, shape, from, dtype.of(from), sourceKey, given.source());
    PlannedTensor other = tensors.put(key, tensor);
    if (other != null) {
      throw new ConversionException(
          given.path()
              + " holds "
              + key
              + " twice, as "
              + other.sourceKey()
              + " and as "
              + sourceKey
              + "; it was merged from two models, fetch the original");
    }
  }

  private PlannedPart planned(
      GivenWeights given,
      Supported s,
      String folder,
      Map<String, PlannedTensor> tensors,
      Map<String, Integer> leftOut)
      throws ConversionException {
    List<PlannedTensor> list = List.copyOf(tensors.values());
    String config = PartConfig.of(folder, s.family(), given, list, layout);
    return new PlannedPart(folder, s.family(), given, config, list, leftOut);
  }

  private static String first(String key) {
    int dot = key.indexOf('.');
    return dot < 0 ? key : key.substring(0, dot);
  }
}
