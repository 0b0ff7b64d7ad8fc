package io.github.f2d4j.weights.convert;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.f2d4j.weights.WeightFiles;
import io.github.f2d4j.weights.convert.ConversionRecord.Input;
import io.github.f2d4j.weights.convert.PlannedPart.PlannedTensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;

/**
 * Makes a model folder of checkpoints, or adds parts to one.
 *
 * <pre>{@code
 * ConversionResult result = new Conversion(
 *         List.of(Path.of("v1-5-pruned.safetensors"), Path.of("msid.pt"), Path.of("mapping.pt")),
 *         Path.of("my-model"),
 *         ConversionOptions.withLayout(sd14))
 *     .run(System.err::println);
 * }</pre>
 *
 * <p>Each file of the folder appears complete or not at all; {@value ConversionRecord#NAME} is
 * renewed after each. A conversion that was interrupted goes on where it stopped: what is finished
 * and still has the recorded content is kept. Memory is needed for one tensor at a time.
 */
public final class Conversion {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Path> inputs;
  private final Path output;
  private final ConversionOptions options;

  /**
   * A conversion, not yet begun.
   *
   * @param inputs checkpoints, folders with one, or model folders; of two that hold the same part,
   *     the one that holds nothing else wins
   * @param output the model folder; it may exist
   */
  public Conversion(List<Path> inputs, Path output, ConversionOptions options) {
    this.inputs = List.copyOf(inputs);
    this.output = output;
    this.options = options;
  }

  /** Told what happens, a line at a time. */
  @FunctionalInterface
  public interface Listener {
    /** One line for the user. */
    void say(String line);
  }

  /** All that is decided before the first byte is written. */
  private record Plan(List<PlannedPart> parts, Map<String, byte[]> files, List<String> notes) {}

  /**
   * Converts.
   *
   * @throws ConversionException if something given cannot be used, parts do not fit their
   *     configuration, or values do not fit the element type
   * @throws CancellationException if it was asked to stop
   * @throws IOException if reading or writing fails, or the disk has not enough space
   */
  public ConversionResult run(Listener listener) throws IOException {
    List<GivenWeights> given = new ArrayList<>();
    try {
      for (Path input : inputs) {
        given.addAll(GivenWeights.open(input));
      }
      Plan plan = plan(given, listener);
      for (PlannedPart part : plan.parts) {
        options.check().check(part.folder(), part.config(), part.types());
      }
      return write(plan, listener);
    } finally {
      given.forEach(g -> g.source().close());
    }
  }

  // ---- what goes where

  private Plan plan(List<GivenWeights> given, Listener listener) throws IOException {
    Map<String, PlannedPart> parts = new LinkedHashMap<>();
    Map<String, Integer> company = new TreeMap<>();
    List<String> notes = new ArrayList<>();
    ModelLayout shared = options.layout();
    for (Path input : inputs) {
      if (Files.isDirectory(input)) {
        shared = shared.or(ModelLayout.ofFolder(input));
      }
    }
    for (GivenWeights g : given) {
      ModelLayout layout = LayoutOf.given(g, options, shared);
      List<PlannedPart> planned = new PartPlanner(layout, options.dtype(), options.ema()).plan(g);
      listener.say(g.path() + ": " + g.recognition().title());
      for (PlannedPart part : planned) {
        add(parts, company, part, planned.size(), notes);
      }
    }
    parts.values().forEach(p -> noteLeftOut(p, notes));
    Map<String, byte[]> files =
        new SmallFiles(shared.or(options.defaults()), options.predictionType())
            .of(parts.values(), notes);
    return new Plan(List.copyOf(parts.values()), files, notes);
  }

  /** A part that came alone replaces one that came with others: a better VAE for a model. */
  private static void add(
      Map<String, PlannedPart> parts,
      Map<String, Integer> company,
      PlannedPart part,
      int size,
      List<String> notes)
      throws ConversionException {
    PlannedPart other = parts.get(part.folder());
    if (other != null) {
      int others = company.getOrDefault(part.folder(), 1);
      if (others == size) {
        throw new ConversionException(
            "both "
                + other.given().path()
                + " and "
                + part.given().path()
                + " hold "
                + part.folder()
                + "; give one of them");
      }
      PlannedPart kept = size < others ? part : other;
      PlannedPart dropped = size < others ? other : part;
      notes.add(
          part.folder()
              + " is taken from "
              + kept.given().path()
              + ", not from "
              + dropped.given().path());
      if (size > others) {
        return;
      }
    }
    parts.put(part.folder(), part);
    company.put(part.folder(), size);
  }

