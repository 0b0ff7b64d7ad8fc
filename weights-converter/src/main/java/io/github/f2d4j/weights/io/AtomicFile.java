package io.github.f2d4j.weights.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Replaces a file as a whole: the content goes to a temporary file in the same folder, is forced to
 * the disk, and takes the name of the target in one step. Whoever opens the target sees either the
 * old content or the new one; after a failure the target is as before and nothing is left behind.
 */
public final class AtomicFile {
  private static final int ATTEMPTS = 16;

  /** What Linux and macOS, a quota, and Windows say. */
  private static final List<String> DISK_FULL =
      List.of(
          "No space left on device",
          "Disk quota exceeded",
          "There is not enough space on the disk");

  private AtomicFile() {}

  /** Produces the content of a file. */
  @FunctionalInterface
  public interface Content {
    /** Writes everything to {@code out}, which is closed by the caller. */
    void writeTo(FileChannel out) throws IOException;
  }

  /**
   * Writes {@code content} to {@code target}, replacing what is there.
   *
   * @throws IOException if the folder does not exist, the target is a folder, or writing fails; a
   *     full disk is a {@link FileSystemException} that names the target and says how much is free
   */
  public static void write(Path target, Content content) throws IOException {
    Path absolute = target.toAbsolutePath();
    Path folder = absolute.getParent();
    Path name = absolute.getFileName();
    if (folder == null || name == null || Files.isDirectory(absolute)) {
      throw new IOException(
          "cannot write " + target + ": it is a folder; name a file inside it instead");
    }
    if (!Files.isDirectory(folder)) {
      throw new IOException(
          "cannot write " + target + ": there is no folder " + folder + "; create it first");
    }
    Path temporary = null;
    try {
      temporary = create(folder, name.toString());
      try (FileChannel out = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        content.writeTo(out);
        out.force(true);
      }
      Files.move(
          temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      temporary = null;
    } catch (IOException e) {
      throw isDiskFull(e) ? diskFull(target, folder, e) : e;
    } finally {
      if (temporary != null) {
        Files.deleteIfExists(temporary);
      }
    }
    forceFolder(folder);
  }

  /** The JDK tells a full disk by the system's message alone. */
  private static boolean isDiskFull(IOException e) {
    String message = String.valueOf(e.getMessage());
    return DISK_FULL.stream().anyMatch(message::contains);
  }

  private static FileSystemException diskFull(Path target, Path folder, IOException cause) {
    String free;
    try {
      free =
          "%,d bytes are free in %s".formatted(Files.getFileStore(folder).getUsableSpace(), folder);
    } catch (IOException e) {
      free = "in " + folder;
    }
    FileSystemException clear =
        new FileSystemException(
            target.toString(),
            null,
            "No space left on the disk ("
                + free
                + "); make room, or write elsewhere. Nothing was"
                + " left behind");
    clear.initCause(cause);
    return clear;
  }

  /** An empty file of a name not yet taken; unlike a JDK temporary file it follows the umask. */
  private static Path create(Path folder, String name) throws IOException {
    for (int i = 0; ; i++) {
      String random = Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36);
      Path file = folder.resolve("." + name + "." + random + ".tmp");
      try {
        FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))
            .close();
        return file;
      } catch (FileAlreadyExistsException e) {
        if (i == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /** Makes the new name survive a power cut, on systems where a folder can be opened. */
  private static void forceFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows opens no folders; the file itself is complete and on the disk all the same.
      return;
    }
  }
}
