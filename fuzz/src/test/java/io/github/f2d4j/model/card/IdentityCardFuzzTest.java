package io.github.f2d4j.model.card;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.f2d4j.fuzz.Attempt;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

/**
 * Identity cards, which people hand to each other. Input: two little-endian bytes, then the header
 * of the safetensors file. The lower 15 bits are the size of the data section; with the highest bit
 * set the rest is a whole file instead.
 *
 * <p>A card is refused by {@link CardException} alone, or it holds finite numbers and plain names,
 * and comes out equal when written and read again; equal content gives equal bytes.
 */
class IdentityCardFuzzTest {
  private static final int WHOLE_FILE = 0x8000;
  private static final int BYTES_PER_BYTE = 2000;

  /** Read as F32 in little-endian order: 1.5. */
  private static final byte[] VALUE = {0, 0, (byte) 0xc0, 0x3f};

  @TempDir private static Path folder;

  @FuzzTest
  void card(byte[] input) throws Exception {
    if (input.length < 2) {
      return;
    }
    int first = (input[0] & 0xff) | (input[1] & 0xff) << 8;
    byte[] rest = Arrays.copyOfRange(input, 2, input.length);
    Path file = folder.resolve("input.safetensors");
    Files.write(file, (first & WHOLE_FILE) != 0 ? rest : file(rest, first));
    long bound = (4L << 20) + (long) BYTES_PER_BYTE * input.length;
    Optional<IdentityCard> read =
        Attempt.of(CardException.class, bound, () -> IdentityCard.read(file));
    if (read.isEmpty()) {
      return;
    }
    IdentityCard card = read.get();
    for (String text : card.photos()) {
      assertTrue(text.chars().noneMatch(c -> c < ' '), text);
    }
    Path copy = folder.resolve("copy.safetensors");
    card.write(copy);
    IdentityCard again = IdentityCard.read(copy);
    assertArrayEquals(card.identity().features(), again.identity().features());
    assertArrayEquals(card.words().first(), again.words().first());
    assertArrayEquals(card.words().last(), again.words().last());
    assertEquals(card.encoder(), again.encoder());
    assertEquals(card.mapping(), again.mapping());
    assertEquals(card.photos(), again.photos());
    assertEquals(card.library(), again.library());
    Path second = folder.resolve("second.safetensors");
    again.write(second);
    assertArrayEquals(Files.readAllBytes(copy), Files.readAllBytes(second));
  }

  private static byte[] file(byte[] header, int dataBytes) {
    ByteBuffer file = ByteBuffer.allocate(8 + header.length + dataBytes);
    file.order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header);
    for (int i = 0; i < dataBytes; i++) {
      file.put(VALUE[i % VALUE.length]);
    }
    return file.array();
  }
}
