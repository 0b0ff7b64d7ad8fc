package io.github.f2d4j.model.testing;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.weights.WeightFiles;
import io.github.f2d4j.weights.keys.LdmLayout;
import io.github.f2d4j.weights.keys.LdmLayout.VaeAttention;
import io.github.f2d4j.weights.keys.LdmTable;
import io.github.f2d4j.weights.keys.NamedShape;
import io.github.f2d4j.weights.keys.RenameTable;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import io.github.f2d4j.weights.safetensors.TensorSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A model folder's weights in the forms in which models are published. */
public final class PackedModel {
  private PackedModel() {}

  /** The weights of one part of a model folder. */
  public static Map<String, TensorEntry> part(Path folder, String part) throws IOException {
    Map<String, TensorEntry> tensors = new LinkedHashMap<>();
    try (TensorSource source = WeightFiles.open(folder.resolve(part))) {
      source.names().forEach(name -> tensors.put(name, source.get(name)));
    }
    return tensors;
  }

  /**
   * Denoiser, autoencoder and text encoder as one file of the CompVis code holds them, with the
   * noise schedule's buffers and the text encoder's positions, which such files also hold.
   */
  public static Map<String, TensorEntry> singleFile(Path folder, VaeAttention attention)
      throws IOException {
    Map<String, TensorEntry> all = new LinkedHashMap<>();
    for (String part : List.of("unet", "vae", "text_encoder")) {
      part(folder, part).forEach((key, tensor) -> all.put(part + "/" + key, tensor));
    }
    RenameTable table = LdmTable.of(LdmLayout.ofFolder(all.keySet(), attention));
    Map<String, TensorEntry> packed = new LinkedHashMap<>();
    all.forEach(
        (key, tensor) -> {
          NamedShape name = table.toPublished(key, tensor.shape()).orElseThrow();
          packed.put(name.key(), renamed(tensor, name.key(), name.shape()));
        });
    packed.put("betas", TensorEntry.of("betas", Shape.of(2), 0.1f, 0.2f));
    packed.put("alphas_cumprod", TensorEntry.of("alphas_cumprod", Shape.of(2), 0.9f, 0.7f));
    String positions = "cond_stage_model.transformer.text_model.embeddings.position_ids";
    packed.put(
        positions,
        new TensorEntry(
            positions,
            new TensorType(DType.I64, Shape.of(1, 2)),
            MemorySegment.ofArray(new byte[16])));
    return packed;
  }

  /** The same with running averages of the denoiser beside it, which differ from it. */
  public static Map<String, TensorEntry> withAverages(Map<String, TensorEntry> packed) {
    Map<String, TensorEntry> both = new LinkedHashMap<>(packed);
    packed.forEach(
        (key, tensor) -> {
          if (key.startsWith("model.diffusion_model.")) {
            String average = "model_ema." + key.substring("model.".length()).replace(".", "");
            both.put(average, renamed(tensor, average, tensor.shape()));
            MemorySegment zeros = MemorySegment.ofArray(new byte[(int) tensor.type().bytes()]);
            both.put(key, new TensorEntry(key, tensor.type(), zeros));
          }
        });
    return both;
  }

  /** The tensors with {@code prefix} before each name. */
  public static Map<String, TensorEntry> prefixed(String prefix, Map<String, TensorEntry> tensors) {
    Map<String, TensorEntry> all = new LinkedHashMap<>();
    tensors.forEach((key, t) -> all.put(prefix + key, renamed(t, prefix + key, t.shape())));
    return all;
  }

  private static TensorEntry renamed(TensorEntry tensor, String name, Shape shape) {
    return new TensorEntry(name, new TensorType(tensor.dtype(), shape), tensor.data());
  }
}
