package io.github.f2d4j.weights.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.github.f2d4j.weights.torch.Pickled.Bytes;
import io.github.f2d4j.weights.torch.Pickled.Dict;
import io.github.f2d4j.weights.torch.Pickled.None;
import io.github.f2d4j.weights.torch.Pickled.Sequence;
import io.github.f2d4j.weights.torch.Pickled.Tuple;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Pickles in hexadecimal are those of CPython 3's {@code pickle.dumps(value, protocol)}, without
 * the parts that only remember (BINPUT, FRAME) where these would hide the point.
 */
class PickleMachineTest {
  private static Object run(String hex) throws TorchFormatException {
    return PickleBytes.run(HexFormat.of().parseHex(hex));
  }

  @ParameterizedTest
  @CsvSource({
    // value, pickle
    "0, 80024b002e",
    "255, 80024bff2e",
    "256, 80024d00012e",
    "-1, 80024affffffff2e",
    "2147483647, 80024affffff7f2e",
    "2147483648, 80028a0500000080002e",
    "-2147483649, 80028a05ffffff7fff2e",
    "9223372036854775807, 80028a08ffffffffffffff7f2e",
    "9223372036854775808, 80028a090000000000000080002e",
    "1180591620717411303424, 80028a090000000000000000402e",
    "0, 80028a002e",
    // Python 2 wrote what does not fit 32 bits as text, in protocol 2 too.
    "70000000000, 80024937303030303030303030300a2e",
    "-70000000000, 80024c2d37303030303030303030304c0a2e",
    "5, 80028b01000000052e",
  })
  void integers(BigInteger expected, String hex) throws TorchFormatException {
    assertEquals(expected, new BigInteger(run(hex).toString()));
    assertEquals(expected.bitLength() < 64 ? Long.class : BigInteger.class, run(hex).getClass());
  }

  @Test
  void otherScalars() throws TorchFormatException {
    assertEquals(None.NONE, run("80024e2e"));
    assertEquals(true, run("8002882e"));
    assertEquals(false, run("8002892e"));
    assertEquals(0.1, run("8002473fb999999999999a2e"));
    assertEquals("é", run("80025802000000c3a92e"));
    assertEquals("é", run("80048c02c3a92e"));
    assertEquals("é", run("80048d0200000000000000c3a92e"));
    // A str of Python 2: text where it is UTF-8, bytes where not.
    assertEquals("ab", run("8002550261622e"));
    assertEquals("ab", run("8002540200000061622e"));
    assertArrayEquals(new byte[] {-1}, ((Bytes) run("80025501ff2e")).content);
    assertArrayEquals(new byte[] {1, -1}, ((Bytes) run("8003430201ff2e")).content);
    assertArrayEquals(new byte[] {1, -1}, ((Bytes) run("800596020000000000000001ff2e")).content);
  }

  @Test
  void tuplesListsAndSets() throws TorchFormatException {
    assertEquals(List.of(), ((Tuple) run("8002292e")).items);
    assertEquals(List.of(1L), ((Tuple) run("80024b01852e")).items);
    assertEquals(List.of(1L, 2L), ((Tuple) run("80024b014b02862e")).items);
    assertEquals(List.of(1L, 2L, 3L), ((Tuple) run("80024b014b024b03872e")).items);
    assertEquals(List.of(1L, 2L, 3L, 4L), ((Tuple) run("8002284b014b024b034b04742e")).items);
    assertEquals(List.of(1L, 2L), ((Sequence) run("80025d284b014b02652e")).items);
    assertEquals(List.of(1L), ((Sequence) run("80025d4b01612e")).items);
    assertEquals(List.of(1L, 2L), ((Sequence) run("8002284b014b026c2e")).items);
    assertEquals(List.of(1L, 2L), ((Sequence) run("80048f284b014b02902e")).items);
    assertEquals(List.of(1L), ((Sequence) run("8004284b01912e")).items);
    byte[] set =
        PickleBytes.protocol2().global("__builtin__", "set").ops("](K\1K\2e\u0085R").stop();
    assertEquals(List.of(1L, 2L), ((Sequence) PickleBytes.run(set)).items);
  }

  @Test
  void dictsKeepTheirOrderAndTheLastValue() throws TorchFormatException {
    Dict dict = (Dict) run("80027d284b024b0a4b014b0b4b024b0c752e");
    assertEquals(List.of(2L, 1L), List.copyOf(dict.items.keySet()));
    assertEquals(Map.of(2L, 12L, 1L, 11L), dict.items);
    assertEquals(Map.of(1L, 2L), ((Dict) run("80027d4b014b02732e")).items);
    assertEquals(Map.of(1L, 2L), ((Dict) run("8002284b014b02642e")).items);
    // OrderedDict([[1, 2]]), as Python 2 wrote it.
    byte[] ordered =
        PickleBytes.protocol2()
            .global("collections", "OrderedDict")
            .ops("]](K\1K\2ea\u0085R")
            .stop();
    assertEquals(Map.of(1L, 2L), ((Dict) PickleBytes.run(ordered)).items);
  }

