package io.github.f2d4j.weights.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Archives that lie, and odd ones that do not. */
class ZipDirectoryTest {
  private static final String DATA = "archive/data/0";
  private static final float[] VALUES = {1, 2, 3, 4};

  private static byte[] pickle() {
    return PickleBytes.protocol2().tensor("0", 4, 0, new long[] {4}, new long[] {1}).stop();
  }

  private static ZipBytes zip() {
    return ZipBytes.checkpoint(pickle(), VALUES);
  }

  private static void assertHoldsValues(ZipBytes zip) throws TorchFormatException {
    try (TorchFile file = zip.read()) {
      assertArrayEquals(VALUES, file.get("tensor").toFloats());
    }
  }

  private static TorchFile read(byte[] bytes) throws TorchFormatException {
    return TorchFile.read(Path.of("archive.pt"), MemorySegment.ofArray(bytes));
  }

  @Test
  void readsUsualArchives() throws TorchFormatException {
    assertHoldsValues(zip());
    assertHoldsValues(zip().zip64());
    assertHoldsValues(zip().comment("a note"));
    assertHoldsValues(zip().change(DATA, part -> part.localExtra = new byte[57]));
    assertHoldsValues(zip().add("archive/byteorder", new byte[] {'l', 'i', 't', 't', 'l', 'e'}));
    assertHoldsValues(zip().add("archive/.data/serialization_id", new byte[40]));
    assertHoldsValues(zip().add("other/", new byte[0]));
  }

  @Test
  void readsSizesThatFollowTheData() throws TorchFormatException {
    assertHoldsValues(
        zip()
            .change(
                DATA,
                part -> {
                  part.flags = 1 << 3;
                  part.localSize = 0;
                  part.localPacked = 0;
                }));
  }

  @Test
  void readsSizesOfZip64Fields() throws TorchFormatException {
    byte[] field =
        ZipBytes.little(20)
            .putShort((short) 1)
            .putShort((short) 16)
            .putLong(16)
            .putLong(16)
            .array();
    byte[] other = ZipBytes.little(8).putShort((short) 0x4246).putShort((short) 4).array();
    assertHoldsValues(
        zip()
            .change(
                DATA,
                part -> {
                  part.sizes(-1, -1);
                  part.localExtra = field;
                  part.extra = ByteBuffer.allocate(28).put(other).put(field).array();
                }));
  }

  @Test
  void inflatesCompressedRecords() throws TorchFormatException {
    ZipBytes zip = zip().change(DATA, ZipBytes.Part::deflate);
    zip.change("archive/data.pkl", ZipBytes.Part::deflate);
    assertHoldsValues(zip);
    float[] zeros = new float[1 << 17];
    byte[] pickle =
        PickleBytes.protocol2()
            .tensor("0", zeros.length, 0, new long[] {zeros.length}, new long[] {1})
            .stop();
    ZipBytes shrunk = ZipBytes.checkpoint(pickle, zeros).change(DATA, ZipBytes.Part::deflate);
    assertArrayEquals(zeros, shrunk.read().get("tensor").toFloats());
  }

  static Stream<Arguments> damagedData() {
    return Stream.of(
        damaged("one byte more than announced", part -> part.sizes(part.size - 1, part.packed)),
        damaged("one byte less than announced", part -> part.sizes(part.size + 1, part.packed)),
        damaged("cut short", part -> part.sizes(part.size, part.packed - 3)),
        damaged("not deflated at all", part -> Arrays.fill(part.data, (byte) 0xff)));
  }

  private static Arguments damaged(String what, Consumer<ZipBytes.Part> change) {
    return Arguments.of(what, change);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("damagedData")
  void refusesDamagedDataWhenItIsRead(String what, Consumer<ZipBytes.Part> change)
      throws TorchFormatException {
    // The pickle asks for 12 bytes of the 16, so that opening finds enough of them.
    byte[] pickle =
        PickleBytes.protocol2().tensor("0", 3, 0, new long[] {3}, new long[] {1}).stop();
    ZipBytes zip = ZipBytes.checkpoint(pickle, VALUES).change(DATA, ZipBytes.Part::deflate);
    try (TorchFile file = zip.change(DATA, change).read()) {
      UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> file.get("tensor"));
      assertTrue(e.getCause() instanceof TorchFormatException, e.toString());
      assertTrue(e.getMessage().contains("compressed data must"), e.getMessage());
    }
  }

  private static Arguments lie(String what, String message, ZipBytes zip) {
    return Arguments.of(what, message, zip);
  }

