package io.github.f2d4j.weights.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.f2d4j.fuzz.Attempt;
import io.github.f2d4j.weights.safetensors.SafetensorsHeader.Span;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

/**
 * Headers of safetensors files. Input: two little-endian bytes, then the header. The lower 15 bits
 * are the size of the data section; with the highest bit set the rest is a whole file instead, the
 * length of its header included.
 *
 * <p>A header is refused by {@link SafetensorsException} alone, or the file that it makes holds
 * what it says, and comes out equal when written and read again; equal content gives equal bytes.
 */
class SafetensorsFuzzTest {
  private static final int WHOLE_FILE = 0x8000;
  private static final int BYTES_PER_BYTE = 2000;

  @TempDir private static Path folder;

  @FuzzTest
  void header(byte[] input) throws Exception {
    if (input.length < 2) {
      return;
    }
    int first = (input[0] & 0xff) | (input[1] & 0xff) << 8;
    byte[] rest = Arrays.copyOfRange(input, 2, input.length);
    long bound = (4L << 20) + (long) BYTES_PER_BYTE * input.length;
    Path file = folder.resolve("input.safetensors");
    if ((first & WHOLE_FILE) != 0) {
      Files.write(file, rest);
      Optional<SafetensorsFile> opened =
          Attempt.of(SafetensorsException.class, bound, () -> SafetensorsFile.open(file));
      if (opened.isPresent()) {
        roundTrip(opened.get());
      }
      return;
    }
    Optional<SafetensorsHeader> header =
        Attempt.of(
            SafetensorsException.class, bound, () -> SafetensorsHeader.parse(file, rest, first));
    if (header.isPresent()) {
      Files.write(file, file(rest, first));
      SafetensorsFile opened = SafetensorsFile.open(file);
      requireSame(header.get(), opened, first);
      roundTrip(opened);
    }
  }

  /** A file with this header; byte {@code i} of its data is {@code i}. */
  private static byte[] file(byte[] header, int dataBytes) {
    ByteBuffer file = ByteBuffer.allocate(8 + header.length + dataBytes);
    file.order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header);
    for (int i = 0; i < dataBytes; i++) {
      file.put((byte) i);
    }
    return file.array();
  }

  private static void requireSame(SafetensorsHeader header, SafetensorsFile file, int dataBytes) {
    assertEquals(header.metadata(), file.metadata());
    assertEquals(List.copyOf(header.byName().keySet()), List.copyOf(file.names()));
    long covered = 0;
    for (Span span : header.tensors()) {
      TensorEntry entry = file.get(span.name());
      assertEquals(span.type(), entry.type());
      assertEquals(span.end() - span.begin(), entry.data().byteSize());
      byte[] data = entry.data().toArray(ValueLayout.JAVA_BYTE);
      for (int i = 0; i < data.length; i++) {
        assertEquals((byte) (span.begin() + i), data[i]);
      }
      covered += data.length;
    }
    assertEquals(dataBytes, covered);
  }

  private static void roundTrip(SafetensorsFile file) throws IOException {
    Path copy = folder.resolve("copy.safetensors");
    SafetensorsWriter.write(copy, entries(file), file.metadata());
    SafetensorsFile read = SafetensorsFile.open(copy);
    assertEquals(file.names().size(), read.names().size());
    assertEquals(file.metadata(), read.metadata());
    for (TensorEntry entry : entries(file)) {
      TensorEntry again = read.get(entry.name());
      assertEquals(entry.type(), again.type());
      assertEquals(-1, entry.data().mismatch(again.data()), entry.name());
    }
    Path second = folder.resolve("second.safetensors");
    SafetensorsWriter.write(second, entries(read), read.metadata());
    assertArrayEquals(Files.readAllBytes(copy), Files.readAllBytes(second));
  }

  private static List<TensorEntry> entries(TensorSource source) {
    List<TensorEntry> entries = new ArrayList<>();
    source.names().forEach(name -> entries.add(source.get(name)));
    return entries;
  }
}