  @Test
  void sharesWhatTheMemoShares() throws TorchFormatException {
    // x = []; (x, x), then x is filled
    Tuple tuple = (Tuple) run("80025d71006800862e");
    assertEquals(tuple.items.get(0), tuple.items.get(1));
    Tuple memoized = (Tuple) run("80045d946800862e");
    assertEquals(memoized.items.get(0), memoized.items.get(1));
    Tuple far = (Tuple) run("80025d72ff0000006aff000000862e");
    assertEquals(far.items.get(0), far.items.get(1));
    assertEquals(1L, run("80024b014b02302e"));
    assertEquals(1L, run("80024b01284b024b03312e"));
    assertEquals(2, ((Tuple) run("80024b0132862e")).items.size());
  }

  @Test
  void bytesOfProtocol2() throws TorchFormatException {
    byte[] pickle =
        PickleBytes.protocol2()
            .global("_codecs", "encode")
            .text("a\u00ff")
            .text("latin1")
            .ops("\u0086R")
            .stop();
    assertArrayEquals(new byte[] {'a', -1}, ((Bytes) PickleBytes.run(pickle)).content);
  }

  @Test
  void bytesOfPython3() throws TorchFormatException {
    byte[] empty = PickleBytes.protocol2().global("__builtin__", "bytes").ops(")R").stop();
    assertArrayEquals(new byte[0], ((Bytes) PickleBytes.run(empty)).content);
    byte[] array =
        PickleBytes.protocol2().global("builtins", "bytearray").ops("C\2ab\u0085R").stop();
    assertArrayEquals(new byte[] {'a', 'b'}, ((Bytes) PickleBytes.run(array)).content);
  }

  @Test
  void numpyNumbers() throws TorchFormatException {
    assertEquals(0.5, numpy("f8", "<", "000000000000e03f"));
    assertEquals(0.5, numpy("f8", ">", "3fe0000000000000"));
    assertEquals(0.5, numpy("f4", "<", "0000003f"));
    assertEquals(0.5, numpy("f2", "<", "0038"));
    assertEquals(-2L, numpy("i8", "<", "feffffffffffffff"));
    assertEquals(-2L, numpy("i4", "<", "feffffff"));
    assertEquals(-2L, numpy("i2", "<", "feff"));
    assertEquals(-2L, numpy("i1", "|", "fe"));
    assertEquals(new BigInteger("18446744073709551614"), numpy("u8", "<", "feffffffffffffff"));
    assertEquals(0xfffffffeL, numpy("u4", "<", "feffffff"));
    assertEquals(0xfffeL, numpy("u2", "<", "feff"));
    assertEquals(0xfeL, numpy("u1", "|", "fe"));
    assertEquals(true, numpy("b1", "|", "01"));
    // What is no number stays bytes.
    assertArrayEquals(
        new byte[] {'a', 0, 0, 0},
        assertInstanceOf(Bytes.class, numpy("U1", "<", "61000000")).content);
  }

  private static Object numpy(String type, String order, String hex) throws TorchFormatException {
    byte[] content = HexFormat.of().parseHex(hex);
    byte[] pickle =
        PickleBytes.protocol2()
            .global("numpy.core.multiarray", "scalar")
            .global("numpy", "dtype")
            .text(type)
            .ops("K\0K\1\u0087R(K\3")
            .text(order)
            .ops("NNNJ")
            .u32(-1)
            .ops("J")
            .u32(-1)
            .ops("K\0tb")
            .ops("C")
            .op(content.length)
            .raw(content)
            .ops("\u0086R")
            .stop();
    return PickleBytes.run(pickle);
  }

  @Test
  void plainObjectsAreTheirAttributes() throws TorchFormatException {
    byte[] pickle =
        PickleBytes.protocol2()
            .global("argparse", "Namespace")
            .ops(")\u0081}")
            .text("lr")
            .ops("K\1sb")
            .stop();
    assertEquals(Map.of("lr", 1L), ((Dict) PickleBytes.run(pickle)).items);
    // The state of a dict is an ornament.
    byte[] ornament =
        PickleBytes.protocol2()
            .global("collections", "OrderedDict")
            .ops(")R}")
            .text("_metadata")
            .ops("K\1sb")
            .stop();
    assertEquals(Map.of(), ((Dict) PickleBytes.run(ornament)).items);
  }

  @Property(tries = 300)
  void anyBytesGiveAnObjectOrAComplaint(@ForAll @Size(max = 200) byte[] noise) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0x80);
    out.write(2);
    out.writeBytes(noise);
    out.write('.');
    try {
      Pickled.kind(PickleBytes.run(out.toByteArray()));
    } catch (TorchFormatException e) {
      assertEquals("pickle", e.file().toString());
    }
  }
}
