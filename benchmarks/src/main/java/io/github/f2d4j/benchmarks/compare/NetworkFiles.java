package io.github.f2d4j.benchmarks.compare;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.model.checkpoint.RandomModel;
import io.github.f2d4j.model.checkpoint.RandomModel.Component;
import io.github.f2d4j.model.identity.IResNet;
import io.github.f2d4j.model.identity.IResNetConfig;
import io.github.f2d4j.model.identity.MsidViT;
import io.github.f2d4j.model.identity.MsidVitConfig;
import io.github.f2d4j.model.layout.Sd14;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Where the networks lie. What a user's model folder lacks is made with random weights. */
final class NetworkFiles implements Contender.Networks {
  private static final long SEED = 20_261_122;
  private static final String SCRATCH = "scratch=";

  private final Map<Net, Path> folders = new EnumMap<>(Net.class);
  private final Map<Net, Path> onnx = new EnumMap<>(Net.class);

  private final Path scratch;

  private NetworkFiles(Path scratch) {
    this.scratch = scratch;
  }

  /** Reads what {@link #arguments()} wrote. */
  static NetworkFiles parse(List<String> arguments) {
    NetworkFiles files =
        new NetworkFiles(
            arguments.stream()
                .filter(a -> a.startsWith(SCRATCH))
                .findFirst()
                .map(a -> Path.of(a.substring(SCRATCH.length())))
                .orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir", ""))));
    for (String argument : arguments) {
      if (argument.startsWith(SCRATCH)) {
        continue;
      }
      String[] parts = argument.split("=", 2);
      if (parts[0].endsWith(".onnx")) {
        files.onnx.put(
            Net.valueOf(parts[0].substring(0, parts[0].length() - 5)), Path.of(parts[1]));
      } else {
        files.folders.put(Net.valueOf(parts[0]), Path.of(parts[1]));
      }
    }
    return files;
  }

  /**
   * Finds the folders of these networks, and writes those that are missing.
   *
   * @param model a model folder, in diffusers' layout
   * @param own where random networks are kept between runs, and what contenders make
   * @param onnx ONNX files
   */
  static NetworkFiles prepare(
      List<Net> nets, Path model, Path own, Map<Net, Path> onnx, Consumer<String> progress)
      throws IOException {
    NetworkFiles files = new NetworkFiles(own);
    files.onnx.putAll(onnx);
    for (Net net : nets) {
      Path given = model.resolve(net.folder());
      Path made = own.resolve(net.folder()).resolve(net.folder());
      if (Files.exists(given)) {
        files.folders.put(net, given);
        continue;
      }
      if (!Files.exists(made)) {
        progress.accept("writing random weights to " + made);
        RandomModel.write(
            own.resolve(net.folder()), List.of(component(net)), Map.of(), DType.F16, SEED, f -> {});
      }
      files.folders.put(net, made);
    }
    return files;
  }

  private static Component component(Net net) {
    return switch (net) {
      case UNET, VAE_DECODER, TEXT_ENCODER ->
          Sd14.components().stream()
              .filter(c -> c.folder().equals(net.folder()))
              .findFirst()
              .orElseThrow();
      case MSID_VIT ->
          new Component(
              net.folder(),
              "model.safetensors",
              "{\"architecture\": \"msid_vit\"}\n",
              w -> new MsidViT(w, MsidVitConfig.PUBLISHED));
      case IRESNET50 ->
          new Component(
              net.folder(),
              "model.safetensors",
              "{\"architecture\": \"iresnet50\"}\n",
              w -> new IResNet(w, IResNetConfig.ofArchitecture("iresnet50")));
    };
  }

  /** For the command line of a contender's process. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>(List.of(SCRATCH + scratch));
    folders.forEach((net, path) -> arguments.add(net + "=" + path));
    onnx.forEach((net, path) -> arguments.add(net + ".onnx=" + path));
    return arguments;
  }

  @Override
  public Path folder(Net net) {
    Path folder = folders.get(net);
    if (folder == null) {
      throw new IllegalStateException("no folder for " + net);
    }
    return folder;
  }

  @Override
  public Optional<Path> onnx(Net net) {
    return Optional.ofNullable(onnx.get(net));
  }

  @Override
  public Path scratch() {
    return scratch;
  }
}
