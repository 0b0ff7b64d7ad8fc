package io.github.f2d4j.weights.convert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.f2d4j.weights.convert.ConversionRecord.Entry;
import io.github.f2d4j.weights.convert.ConversionRecord.SmallFile;
import io.github.f2d4j.weights.io.WeightFormatException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** The folder that a conversion writes to, and its record. */
final class Target {
  /** Headers, folders and the record itself. */
  private static final long OVERHEAD = 1 << 20;

  private final Path folder;
  private final ConversionRecord record;
  private final boolean overwrite;
  private final BooleanSupplier stop;
  private final List<Path> made = new ArrayList<>();

  Target(Path folder, ConversionRecord record, boolean overwrite, BooleanSupplier stop) {
    this.folder = folder;
    this.record = record;
    this.overwrite = overwrite;
    this.stop = stop;
  }

  /** Whether an earlier run has made the file of the same things and it is as it was then. */
  boolean isFinished(String path, String recipe) throws IOException {
    Entry entry = record.entry(path);
    Path file = folder.resolve(path);
    return entry != null
        && entry.recipe().equals(recipe)
        && Files.isRegularFile(file)
        && Files.size(file) == entry.hash().bytes()
        && FileHash.of(file, stop).equals(entry.hash());
  }

  /** Refuses to replace what was not made by a conversion. */
  void requireFree(List<String> weights, Map<String, byte[]> small) throws IOException {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new FileSystemException(folder.toString(), null, "it is a file; name a folder");
    }
    if (overwrite) {
      return;
    }
    TreeSet<String> taken = new TreeSet<>();
    for (String path : weights) {
      if (Files.exists(folder.resolve(path)) && record.isCompleteOrUnknown(path)) {
        taken.add(path);
      }
    }
    for (Map.Entry<String, byte[]> file : small.entrySet()) {
      Path path = folder.resolve(file.getKey());
      if (Files.exists(path)
          && record.isCompleteOrUnknown(file.getKey())
          && !Arrays.equals(Files.readAllBytes(path), file.getValue())) {
        taken.add(file.getKey());
      }
    }
    if (!taken.isEmpty()) {
      throw new FileSystemException(
          folder.toString(),
          null,
          "it holds other files of these names already: "
              + taken
              + "; name a new folder, or replace them with --overwrite");
    }
  }

  /** Refuses to begin what cannot be finished. */
  void requireSpace(long weights, Map<String, byte[]> small) throws IOException {
    long needed = weights + OVERHEAD;
    for (byte[] bytes : small.values()) {
      needed += bytes.length;
    }
    Path existing = folder.toAbsolutePath();
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    long free = Files.getFileStore(existing).getUsableSpace();
    if (free < needed) {
      throw new FileSystemException(
          folder.toString(),
          null,
          "not enough space: %.1f MB are needed and %.1f MB are free; make room or name another disk"
              .formatted(needed / 1e6, free / 1e6));
    }
  }

  /** Makes the folder and notes that it is being worked on. */
  void begin(Collection<String> paths) throws IOException {
    createFolders(folder);
    if (!record.isComplete()) {
      removeLeftovers();
    }
    record.expect(paths);
    record.write(folder);
  }

  /** What a killed run was writing when it died lies there under a temporary name. */
  private void removeLeftovers() throws IOException {
    try (Stream<Path> files = Files.walk(folder, 2)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = String.valueOf(file.getFileName());
        if (name.matches("\\.(model|diffusion_pytorch_model)\\.safetensors\\.[0-9a-z]+\\.tmp")) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  List<RangeReport> writeWeights(PlannedPart part, BooleanSupplier cancelled) throws IOException {
    Path file = folder.resolve(part.weightFile());
    createFolders(folder.resolve(part.folder()));
    try {
      return PartWriter.write(file, part, cancelled);
    } catch (ConversionException | WeightFormatException e) {
      removeEmptyFolders();
      throw e;
    } catch (IOException e) {
      removeEmptyFolders();
      throw failed(file, e);
    }
  }

  void recordWeights(String path, String recipe, ObjectNode part) throws IOException {
    record.put(path, new Entry(FileHash.of(folder.resolve(path), stop), recipe, part));
    record.write(folder);
  }

  void writeSmall(String path, byte[] bytes) throws IOException {
    Path file = folder.resolve(path);
    Path parent = file.getParent();
    if (parent != null) {
      createFolders(parent);
    }
    try {
      if (!Files.isRegularFile(file) || !Arrays.equals(Files.readAllBytes(file), bytes)) {
        SmallFile.write(file, bytes);
      }
    } catch (IOException e) {
      removeEmptyFolders();
      throw failed(file, e);
    }
    record.put(path, new Entry(FileHash.of(bytes), "", null));
  }

  void finish() throws IOException {
    record.write(folder);
  }

  private static IOException failed(Path file, IOException e) {
    String reason = e.getMessage() == null ? e.toString() : e.getMessage();
    return new IOException(
        "cannot write "
            + file
            + ": "
            + reason
            + "; what is finished is kept, run the same command again when the cause is removed",
        e);
  }

  private void createFolders(Path path) throws IOException {
    List<Path> missing = new ArrayList<>();
    for (Path p = path; p != null && !Files.exists(p); p = p.getParent()) {
      missing.add(p);
    }
    Files.createDirectories(path);
    made.addAll(missing);
  }

  /** Leaves no folder behind that this run made and put nothing into. */
  private void removeEmptyFolders() throws IOException {
    for (Path p : made) {
      if (Files.isDirectory(p)) {
        try (Stream<Path> content = Files.list(p)) {
          if (content.findAny().isPresent()) {
            continue;
          }
        }
        Files.delete(p);
      }
    }
  }
}
