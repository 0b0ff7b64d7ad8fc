package io.github.f2d4j.model.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.f2d4j.model.plan.Calibration.Sample;
import io.github.f2d4j.weights.io.AtomicFile;
import io.github.f2d4j.weights.io.UserCache;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Keeps calibrations as files, one for each machine profile, in the user's cache folder. */
public final class CalibrationStore {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Changes when samples are taken or read in another way. */
  private static final int FORMAT = 1;

  private final Path folder;

  /** A store in {@code folder}, which need not exist yet. */
  public CalibrationStore(Path folder) {
    this.folder = folder;
  }

  /** The store of this user. */
  public static CalibrationStore ofUser() {
    return new CalibrationStore(UserCache.folder());
  }

  /** Where the calibration of a machine lies, or would. */
  public Path file(MachineProfile machine) {
    return folder.resolve(machine.fileName());
  }

  /** The calibration of a machine; empty if there is none that can be used. */
  public Optional<Calibration> find(MachineProfile machine) {
    try {
      return Optional.of(read(machine, JSON.readTree(Files.readAllBytes(file(machine)))));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty(); // Missing, damaged or of another format: it is measured again.
    }
  }

  /** Keeps a calibration. */
  public void save(Calibration calibration) throws IOException {
    Files.createDirectories(folder);
    ObjectNode root = JSON.createObjectNode();
    root.put("format", FORMAT);
    root.put("machine", calibration.machine().toString());
    root.put("packing_bytes_per_second", calibration.packingRate());
    root.put("loading_bytes_per_second", calibration.loadingRate());
    root.put("warm_up_seconds", calibration.warmUpSeconds());
    ArrayNode samples = root.putArray("samples");
    for (Sample s : calibration.samples()) {
      ObjectNode sample = samples.addObject();
      sample.put("kind", s.workload().kind().name());
      sample.put("work", s.workload().work());
      ArrayNode extents = sample.putArray("extents");
      s.workload().extents().forEach(extents::add);
      sample.put("seconds", s.seconds());
    }
    byte[] bytes = JSON.writeValueAsBytes(root);
    AtomicFile.write(
        file(calibration.machine()),
        out -> {
          ByteBuffer buffer = ByteBuffer.wrap(bytes);
          while (buffer.hasRemaining()) {
            out.write(buffer);
          }
        });
  }

  private static Calibration read(MachineProfile machine, JsonNode root) {
    if (root.path("format").asInt() != FORMAT
        || !root.path("machine").asText().equals(machine.toString())) {
      throw new IllegalArgumentException("another format or machine");
    }
    List<Sample> samples = new ArrayList<>();
    for (JsonNode s : root.path("samples")) {
      List<Double> extents = new ArrayList<>();
      s.path("extents").forEach(e -> extents.add(positive(e)));
      Workload.Kind kind = Workload.Kind.valueOf(s.path("kind").asText());
      samples.add(
          new Sample(
              new Workload(kind, positive(s.path("work")), extents), positive(s.path("seconds"))));
    }
    return new Calibration(
        machine,
        samples,
        positive(root.path("packing_bytes_per_second")),
        positive(root.path("loading_bytes_per_second")),
        root.path("warm_up_seconds").asDouble());
  }

  private static double positive(JsonNode value) {
    double d = value.asDouble();
    if (!(d > 0 && d < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(value + " is not a positive number");
    }
    return d;
  }
}
