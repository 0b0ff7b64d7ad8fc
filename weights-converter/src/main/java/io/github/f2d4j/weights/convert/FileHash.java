package io.github.f2d4j.weights.convert;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * The size and SHA-256 of a file.
 *
 * @param bytes its size
 * @param sha256 in lower-case hexadecimal
 */
public record FileHash(long bytes, String sha256) {
  private static final int CHUNK = 1 << 20;

  /** Reads a file to its end. */
  public static FileHash of(Path file) throws IOException {
    return of(file, () -> false);
  }

  /**
   * Reads a file to its end.
   *
   * @param stop asked now and then
   * @throws CancellationException if {@code stop} said so
   */
  static FileHash of(Path file, BooleanSupplier stop) throws IOException {
    MessageDigest digest = newDigest();
    ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
    long bytes = 0;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (channel.read(buffer.clear()) >= 0) {
        bytes += buffer.position();
        digest.update(buffer.flip());
        if (stop.getAsBoolean()) {
          throw new CancellationException("the conversion was cancelled");
        }
      }
    }
    return new FileHash(bytes, HexFormat.of().formatHex(digest.digest()));
  }

  static FileHash of(byte[] content) {
    return new FileHash(content.length, HexFormat.of().formatHex(newDigest().digest(content)));
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