  private static void noteLeftOut(PlannedPart part, List<String> notes) {
    if (!part.leftOut().isEmpty()) {
      notes.add(
          part.given().path()
              + ": left out what no part of the model reads: "
              + part.leftOut().entrySet().stream()
                  .map(e -> e.getKey() + (e.getValue() > 1 ? " (" + e.getValue() + ")" : ""))
                  .toList());
    }
  }

  // ---- writing

  private ConversionResult write(Plan plan, Listener listener) throws IOException {
    ConversionRecord record = ConversionRecord.read(output).orElseGet(ConversionRecord::new);
    Map<Path, FileHash> hashes = new LinkedHashMap<>();
    Map<String, String> recipes = new TreeMap<>();
    for (PlannedPart part : plan.parts) {
      List<String> inputHashes = new ArrayList<>();
      for (Path file : WeightFiles.files(part.given().path())) {
        FileHash hash = hashes.get(file);
        if (hash == null) {
          listener.say("reading " + file);
          hash = FileHash.of(file, options.stop());
          hashes.put(file, hash);
          record.addInput(new Input(file.toString(), part.family().title(), hash));
        }
        inputHashes.add(hash.sha256());
      }
      recipes.put(part.weightFile(), FileHash.of(part.recipe(inputHashes)).sha256());
    }
    Target target = new Target(output, record, options.overwrite(), options.stop());
    List<PlannedPart> open = new ArrayList<>();
    List<String> reused = new ArrayList<>();
    for (PlannedPart part : plan.parts) {
      String file = part.weightFile();
      if (target.isFinished(file, recipes.getOrDefault(file, ""))) {
        reused.add(file);
      } else {
        open.add(part);
      }
    }
    Map<String, byte[]> small = new TreeMap<>(plan.files);
    plan.parts.forEach(p -> small.put(p.configFile(), p.config().getBytes(StandardCharsets.UTF_8)));
    target.requireFree(open.stream().map(PlannedPart::weightFile).toList(), small);
    target.requireSpace(open.stream().mapToLong(PlannedPart::bytes).sum(), small);
    List<String> all = new ArrayList<>(small.keySet());
    open.forEach(p -> all.add(p.weightFile()));
    target.begin(all);
    reused.forEach(f -> listener.say(f + " is finished, kept"));
    Map<String, RangeReport.Summary> ranges = new TreeMap<>();
    for (PlannedPart part : open) {
      listener.say("writing " + part.weightFile());
      List<RangeReport> reports = target.writeWeights(part, options.stop());
      RangeReport.Summary summary = RangeReport.Summary.of(reports);
      ranges.put(part.weightFile(), summary);
      target.recordWeights(
          part.weightFile(), recipes.getOrDefault(part.weightFile(), ""), describe(part, summary));
    }
    for (Map.Entry<String, byte[]> file : small.entrySet()) {
      target.writeSmall(file.getKey(), file.getValue());
    }
    target.finish();
    return new ConversionResult(output, record, ranges, reused, plan.notes);
  }

  private static ObjectNode describe(PlannedPart part, RangeReport.Summary summary) {
    ObjectNode o = JSON.createObjectNode();
    o.put("family", part.family().title());
    o.put("from", part.given().path().toString());
    o.put("tensors", part.tensors().size());
    Map<String, Integer> types = new TreeMap<>();
    for (PlannedTensor t : part.tensors()) {
      String type = t.from() == t.to() ? t.to().name() : t.from() + " to " + t.to();
      types.merge(type, 1, Integer::sum);
    }
    ObjectNode dtypes = o.putObject("dtypes");
    types.forEach(dtypes::put);
    if (!part.leftOut().isEmpty()) {
      ObjectNode left = o.putObject("left_out");
      part.leftOut().forEach(left::put);
    }
    ObjectNode range = o.putObject("range");
    range.put("values", summary.elements());
    range.put("became_zero", summary.vanished());
    range.put("lost_digits", summary.subnormal());
    if (!summary.worst().isEmpty()) {
      ObjectNode worst = range.putObject("most_affected");
      for (RangeReport r : summary.worst()) {
        worst
            .putObject(r.key())
            .put("values", r.elements())
            .put("became_zero", r.vanished())
            .put("lost_digits", r.subnormal());
      }
    }
    return o;
  }
}
