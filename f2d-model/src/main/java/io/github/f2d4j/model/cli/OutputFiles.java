package io.github.f2d4j.model.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where pictures go. */
final class OutputFiles {
  private OutputFiles() {}

  /** One file as it is; several with {@code -1}, {@code -2} … before the extension. */
  static List<Path> of(Path file, int count) {
    if (count <= 1) {
      return List.of(file);
    }
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    String stem = dot < 0 ? name : name.substring(0, dot);
    String extension = dot < 0 ? "" : name.substring(dot);
    List<Path> files = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      files.add(file.resolveSibling(stem + "-" + i + extension));
    }
    return files;
  }

  /**
   * Finds out before the work what would be a pity after it.
   *
   * @throws IOException naming the file and the reason, if one could not be written
   */
  static void requireWritable(List<Path> files) throws IOException {
    for (Path file : files) {
      Path folder = file.toAbsolutePath().getParent();
      if (Files.isDirectory(file)) {
        throw problem(file, "is a folder; name a file in it");
      }
      if (folder == null || !Files.isDirectory(folder)) {
        throw problem(file, "its folder does not exist; make it first");
      }
      if (!Files.isWritable(folder)) {
        throw problem(file, "its folder is not writable");
      }
    }
  }

  private static FileSystemException problem(Path file, String reason) {
    return new FileSystemException(file.toString(), null, reason);
  }
}
