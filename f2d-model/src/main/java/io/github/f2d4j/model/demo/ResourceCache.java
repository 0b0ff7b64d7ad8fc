package io.github.f2d4j.model.demo;

import io.github.f2d4j.weights.io.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Copies resources of a jar into a folder, because what lies inside a jar cannot be memory-mapped.
 *
 * <p>Every file is checked by its hash each time and takes its name in one step when it is
 * complete. So any number of processes may do this at once, a file that somebody else has mapped is
 * never written to, and what was damaged is replaced.
 */
final class ResourceCache {
  private final Sha256Sums sums;
  private final Resources resources;

  /** Opens the resource of a relative path. */
  @FunctionalInterface
  interface Resources {
    /**
     * The content of {@code file}.
     *
     * @throws IOException if there is none
     */
    InputStream open(String file) throws IOException;
  }

  ResourceCache(Sha256Sums sums, Resources resources) {
    this.sums = sums;
    this.resources = resources;
  }

  /**
   * Brings {@code folder} up to date.
   *
   * @throws IOException if it cannot be written, or a resource is missing or damaged
   */
  void unpackTo(Path folder) throws IOException {
    for (String file : sums.files().keySet()) {
      Path target = folder.resolve(file);
      if (!isIntact(file, target)) {
        unpack(file, target);
      }
    }
  }

  private boolean isIntact(String file, Path target) throws IOException {
    if (!Files.isRegularFile(target)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(target)) {
      return Sha256Sums.hash(in).equals(sums.expected(file));
    }
  }

  private void unpack(String file, Path target) throws IOException {
    byte[] content;
    try (InputStream in = resources.open(file)) {
      content = in.readAllBytes();
    }
    String hash = Sha256Sums.hash(new java.io.ByteArrayInputStream(content));
    if (!hash.equals(sums.expected(file))) {
      throw new IOException(
          "the built-in model's "
              + file
              + " is damaged: its SHA-256 is "
              + hash
              + ", expected "
              + sums.expected(file)
              + "; install the jar again");
    }
    Path parent = target.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    try {
      AtomicFile.write(target, out -> write(content, out));
    } catch (IOException e) {
      // Where an open file cannot be replaced, another process may have been faster.
      if (!isIntact(file, target)) {
        throw e;
      }
    }
  }

  private static void write(byte[] content, FileChannel out) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(content);
    while (rest.hasRemaining()) {
      out.write(rest);
    }
  }
}
