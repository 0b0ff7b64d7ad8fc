package io.github.f2d4j.gpubundle;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the run was for: a UNet step of this library and of PyTorch in one table, each as a multiple
 * of the fastest that {@code torch.compile} gave, and the time from a prompt to a PNG.
 */
final class Figures {
  private static final String UNET = "network unet";
  private static final String COMPILED = "torch.compile";

  /** A UNet step. */
  private record Time(String who, double ms) {}

  private final List<Time> steps = new ArrayList<>();
  private final List<Time> pictures = new ArrayList<>();

  Figures(List<StepResult> results) {
    for (StepResult r : results) {
      for (JsonNode row : r.rows) {
        String precision = r.name.substring(r.name.indexOf('-') + 1);
        if (row.path("network").asText().equals(UNET)) {
          steps.add(new Time("f2d4j, " + precision, row.path("ms").doubleValue()));
        } else if (r.name.startsWith("pictures-") && row.has("s")) {
          String who = "f2d4j, " + precision + ", " + row.path("what").asText();
          pictures.add(new Time(who, 1000 * row.path("s").doubleValue()));
        }
      }
      @Nullable JsonNode peers = r.facts.get(PeerRun.FACTS);
      if (peers != null) {
        peers.path("tables").properties().stream()
            .filter(t -> t.getKey().equals("unet") || t.getKey().startsWith("unet-compile-"))
            .forEach(t -> t.getValue().forEach(this::peer));
      }
    }
  }

  private void peer(JsonNode row) {
    String who = "PyTorch, " + row.path("variant").asText();
    steps.add(new Time(who, row.path("ms").doubleValue()));
  }

  /** Rows for the JSON, one for each time. */
  List<Map<String, Object>> rows() {
    List<Map<String, Object>> rows = new ArrayList<>();
    Optional<Time> compiled = fastestCompiled();
    for (Time t : steps) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("what", "UNet step, batch 2, 64x64 latents");
      row.put("who", t.who);
      row.put("ms", t.ms);
      compiled.ifPresent(c -> row.put("of the fastest torch.compile", t.ms / c.ms));
      rows.add(row);
    }
    for (Time t : pictures) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("what", "time to PNG");
      row.put("who", t.who);
      row.put("ms", t.ms);
      rows.add(row);
    }
    return rows;
  }

  private Optional<Time> fastestCompiled() {
    return steps.stream()
        .filter(t -> t.who.contains(COMPILED))
        .min(Comparator.comparingDouble(Time::ms));
  }
}
