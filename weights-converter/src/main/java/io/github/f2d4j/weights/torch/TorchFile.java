package io.github.f2d4j.weights.torch;

import io.github.f2d4j.engine.backend.Region;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.weights.safetensors.SimilarNames;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import io.github.f2d4j.weights.safetensors.TensorSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint that {@code torch.save} wrote ({@code .pt}, {@code .pth}, {@code .ckpt}, {@code
 * .bin}): the zip format of PyTorch 1.6 and later, or the one before it. Mapped into memory;
 * opening reads the pickle and checks every claim of the file, tensor data is paged in when it is
 * touched.
 *
 * <p>Nothing in the file is run. Its pickle may name only what is on a short list (tensors,
 * storages, containers, numpy numbers), and each name stands for code of this package; any other
 * name is refused with a message that contains it.
 *
 * <p>Nested dicts become names joined by dots: {@code {"state_dict": {"conv.weight": …}}} holds
 * {@code state_dict.conv.weight}. A checkpoint that is one bare tensor has the name {@code tensor}.
 * Storages that were saved on a GPU load like any other.
 *
 * <p>A tensor whose elements lie densely in the file is that part of the mapping; a transposed,
 * strided or expanded view is copied into row-major order each time it is asked for, and a
 * compressed record (PyTorch itself writes none) is inflated. The file must not be shortened while
 * entries of it are in use.
 */
public final class TorchFile implements TensorSource {
  private static final int PICKLE = 0x80;
  private static final int HIGHEST_PROTOCOL = 5;

  /** Enough to tell a zip archive, a pickle and a safetensors file apart. */
  private static final int HEAD_BYTES = 9;

  private final Path file;
  private final long bytes;
  private final CheckpointData data;
  private volatile boolean closed;

  private TorchFile(Path file, long bytes, CheckpointData data) {
    this.file = file;
    this.bytes = bytes;
    this.data = data;
  }

  /**
   * Opens and checks a file.
   *
   * @throws TorchFormatException if the file is malformed, names what is not on the list, or passes
   *     a limit
   * @throws IOException if it cannot be read
   */
  public static TorchFile open(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(
          file.toString(), null, "no such weight file; check the path, or download the model");
    }
    if (!Files.isRegularFile(file)) {
      throw new TorchFormatException(
          file,
          "not a file",
          Files.isDirectory(file) ? "a folder" : "something that is not a regular file",
          "a PyTorch checkpoint",
          "Name the file itself");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      // Never into an arena of this object: a zero-copy tensor may outlive it.
      MemorySegment mapped =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Region.mappingArena());
      return read(file, mapped);
    }
  }

  /**
   * Reads a checkpoint that lies in memory; its tensors are parts of {@code bytes} where they can
   * be.
   *
   * @param name what messages call it
   * @throws TorchFormatException as {@link #open}
   */
  public static TorchFile read(Path name, MemorySegment bytes) throws TorchFormatException {
    Faults faults = new Faults(name);
    MemorySegment readable = bytes.asReadOnly();
    byte[] head =
        readable.asSlice(0, Math.min(HEAD_BYTES, bytes.byteSize())).toArray(ValueLayout.JAVA_BYTE);
    CheckpointData data;
    if (isZip(head)) {
      data = ZipCheckpoint.read(faults, readable);
    } else if (isPickle(head)) {
      data = LegacyCheckpoint.read(faults, readable);
    } else {
      throw faults.damaged(
          "a PyTorch checkpoint must be a zip archive or a pickle",
          bytes.byteSize() == 0 ? "an empty file" : "other bytes at its start",
          "what torch.save writes");
    }
    return new TorchFile(name, bytes.byteSize(), data);
  }

  /**
   * Whether the first bytes of a file are those of a zip archive or a pickle, whatever its name.
   * The file may still be refused by {@link #open}.
   *
   * @throws IOException if it cannot be read; a file that does not exist is none
   */
  public static boolean isTorchFile(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (var in = Files.newInputStream(file)) {
      byte[] head = in.readNBytes(HEAD_BYTES);
      return isZip(head) || isPickle(head);
    }
  }

  /** A local header, or the end record of an archive without any. */
  private static boolean isZip(byte[] head) {
    return head.length >= 4
        && head[0] == 'P'
        && head[1] == 'K'
        && (head[2] == 3 || head[2] == 5)
        && head[3] == head[2] + 1;
  }

  /** Opcode PROTO; a safetensors file can begin alike, if its header has such a length. */
  private static boolean isPickle(byte[] head) {
    if (head.length < 2 || (head[0] & 0xff) != PICKLE || head[1] > HIGHEST_PROTOCOL) {
      return false;
    }
    boolean safetensors =
        head.length == HEAD_BYTES && (head[4] | head[5] | head[6] | head[7]) == 0 && head[8] == '{';
    return !safetensors;
  }

  @Override
  public Set<String> names() {
    return data.content().tensors().keySet();
  }

  /**
   * The tensor of that name, without copying where its elements lie densely in the file.
   *
   * @throws java.util.NoSuchElementException if there is none; the message lists similar names
   * @throws IllegalStateException if this source is closed
   * @throws java.io.UncheckedIOException around a {@link TorchFormatException} if it is compressed
   *     and damaged
   */
  @Override
  public TensorEntry get(String name) {
    TensorView view = view(name);
    return new TensorEntry(name, view.type(), data.read(view));
  }

  @Override
  public TensorType type(String name) {
    return view(name).type();
  }

  private TensorView view(String name) {
    if (closed) {
      throw new IllegalStateException(
          file + " is closed; take what you need before closing it, entries stay readable");
    }
    TensorView view = data.content().tensors().get(name);
    if (view == null) {
      throw SimilarNames.notFound(name, this);
    }
    return view;
  }

  /**
   * Everything that is not a tensor, by names that are made like those of the tensors: {@code
   * epoch}, {@code args.lr}. A value is a {@link String}, {@link Boolean}, {@link Long}, {@link
   * java.math.BigInteger} (beyond 64 bits), {@link Double}, {@link java.util.List} (of a list,
   * tuple or set), read-only {@link java.nio.ByteBuffer} (bytes), or null (None); a class or
   * element type is its name.
   */
  public Map<String, @Nullable Object> values() {
    return data.content().values();
  }

  /** Every Python name that the file's pickle mentions; each is on the list of harmless ones. */
  public Set<String> globals() {
    return Collections.unmodifiableSet(data.globals());
  }

  /** The {@link #values()} as text. */
  @Override
  public Map<String, String> metadata() {
    Map<String, String> text = new LinkedHashMap<>();
    values().forEach((name, value) -> text.put(name, value == null ? "None" : value.toString()));
    return Collections.unmodifiableMap(text);
  }

  @Override
  public String describe() {
    return file
        + " (PyTorch "
        + data.format()
        + " checkpoint, "
        + names().size()
        + " tensors, "
        + bytes
        + " bytes)";
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