  static Stream<Arguments> lies() {
    return Stream.of(
        lie("encrypted", "encrypted", zip().change(DATA, part -> part.flags = 1)),
        lie("strongly encrypted", "encrypted", zip().change(DATA, part -> part.flags = 1 << 6)),
        lie("masked", "encrypted", zip().change(DATA, part -> part.flags = 1 << 13)),
        lie("zstd", "method 93", zip().change(DATA, part -> part.method = 93)),
        lie("two sizes", "one size", zip().change(DATA, part -> part.size = 15)),
        lie("twice", "unique", zip().add(DATA, new byte[16])),
        lie("path up", "plain paths", zip().add("archive/../../x", new byte[1])),
        lie("absolute path", "plain paths", zip().add("/etc/passwd", new byte[1])),
        lie("backslash", "plain paths", zip().add("archive\\x", new byte[1])),
        lie("line feed", "plain paths", zip().add("archive/\n", new byte[1])),
        lie("NUL", "plain paths", zip().add("archive/\0", new byte[1])),
        lie("no name", "short names", zip().add("", new byte[1])),
        lie("long name", "short names", zip().add("x".repeat(513), new byte[1])),
        lie(
            "another local name",
            "must agree",
            zip().change(DATA, part -> part.localName = "archive/data/1")),
        lie(
            "longer local name",
            "must agree",
            zip().change(DATA, part -> part.localName = DATA + "0")),
        lie("another local size", "must agree", zip().change(DATA, part -> part.localSize = 4)),
        lie("no local size", "must agree", zip().change(DATA, part -> part.localPacked = 0)),
        lie("overlap", "must not overlap", zip().change(DATA, part -> part.offset = 0)),
        lie("offset beyond", "point to records", zip().change(DATA, part -> part.offset = 1 << 20)),
        lie("offset into data", "must agree", zip().change(DATA, part -> part.localName = "x")),
        lie(
            "data beyond the directory",
            "before the directory",
            zip().change("archive/version", part -> part.sizes(1 << 20, 1 << 20))),
        lie("no zip64 field", "zip64 field", zip().change(DATA, part -> part.sizes(-1, -1))),
        lie(
            "negative zip64 size",
            "zip64 field",
            zip()
                .change(
                    DATA,
                    part -> {
                      part.sizes(-1, -1);
                      part.extra =
                          ZipBytes.little(20)
                              .putShort((short) 1)
                              .putShort((short) 16)
                              .putLong(-8)
                              .putLong(-8)
                              .array();
                    })),
        lie(
            "zip64 field that leaves the record",
            "zip64 field",
            zip()
                .change(
                    DATA,
                    part -> {
                      part.sizes(-1, -1);
                      part.extra =
                          ZipBytes.little(12).putShort((short) 1).putShort((short) 16).array();
                    })),
        lie("more records", "must be complete", zip().records(7)),
        lie("fewer records", "more bytes", zip().records(2)),
        lie("2^60 records", "of them", zip().zip64().records(1L << 60)),
        lie("-1 records", "before its end record", zip().zip64().records(-2)),
        lie("no pickle", "data.pkl", new ZipBytes().add("archive/x", new byte[1])),
        lie("pickle at the top", "data.pkl", new ZipBytes().add("data.pkl", pickle())),
        lie("pickle too deep", "data.pkl", new ZipBytes().add("a/b/data.pkl", pickle())),
        lie("two pickles", "2 of them", zip().add("other/data.pkl", pickle())),
        lie("no records", "data.pkl", new ZipBytes()),
        lie("TorchScript", "TorchScript", zip().add("archive/constants.pkl", new byte[1])),
        lie(
            "big-endian",
            "little-endian",
            zip().add("archive/byteorder", new byte[] {'b', 'i', 'g'})),
        lie("long note", "note", zip().add("archive/byteorder", new byte[65])),
        lie(
            "storage in another folder",
            "no record 'archive/data/0'",
            new ZipBytes().add("archive/data.pkl", pickle()).add("other/data/0", new byte[16])),
        lie(
            "data bomb",
            "100 times",
            zip()
                .add(
                    "archive/data/1",
                    new byte[64],
                    part -> {
                      part.method = 8;
                      part.sizes(1L << 31, 64);
                    })),
        lie(
            "pickle bomb",
            "100 times",
            new ZipBytes().add("archive/data.pkl", new byte[8 << 20], ZipBytes.Part::deflate)),
        lie(
            "pickle too long",
            "at most 64 MiB",
            new ZipBytes()
                .add(
                    "archive/data.pkl",
                    new byte[1 << 20],
                    part -> {
                      part.method = 8;
                      part.sizes(65 << 20, 1 << 20);
                    })));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lies")
  void refuses(String what, String message, ZipBytes zip) {
    TorchFormatException e = assertThrows(TorchFormatException.class, () -> zip.read());
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertTrue(e.getMessage().length() < 800, e.getMessage());
  }

  @Test
  void refusesEveryCutArchive() throws TorchFormatException {
    byte[] whole = zip().zip64().bytes();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThrows(TorchFormatException.class, () -> read(cut), "the first " + length + " bytes");
    }
    assertEquals(1, read(whole).names().size());
  }

  @Property(tries = 2000)
  void anyChangeGivesTensorsOrAComplaint(
      @ForAll @IntRange(max = 2000) int at, @ForAll byte value, @ForAll boolean wide) {
    byte[] bytes = (wide ? zip().zip64() : zip()).bytes();
    bytes[at % bytes.length] = value;
    try (TorchFile file = read(bytes)) {
      file.names().forEach(name -> file.get(name).data());
    } catch (TorchFormatException e) {
      assertEquals("archive.pt", e.file().toString());
    }
  }
}
