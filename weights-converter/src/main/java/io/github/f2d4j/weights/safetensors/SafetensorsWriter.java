package io.github.f2d4j.weights.safetensors;

import static io.github.f2d4j.weights.io.QuotedText.quote;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.weights.io.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes safetensors files, byte for byte as the upstream library does: tensors by falling dtype,
 * then by name, header padded with spaces so that the data starts on a multiple of 8 bytes and
 * every tensor on a multiple of its element size. Metadata is sorted by key, so equal content gives
 * equal bytes.
 *
 * <p>Writing is atomic: see {@link AtomicFile}.
 */
public final class SafetensorsWriter {
  /** Upstream's {@code Dtype} order, reversed: safetensors 0.5 {@code src/tensor.rs}. */
  private static final List<DType> ORDER =
      List.of(
          DType.U64,
          DType.I64,
          DType.F64,
          DType.F32,
          DType.U32,
          DType.I32,
          DType.BF16,
          DType.F16,
          DType.U16,
          DType.I16,
          DType.F8_E4M3,
          DType.F8_E5M2,
          DType.I8,
          DType.U8,
          DType.BOOL);

  private static final int ALIGNMENT = 8;
  private static final int CHUNK = 1 << 22;

  private SafetensorsWriter() {}

  /** Gives the data of one tensor at the moment it is written. */
  @FunctionalInterface
  public interface Data {
    /** Little-endian, row-major, exactly as long as the type says. */
    MemorySegment load() throws IOException;
  }

  /**
   * A tensor whose data is asked for only when its turn comes, so that a checkpoint larger than
   * memory can be written.
   *
   * @param name the key
   * @param type element type and shape
   * @param data called once
   */
  public record Pending(String name, TensorType type, Data data) {}

  /**
   * Writes tensors that are in memory or mapped.
   *
   * @throws IllegalArgumentException if a name is used twice, is {@code __metadata__}, or is not
   *     Unicode text
   * @throws IOException if writing fails; the target is then unchanged
   */
  public static void write(Path file, Collection<TensorEntry> tensors, Map<String, String> metadata)
      throws IOException {
    List<Pending> pending = new ArrayList<>(tensors.size());
    for (TensorEntry tensor : tensors) {
      pending.add(new Pending(tensor.name(), tensor.type(), tensor::data));
    }
    stream(file, pending, metadata);
  }

  /**
   * Writes tensors one after another, holding one at a time.
   *
   * @throws IllegalArgumentException as {@link #write}, or if data does not have the promised size
   * @throws IOException if loading or writing fails; the target is then unchanged
   */
  public static void stream(Path file, Collection<Pending> tensors, Map<String, String> metadata)
      throws IOException {
    List<Pending> sorted = new ArrayList<>(tensors);
    sorted.sort(
        Comparator.comparingInt((Pending t) -> ORDER.indexOf(t.type().dtype()))
            .thenComparing(t -> utf8(t.name()), Arrays::compareUnsigned));
    requireDistinct(sorted);
    byte[] header = header(sorted, metadata);
    if (header.length > SafetensorsFile.MAX_HEADER_BYTES) {
      throw new IllegalArgumentException(
          "a header of "
              + header.length
              + " bytes is over the format's limit of "
              + SafetensorsFile.MAX_HEADER_BYTES
              + "; write fewer tensors or less metadata");
    }
    AtomicFile.write(
        file,
        out -> {
          ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
          writeFully(out, length.putLong(header.length).flip());
          writeFully(out, ByteBuffer.wrap(header));
          for (Pending tensor : sorted) {
            // the entry's constructor checks the size
            writeData(out, new TensorEntry(tensor.name(), tensor.type(), tensor.data().load()));
          }
        });
  }

  private static void requireDistinct(List<Pending> tensors) {
    Set<String> names = new HashSet<>();
    for (Pending tensor : tensors) {
      String name = tensor.name();
      utf8(name);
      if (name.equals(SafetensorsHeader.METADATA)) {
        throw new IllegalArgumentException(
            "the name " + name + " is reserved by the format; rename the tensor");
      }
      if (!names.add(name)) {
        throw new IllegalArgumentException(
            "two tensors are named " + quote(name) + "; names must be unique");
      }
    }
  }

  private static byte[] header(List<Pending> tensors, Map<String, String> metadata)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) {
          utf8(entry.getKey());
          utf8(entry.getValue());
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      long offset = 0;
      for (Pending tensor : tensors) {
        long end = Math.addExact(offset, tensor.type().bytes());
        json.writeObjectFieldStart(tensor.name());
        json.writeStringField("dtype", tensor.type().dtype().name());
        json.writeFieldName("shape");
        int[] dims = tensor.type().shape().dims();
        json.writeArray(dims, 0, dims.length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {offset, end}, 0, 2);
        json.writeEndObject();
        offset = end;
      }
      json.writeEndObject();
    }
    while (bytes.size() % ALIGNMENT != 0) {
      bytes.write(' ');
    }
    return bytes.toByteArray();
  }

  private static void writeData(FileChannel out, TensorEntry tensor) throws IOException {
    MemorySegment data = tensor.data();
    for (long at = 0; at < data.byteSize(); at += CHUNK) {
      long bytes = Math.min(CHUNK, data.byteSize() - at);
      writeFully(out, data.asSlice(at, bytes).asByteBuffer());
    }
  }

  private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  private static byte[] utf8(String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException(
          quote(text) + " holds an unpaired surrogate; names and metadata must be Unicode text");
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
