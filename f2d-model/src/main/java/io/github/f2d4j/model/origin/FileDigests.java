package io.github.f2d4j.model.origin;

import io.github.f2d4j.weights.io.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * SHA-256 of files. That of a large file is remembered in the user's cache together with the file's
 * {@link FileStamp}, and believed only while every part of the stamp is the same. Reading costs
 * about a second for each gigabyte; the memory of it is a file of some hundred bytes.
 */
final class FileDigests {
  /** Below this size a hash costs less than a look into the cache is worth. */
  private static final long CACHED_FROM = 16L << 20;

  private static final int BLOCK = 1 << 20;
  private static final long MAX_ENTRY_BYTES = 1 << 16;
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  private final Path cache;
  private final long cachedFrom;
  private final InstantSource clock;

  /** Digests that remember in {@code cache}, a folder that is made when it is first needed. */
  FileDigests(Path cache) {
    this(cache, CACHED_FROM, InstantSource.system());
  }

  FileDigests(Path cache, long cachedFrom, InstantSource clock) {
    this.cache = cache;
    this.cachedFrom = cachedFrom;
    this.clock = clock;
  }

  /**
   * The hash of the content that the file had when the stamp was taken.
   *
   * @throws IOException if it cannot be read, or has changed since
   */
  String of(FileStamp stamp) throws IOException {
    requireUnchanged(stamp);
    boolean worthwhile = stamp.size() >= cachedFrom;
    if (worthwhile) {
      Optional<String> known = remembered(stamp);
      if (known.isPresent()) {
        return known.get();
      }
    }
    String hash = hash(stamp.path());
    requireUnchanged(stamp);
    if (worthwhile && stamp.isSettled(clock.instant())) {
      remember(stamp, hash);
    }
    return hash;
  }

  private static void requireUnchanged(FileStamp stamp) throws IOException {
    if (!FileStamp.of(stamp.path()).equals(stamp)) {
      throw new IOException(
          stamp.path()
              + " has changed since the model was loaded from it, so its hash would not be that of"
              + " the loaded weights; load the model again");
    }
  }

  private static String hash(Path file) throws IOException {
    MessageDigest digest = sha256();
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      while (in.read(block) >= 0) {
        digest.update(block.flip());
        block.clear();
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The hash of bytes in memory. */
  static String hash(byte[] bytes) {
    return HexFormat.of().formatHex(sha256().digest(bytes));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  // ---- the cache: one small file for each path, the stamp's lines and the hash

  private static List<String> lines(FileStamp s) {
    return List.of(
        "f2d4j sha256 1",
        s.path().toString().replace('\n', ' '),
        Long.toString(s.size()),
        s.modified().toString(),
        s.changed().toString(),
        s.key());
  }

  private Path entry(FileStamp stamp) {
    return cache.resolve(hash(stamp.path().toString().getBytes(StandardCharsets.UTF_8)));
  }

  private Optional<String> remembered(FileStamp stamp) {
    try {
      Path entry = entry(stamp);
      if (!Files.isRegularFile(entry) || Files.size(entry) > MAX_ENTRY_BYTES) {
        return Optional.empty();
      }
      List<String> lines = Files.readAllLines(entry);
      List<String> expected = lines(stamp);
      boolean same =
          lines.size() == expected.size() + 1 && lines.subList(0, expected.size()).equals(expected);
      return same && SHA256.matcher(lines.getLast()).matches()
          ? Optional.of(lines.getLast())
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // A cache that cannot be read is one that knows nothing.
    }
  }

  private void remember(FileStamp stamp, String hash) {
    String text = String.join("\n", lines(stamp)) + "\n" + hash + "\n";
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    try {
      Files.createDirectories(cache);
      AtomicFile.write(
          entry(stamp),
          out -> {
            while (bytes.hasRemaining()) {
              out.write(bytes);
            }
          });
    } catch (IOException e) {
      System.getLogger(FileDigests.class.getName())
          .log(System.Logger.Level.DEBUG, "the hash is not remembered in {0}: {1}", cache, e);
    }
  }
}
