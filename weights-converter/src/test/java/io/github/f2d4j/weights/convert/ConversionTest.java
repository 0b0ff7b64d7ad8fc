package io.github.f2d4j.weights.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.weights.WeightFiles;
import io.github.f2d4j.weights.safetensors.SafetensorsWriter;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import io.github.f2d4j.weights.safetensors.TensorSource;
import io.github.f2d4j.weights.testing.TorchWriter;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A conversion from its inputs to the files it leaves, with networks of a few values. */
class ConversionTest {
  private static final String MSID = "msid/model.safetensors";
  private static final String MAPPING = "mapping/model.safetensors";

  @TempDir Path temporary;
  private final List<String> said = new ArrayList<>();

  private Path output() {
    return temporary.resolve("model");
  }

  private static ConversionOptions options() {
    return ConversionOptions.withDefaults(ModelLayout.empty());
  }

  private ConversionResult convert(ConversionOptions options, Path... inputs) throws IOException {
    said.clear();
    return new Conversion(List.of(inputs), output(), options).run(said::add);
  }

  private static Map<String, TensorEntry> entries(Object... keysAndValues) {
    Map<String, TensorEntry> entries = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      String key = (String) keysAndValues[i];
      float[] values = (float[]) keysAndValues[i + 1];
      entries.put(key, TensorEntry.of(key, Shape.of(values.length), values));
    }
    return entries;
  }

  private static float[] floats(double... values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private Path mapping(double... values) throws IOException {
    Path file = temporary.resolve("mapping.pt");
    TorchWriter.write(
        file,
        Map.of(
            "epoch",
            3,
            "state_dict",
            entries(
                "null_exp", floats(values),
                "i2t_first.fc_out.weight", floats(1, 2),
                "i2t_last.fc_out.weight", floats(3, 4),
                "optimizer.momentum", floats(5))));
    return file;
  }

  private Path msid() throws IOException {
    Path file = temporary.resolve("msid.safetensors");
    SafetensorsWriter.write(
        file,
        entries("patch_embed.proj.weight", floats(1, 2, 3), "pos_embed", floats(4)).values(),
        Map.of());
    return file;
  }

  private float[] written(String file, String key) throws IOException {
    try (TensorSource source = WeightFiles.open(output().resolve(file))) {
      return source.get(key).toFloats();
    }
  }

  private Set<String> files() throws IOException {
    if (!Files.exists(output())) {
      return new TreeSet<>();
    }
    try (Stream<Path> all = Files.walk(output())) {
      TreeSet<String> names = new TreeSet<>();
      all.filter(Files::isRegularFile)
          .forEach(f -> names.add(output().relativize(f).toString().replace('\\', '/')));
      return names;
    }
  }

  @Test
  void writesPartsConfigurationsAndTheRecord() throws IOException {
    Path mapping = mapping(0.5, -1);
    ConversionResult result = convert(options(), mapping, msid());
    assertEquals(
        new TreeSet<>(
            List.of("conversion.json", MAPPING, "mapping/config.json", MSID, "msid/config.json")),
        files());
    assertArrayEquals(floats(0.5, -1), written(MAPPING, "null_exp"));
    assertArrayEquals(floats(1, 2, 3), written(MSID, "patch_embed.proj.weight"));
    assertTrue(result.notes().getFirst().contains("state_dict"), result.notes().toString());
    ConversionRecord record = ConversionRecord.read(output()).orElseThrow();
    assertTrue(record.isComplete());
    assertEquals(FileHash.of(output().resolve(MAPPING)), record.hash(MAPPING));
    assertTrue(record.toString().contains(FileHash.of(mapping).sha256()), "inputs are hashed");
    assertTrue(FolderVerification.of(output()).isGood());
  }

  @Test
  void elementTypesAreConvertedAndLossIsReported() throws IOException {
    ConversionResult result =
        convert(options().dtype(TargetType.F16), mapping(1e-9, 3e-5, 1 / 3.0), msid());
    try (TensorSource source = WeightFiles.open(output().resolve(MAPPING))) {
      assertEquals(DType.F16, source.type("null_exp").dtype());
    }
    RangeReport.Summary range = result.ranges().get(MAPPING);
    assertEquals(1, range.vanished());
    assertEquals(1, range.subnormal());
    assertEquals("state_dict.null_exp", range.worst().getFirst().key());
    assertEquals(0, result.ranges().get(MSID).vanished());
    assertTrue(
        ConversionRecord.read(output()).orElseThrow().toString().contains("\"became_zero\" : 1"));
  }

  @Test
  void valuesThatDoNotFitAreRefusedByName() throws IOException {
    Path mapping = mapping(1, 70000);
    ConversionException e =
        assertThrows(
            ConversionException.class, () -> convert(options().dtype(TargetType.F16), mapping));
    for (String part : List.of("null_exp", "1 of 2", "BF16", "mapping.pt")) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
    assertEquals(new TreeSet<>(List.of("conversion.json")), files());
    assertTrue(convert(options().dtype(TargetType.BF16), mapping).record().isComplete());
  }

  @Test
  void valuesThatAreNoNumbersAreRefused() throws IOException {
    Path mapping = mapping(1, Double.NaN);
    ConversionException e =
        assertThrows(ConversionException.class, () -> convert(options(), mapping));
    assertTrue(e.getMessage().contains("not finite"), e.getMessage());
  }

  @Test
  void anInterruptedConversionGoesOn() throws IOException {
    Path msid = msid();
    Path mapping = mapping(1);
    int[] asked = {0};
    ConversionOptions stopping = options().stop(() -> ++asked[0] > 6);
    assertThrows(CancellationException.class, () -> convert(stopping, msid, mapping));
    ConversionRecord record = ConversionRecord.read(output()).orElseThrow();
    assertFalse(record.isComplete(), "the folder says that it is not complete");
    assertTrue(files().stream().noneMatch(f -> f.endsWith(".tmp")), files().toString());
    Path left = Files.createFile(output().resolve(".model.safetensors.1a2b3c.tmp"));
    ConversionResult result = convert(options(), msid, mapping);
    assertFalse(Files.exists(left), "what a killed run leaves is removed");
    assertTrue(result.record().isComplete());
    assertTrue(FolderVerification.of(output()).isGood());
    assertEquals(List.of(), FolderVerification.of(output()).added());
  }

  /** Stops at every question in turn: whatever has a final name is complete. */
  @Test
  void stoppedAnywhereThenFinished() throws IOException {
    Path msid = msid();
    Path mapping = mapping(1, 2);
    byte[] expected = null;
    for (int stopAt = 1; ; stopAt++) {
      deleteOutput();
      int limit = stopAt;
      int[] asked = {0};
      boolean stopped = false;
      try {
        convert(options().stop(() -> ++asked[0] >= limit), msid, mapping);
      } catch (CancellationException e) {
        stopped = true;
        for (String weights : List.of(MSID, MAPPING)) {
          if (Files.exists(output().resolve(weights))) {
            try (TensorSource source = WeightFiles.open(output().resolve(weights))) {
              assertTrue(source.names().size() > 1, weights);
            }
          }
        }
      }
      ConversionResult result = convert(options(), msid, mapping);
      assertEquals(stopped ? result.reused().size() : 2, result.reused().size());
      byte[] now = Files.readAllBytes(output().resolve(MAPPING));
      expected = expected == null ? now : expected;
      assertArrayEquals(expected, now);
      if (!stopped) {
        assertTrue(stopAt > 5, "it was asked only " + stopAt + " times");
        return;
      }
    }
  }

  private void deleteOutput() throws IOException {
    if (Files.exists(output())) {
      try (Stream<Path> all = Files.walk(output())) {
        for (Path p : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(p);
        }
      }
    }
  }

  @Test
  void finishedPartsAreKeptAndDamagedOnesWrittenAgain() throws IOException {
    Path msid = msid();
    convert(options(), msid);
    FileTime before = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(output().resolve(MSID), before);
    assertEquals(List.of(MSID), convert(options(), msid, mapping(1)).reused());
    assertEquals(before, Files.getLastModifiedTime(output().resolve(MSID)));
    Files.write(output().resolve(MSID), new byte[] {1, 2, 3});
    FileSystemException e = assertThrows(FileSystemException.class, () -> convert(options(), msid));
    assertTrue(e.getMessage().contains(MSID), e.getMessage());
    assertEquals(List.of(), convert(options().overwrite(true), msid).reused());
    assertTrue(FolderVerification.of(output()).isGood());
  }

  @Test
  void filesOfOthersAreNotReplaced() throws IOException {
    Files.createDirectories(output().resolve("mapping"));
    Path own = Files.writeString(output().resolve("mapping/config.json"), "{\"mine\": 1}");
    Path mapping = mapping(1);
    FileSystemException e =
        assertThrows(FileSystemException.class, () -> convert(options(), mapping));
    assertTrue(e.getMessage().contains("--overwrite"), e.getMessage());
    assertEquals(new TreeSet<>(List.of("mapping/config.json")), files());
    convert(options().overwrite(true), mapping);
    assertTrue(Files.readString(own).contains("IMG2TEXTwithEXP"));
  }

  @Test
  void twoOfOneKindAreRefused() throws IOException {
    Path one = msid();
    Path two = Files.copy(one, temporary.resolve("other.safetensors"));
    ConversionException e =
        assertThrows(ConversionException.class, () -> convert(options(), one, two));
    assertTrue(e.getMessage().contains("both"), e.getMessage());
    assertEquals(new TreeSet<>(), files());
  }

  @Test
  void aPartThatFailsItsCheckIsNotBegun() throws IOException {
    PartCheck never =
        (folder, config, tensors) -> {
          throw new ConversionException(folder + " does not fit");
        };
    Path msid = msid();
    assertThrows(ConversionException.class, () -> convert(options().check(never), msid));
    assertEquals(new TreeSet<>(), files());
  }

  @Test
  void whatIsNotKnownIsRefused() throws IOException {
    Path file = temporary.resolve("x.safetensors");
    SafetensorsWriter.write(file, entries("weight", floats(1)).values(), Map.of());
    ConversionException e = assertThrows(ConversionException.class, () -> convert(options(), file));
    assertTrue(e.getMessage().contains("f2d inspect"), e.getMessage());
    Path xl = temporary.resolve("xl.safetensors");
    SafetensorsWriter.write(xl, entries("conditioner.embedders.0.x", floats(1)).values(), Map.of());
    e = assertThrows(ConversionException.class, () -> convert(options(), xl));
    assertTrue(e.getMessage().contains("Stable Diffusion XL"), e.getMessage());
  }

  @Test
  void aRecordThatIsNoneIsRefused() throws IOException {
    Files.createDirectories(output());
    for (String text :
        List.of(
            "{",
            "[]",
            "{\"format\": \"other\"}",
            "{\"format\": \"f2d4j conversion 1\", \"files\": {\"../x\": {}}}",
            "{\"format\": \"f2d4j conversion 1\", \"files\": {\"x\": {\"bytes\": 1}}}")) {
      Files.writeString(output().resolve(ConversionRecord.NAME), text);
      ConversionException e =
          assertThrows(ConversionException.class, () -> ConversionRecord.read(output()), text);
      assertTrue(e.getMessage().contains("delete it"), e.getMessage());
    }
  }
}
