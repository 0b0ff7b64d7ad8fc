package io.github.f2d4j.weights.torch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one pickle, read in order; no read passes the end or allocates more than is there.
 */
final class PickleInput {
  /** That of Stable Diffusion 1.x with everything that training keeps has 0.4 MB. */
  static final long MAX_BYTES = 64L << 20;

  /** The longest integer; CPython's own text conversion stops at about as many. */
  static final int MAX_INTEGER_BYTES = 1024;

  private static final int MAX_LINE = 256;

  /** What Java decodes malformed bytes to. */
  private static final char REPLACEMENT = 0xfffd;

  private static final ValueLayout.OfShort I16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble F64_BIG =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final Faults faults;
  private final MemorySegment bytes;
  private final long start;
  private final long end;
  private long position;

  /** The pickle that starts at byte {@code start}; where it ends is for its opcodes to say. */
  PickleInput(Faults faults, MemorySegment bytes, long start) {
    this.faults = faults;
    this.bytes = bytes;
    this.start = start;
    this.end = start + Math.min(MAX_BYTES, bytes.byteSize() - start);
    this.position = start;
  }

  /** The next byte of the segment. */
  long position() {
    return position;
  }

  /** Where the reader stands, for messages. */
  String where() {
    return "at byte " + (position - start) + " of the pickle";
  }

  int u8() throws TorchFormatException {
    return bytes.get(ValueLayout.JAVA_BYTE, take(1)) & 0xff;
  }

  int u16() throws TorchFormatException {
    return bytes.get(I16, take(2)) & 0xffff;
  }

  int i32() throws TorchFormatException {
    return bytes.get(I32, take(4));
  }

  long u32() throws TorchFormatException {
    return i32() & 0xffffffffL;
  }

  /** Negative where the value has 64 bits, which no length may. */
  long u64() throws TorchFormatException {
    return bytes.get(I64, take(8));
  }

  double f64() throws TorchFormatException {
    return bytes.get(F64_BIG, take(8));
  }

  byte[] bytes(long count) throws TorchFormatException {
    long at = take(count);
    return bytes.asSlice(at, count).toArray(ValueLayout.JAVA_BYTE);
  }

  String text(long count) throws TorchFormatException {
    String text = utf8(bytes(count));
    if (text == null) {
      throw faults.damaged("text must be UTF-8", "malformed bytes " + where(), "valid UTF-8");
    }
    return text;
  }

  /** The text of these bytes, or null if they are not UTF-8. */
  static @Nullable String utf8(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) < 0) {
      return text;
    }
    // The character stands for malformed bytes, or for itself.
    return Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes) ? text : null;
  }

  /** ASCII up to the next line feed, which is taken too. */
  String line() throws TorchFormatException {
    StringBuilder line = new StringBuilder();
    for (int c = u8(); c != '\n'; c = u8()) {
      if (c < ' ' || c > '~' || line.length() == MAX_LINE) {
        throw faults.damaged(
            "a line of a pickle must be short ASCII text",
            line.length() == MAX_LINE
                ? "more than " + MAX_LINE + " characters " + where()
                : "byte " + c + " " + where(),
            "letters up to a line feed");
      }
      line.append((char) c);
    }
    return line.toString();
  }

  /** A little-endian two's-complement integer: Long, or BigInteger where that is too small. */
  Object integer(long count) throws TorchFormatException {
    if (count < 0 || count > MAX_INTEGER_BYTES) {
      throw faults.limit(
          "integers are limited",
          "one of " + count + " bytes " + where(),
          "at most " + MAX_INTEGER_BYTES + " bytes");
    }
    byte[] little = bytes(count);
    byte[] big = new byte[little.length];
    for (int i = 0; i < big.length; i++) {
      big[i] = little[little.length - 1 - i];
    }
    return big.length == 0 ? (Object) 0L : shortest(new BigInteger(big));
  }

  /** An integer as a decimal line, with or without Python 2's {@code L}. */
  Object decimal() throws TorchFormatException {
    String line = line();
    String digits = line.endsWith("L") ? line.substring(0, line.length() - 1) : line;
    if (!digits.matches("-?\\d+")) {
      throw faults.damaged("an integer must be decimal", "another text " + where(), "digits");
    }
    return shortest(new BigInteger(digits));
  }

  private static Object shortest(BigInteger value) {
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  /** Checks that so many bytes are left. */
  void require(long count) throws TorchFormatException {
    if (count < 0 || count > end - position) {
      throw tooShort(count);
    }
  }

  private long take(long count) throws TorchFormatException {
    require(count);
    long at = position;
    position += count;
    return at;
  }

  private TorchFormatException tooShort(long count) {
    if (end < bytes.byteSize() && count >= 0 && count <= bytes.byteSize() - position) {
      return faults.limit(
          "the pickle, tensor data aside, is limited",
          "more than " + (MAX_BYTES >> 20) + " MiB without its end",
          "at most that");
    }
    return faults.damaged(
        "a pickle must be complete and end with STOP",
        Long.toUnsignedString(count) + " more bytes asked for " + where(),
        "at most the " + (end - position) + " that are left");
  }
}
