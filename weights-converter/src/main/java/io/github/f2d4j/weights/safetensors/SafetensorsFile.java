package io.github.f2d4j.weights.safetensors;

import io.github.f2d4j.engine.backend.Region;
import io.github.f2d4j.weights.safetensors.SafetensorsHeader.Span;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;
import java.util.Set;

/**
 * One {@code .safetensors} file, mapped into memory. Opening reads the header only, and enforces
 * every rule of the format before a tensor can be seen; data is paged in by the operating system
 * when it is first touched, and never copied.
 *
 * <p>The file must not be shortened while entries of it are in use: the system would answer access
 * to a vanished page with an {@link InternalError}. Replacing the file (as {@link
 * SafetensorsWriter} does) is safe, the mapping keeps the old content.
 */
public final class SafetensorsFile implements TensorSource {
  /** Largest header that upstream readers accept. */
  static final long MAX_HEADER_BYTES = 100_000_000;

  private static final int LENGTH_BYTES = 8;

  private final Path file;
  private final Map<String, Span> spans;
  private final Map<String, String> metadata;
  private final MemorySegment data;
  private volatile boolean closed;

  private SafetensorsFile(Path file, SafetensorsHeader header, MemorySegment data) {
    this.file = file;
    this.spans = Collections.unmodifiableMap(header.byName());
    this.metadata = header.metadata();
    this.data = data;
  }

  /**
   * Opens and checks a file.
   *
   * @throws SafetensorsException if the file breaks a rule of the format
   * @throws IOException if it cannot be read
   */
  public static SafetensorsFile open(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(
          file.toString(), null, "no such weight file; check the path, or download the model");
    }
    if (!Files.isRegularFile(file)) {
      throw new SafetensorsException(
          file,
          "not a file",
          Files.isDirectory(file) ? "a folder" : "something that is not a regular file",
          "a .safetensors file",
          "Name the file itself");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      int length = headerLength(file, channel, size);
      byte[] json = read(file, channel, LENGTH_BYTES, length).array();
      long start = (long) LENGTH_BYTES + length;
      SafetensorsHeader header = SafetensorsHeader.parse(file, json, size - start);
      // Mapped whole, from the channel that was checked. Never into an arena of this object: a
      // zero-copy tensor may outlive it.
      MemorySegment mapped =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, size, Region.mappingArena());
      return new SafetensorsFile(file, header, mapped.asSlice(start));
    }
  }

  private static int headerLength(Path file, FileChannel channel, long size) throws IOException {
    if (size < LENGTH_BYTES) {
      throw new SafetensorsException(
          file,
          "the file must start with the 8-byte length of its header",
          size + " bytes",
          "at least 8 bytes",
          "The file is empty or truncated; fetch it again");
    }
    long length = read(file, channel, 0, LENGTH_BYTES).getLong(0);
    if (length < 0 || length > MAX_HEADER_BYTES || length > size - LENGTH_BYTES) {
      throw new SafetensorsException(
          file,
          "the length of the header is out of range",
          Long.toUnsignedString(length) + " bytes in a file of " + size + " bytes",
          "at most " + Math.min(MAX_HEADER_BYTES, size - LENGTH_BYTES) + " bytes",
          "The file is truncated or not a safetensors file; fetch or convert it again");
    }
    return (int) length;
  }

  private static ByteBuffer read(Path file, FileChannel channel, long at, int bytes)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, at + buffer.position()) < 0) {
        throw new SafetensorsException(
            file,
            "the file became shorter while it was read",
            "its end at byte " + (at + buffer.position()),
            "at least " + (at + bytes) + " bytes",
            "Wait until the file is complete, then try again");
      }
    }
    return buffer;
  }

  @Override
  public Set<String> names() {
    return spans.keySet();
  }

  @Override
  public TensorEntry get(String name) {
    if (closed) {
      throw new IllegalStateException(
          file + " is closed; take what you need before closing it, entries stay readable");
    }
    Span span = spans.get(name);
    if (span == null) {
      throw SimilarNames.notFound(name, this);
    }
    return new TensorEntry(
        name, span.type(), data.asSlice(span.begin(), span.end() - span.begin()));
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public String describe() {
    return file + " (" + spans.size() + " tensors, " + data.byteSize() + " bytes)";
  }

  /** The file. */
  public Path path() {
    return file;
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public String toString() {
    return describe();
  }
}
