package io.github.f2d4j.model.origin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

/**
 * What the file system says of a file without reading it. Two equal stamps mean the same content:
 * every way of changing a file moves its time of change ({@code ctime}), which no program can set,
 * where the system has one; elsewhere size, time of modification and identity must do.
 *
 * @param path absolute, without symbolic links
 * @param size in bytes
 * @param modified when the content was last written
 * @param changed when content or attributes last changed; {@code modified} where the system does
 *     not say
 * @param key device and inode, or nothing where the system has none
 */
record FileStamp(Path path, long size, Instant modified, Instant changed, String key) {
  /** A clock may be so coarse that a second change leaves the times as they were. */
  private static final long RACY_SECONDS = 3;

  static FileStamp of(Path file) throws IOException {
    Path real = file.toRealPath();
    BasicFileAttributes basic = Files.readAttributes(real, BasicFileAttributes.class);
    Instant modified = basic.lastModifiedTime().toInstant();
    Object key = basic.fileKey();
    return new FileStamp(
        real, basic.size(), modified, changed(real, modified), key == null ? "" : key.toString());
  }

  private static Instant changed(Path real, Instant modified) throws IOException {
    try {
      return Files.getAttribute(real, "unix:ctime") instanceof FileTime t
          ? t.toInstant()
          : modified;
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return modified;
    }
  }

  /**
   * Whether the file was at rest for a while before {@code now}, so that its times can be trusted.
   */
  boolean isSettled(Instant now) {
    Instant limit = now.minusSeconds(RACY_SECONDS);
    return modified.isBefore(limit) && changed.isBefore(limit);
  }
}
