package io.github.f2d4j.weights.convert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Whether a model folder still holds what its {@value ConversionRecord#NAME} says.
 *
 * @param missing recorded files that are not there
 * @param changed recorded files of another size or content
 * @param added weight and configuration files that are not recorded
 * @param good recorded files that are as recorded
 * @param complete whether the conversion came to its end
 */
public record FolderVerification(
    List<String> missing,
    List<String> changed,
    List<String> added,
    List<String> good,
    boolean complete) {

  /**
   * Reads every recorded file.
   *
   * @throws ConversionException if the folder has no record, or a malformed one
   * @throws IOException if a file cannot be read
   */
  public static FolderVerification of(Path folder) throws IOException {
    ConversionRecord record =
        ConversionRecord.read(folder)
            .orElseThrow(
                () ->
                    new ConversionException(
                        folder
                            + " holds no "
                            + ConversionRecord.NAME
                            + ", so there is nothing to compare it with; only folders that f2d"
                            + " convert wrote can be verified"));
    TreeSet<String> missing = new TreeSet<>();
    TreeSet<String> changed = new TreeSet<>();
    TreeSet<String> good = new TreeSet<>();
    for (String path : record.files()) {
      Path file = folder.resolve(path);
      if (!Files.isRegularFile(file)) {
        missing.add(path);
        continue;
      }
      FileHash expected = record.hash(path);
      boolean same = Files.size(file) == expected.bytes() && FileHash.of(file).equals(expected);
      (same ? good : changed).add(path);
    }
    return new FolderVerification(
        List.copyOf(missing),
        List.copyOf(changed),
        added(folder, record),
        List.copyOf(good),
        record.isComplete());
  }

  /** Files that nobody recorded: not an error, but the user may want to know. */
  private static List<String> added(Path folder, ConversionRecord record) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(f -> folder.relativize(f).toString().replace('\\', '/'))
          .filter(f -> !f.equals(ConversionRecord.NAME) && !record.files().contains(f))
          .sorted()
          .toList();
    }
  }

  /** Whether every recorded file is as recorded and none is outstanding. */
  public boolean isGood() {
    return complete && missing.isEmpty() && changed.isEmpty();
  }
}
