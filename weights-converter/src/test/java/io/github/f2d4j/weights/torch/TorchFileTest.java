package io.github.f2d4j.weights.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TorchFileTest {
  private static final float[] VALUES = {1, 2, 3, 4};

  private static final List<byte[]> GOLDEN = goldenNames().map(TorchFileTest::golden).toList();

  private static PickleBytes vector(PickleBytes pickle) {
    return pickle.tensor("0", 4, 0, new long[] {4}, new long[] {1});
  }

  /** This module's own copy, whatever {@code -Dgoldens} names. */
  private static byte[] golden(String file) {
    try (InputStream in = TorchFileTest.class.getResourceAsStream("/goldens/torch_pt/" + file)) {
      return Objects.requireNonNull(in, file).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TorchFile read(byte[] bytes) throws TorchFormatException {
    return TorchFile.read(Path.of("a.pt"), MemorySegment.ofArray(bytes));
  }

  @Test
  void opensWhatStableDiffusionCheckpointsHold() throws TorchFormatException {
    // CompVis' files: callbacks filed under a class, with a numpy number as the best score.
    PickleBytes pickle =
        PickleBytes.protocol2()
            .ops("}(")
            .text("global_step")
            .number(470000)
            .text("state_dict")
            .ops("}")
            .text("model.weight");
    vector(pickle)
        .ops("s")
        .text("callbacks")
        .ops("}")
        .global("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint")
        .ops("}(")
        .text("monitor")
        .text("val/loss")
        .text("best_model_score")
        .global("numpy.core.multiarray", "scalar")
        .global("numpy", "dtype")
        .text("f8")
        .ops("K\0K\1\u0087R(K\3")
        .text("<")
        .ops("NNNJ\u00ff\u00ff\u00ff\u00ffJ\u00ff\u00ff\u00ff\u00ffK\0tb")
        .global("_codecs", "encode")
        .text("\0\0\0\0\0\0\u00e0?")
        .text("latin1")
        .ops("\u0086R\u0086R")
        .text("dtype")
        .global("torch", "float16")
        .text("none")
        .ops("Nu")
        .ops("s")
        .text("optimizer")
        .ops("}")
        .text("param_groups")
        .ops("](}(")
        .text("lr")
        .ops("G?PbM\u00d2\u00f1\u00a9\u00fc")
        .text("params")
        .ops("](K\0K\1eue")
        .ops("su");
    TorchFile file = ZipBytes.checkpoint(pickle.stop(), VALUES).read();
    assertEquals(Set.of("state_dict.model.weight"), file.names());
    assertArrayEquals(VALUES, file.get("state_dict.model.weight").toFloats());
    String callback = "callbacks.pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint.";
    assertEquals(470000L, file.values().get("global_step"));
    assertEquals("val/loss", file.values().get(callback + "monitor"));
    assertEquals(0.5, file.values().get(callback + "best_model_score"));
    assertEquals("torch.float16", file.values().get(callback + "dtype"));
    assertTrue(file.values().containsKey(callback + "none"));
    assertNull(file.values().get(callback + "none"));
    assertEquals(0.001, file.values().get("optimizer.param_groups.0.lr"));
    assertEquals(List.of(0L, 1L), file.values().get("optimizer.param_groups.0.params"));
    assertEquals("None", file.metadata().get(callback + "none"));
    assertTrue(file.globals().contains("torch.FloatStorage"), file.globals().toString());
    assertTrue(file.globals().contains("numpy.core.multiarray.scalar"));
  }

  @Test
  void namesTensorsInListsByTheirIndex() throws TorchFormatException {
    PickleBytes pickle = PickleBytes.protocol2().ops("}").text("ema").ops("(K\7");
    byte[] bytes = vector(vector(pickle).ops("]")).ops("atsN0").stop();
    TorchFile file = ZipBytes.checkpoint(bytes, VALUES).read();
    assertEquals(List.of("ema.1", "ema.2.0"), List.copyOf(file.names()));
    assertEquals(7L, file.values().get("ema.0"));
  }

  @Test
  void readsTensorsThatNameTheirType() throws TorchFormatException {
    byte[] pickle =
        PickleBytes.protocol2()
            .global("torch._utils", "_rebuild_tensor_v3")
            .ops("(")
            .ops("(")
            .text("storage")
            .global("torch.storage", "UntypedStorage")
            .text("0")
            .text("cpu")
            .number(16)
            .ops("tQ")
            .number(2)
            .numbers(2, 3)
            .numbers(3, 1)
            .op(0x89)
            .global("collections", "OrderedDict")
            .ops(")R")
            .global("torch", "float8_e4m3fn")
            .ops("tR")
            .stop();
    TensorEntry tensor = ZipBytes.checkpoint(pickle, VALUES).read().get("tensor");
    assertEquals(DType.F8_E4M3, tensor.dtype());
    assertEquals(Shape.of(2, 3), tensor.shape());
    byte[] all = ZipBytes.floats(VALUES);
    assertEquals(-1, tensor.data().mismatch(MemorySegment.ofArray(Arrays.copyOfRange(all, 2, 8))));
  }

  @Test
  void readsTensorsWithAttributesAndBareStorages() throws TorchFormatException {
    PickleBytes pickle =
        PickleBytes.protocol2()
            .ops("}(")
            .text("typed")
            .global("torch._tensor", "_rebuild_from_type_v2")
            .ops("(")
            .global("torch._utils", "_rebuild_tensor_v2")
            .global("torch", "Tensor")
            .ops("(")
            .storage("FloatStorage", "0", 4)
            .number(1)
            .numbers(2)
            .numbers(1)
            .op(0x89)
            .ops("Nt}tR")
            .text("bare")
            .storage("FloatStorage", "0", 4)
            .ops("u");
    TorchFile file = ZipBytes.checkpoint(pickle.stop(), VALUES).read();
    assertArrayEquals(new float[] {2, 3}, file.get("typed").toFloats());
    assertArrayEquals(VALUES, file.get("bare").toFloats());
  }

  @Test
  void presentsBytesReadOnly() throws TorchFormatException {
    byte[] pickle = PickleBytes.protocol2().ops("}").text("b").ops("C\2abs").stop();
    ByteBuffer bytes = (ByteBuffer) ZipBytes.checkpoint(pickle).read().values().get("b");
    assertEquals(ByteBuffer.wrap(new byte[] {'a', 'b'}), bytes);
    assertTrue(bytes.isReadOnly());
  }

  @Test
  void answersLikeEveryTensorSource(@TempDir Path folder) throws IOException {
    Path path = Files.write(folder.resolve("a.pt"), golden("state_dict_zip.pt"));
    TorchFile file = TorchFile.open(path);
    assertEquals(path, file.path());
    assertTrue(file.describe().startsWith(path + " (PyTorch zip checkpoint, 16 tensors, "));
    assertTrue(file.contains("w.f32"));
    NoSuchElementException e = assertThrows(NoSuchElementException.class, () -> file.get("w.f33"));
    assertTrue(e.getMessage().contains("'w.f32'"), e.getMessage());
    // Dense tensors of a stored record lie in the mapping, which nobody may write.
    assertTrue(file.get("w.f32").data().isMapped());
    assertTrue(file.get("w.f32").data().isReadOnly());
    assertFalse(file.get("view.transposed").data().isMapped());
    TensorEntry kept = file.get("w.f32");
    file.close();
    assertThrows(IllegalStateException.class, () -> file.get("w.f32"));
    assertEquals(12, kept.toFloats().length);
    assertThrows(NoSuchFileException.class, () -> TorchFile.open(folder.resolve("none.pt")));
    assertThrows(TorchFormatException.class, () -> TorchFile.open(folder));
  }

  private static byte[] magic() {
    return PickleBytes.protocol2().ops("\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019").stop();
  }

  private static byte[] legacy(long version, boolean little, PickleBytes root, String... keys) {
    PickleBytes file = new PickleBytes().raw(magic());
    file.raw(PickleBytes.protocol2().number(version).stop());
    PickleBytes machine = PickleBytes.protocol2().ops("}").text("little_endian");
    file.raw(machine.op(little ? 0x88 : 0x89).ops("s").stop());
    file.raw(root.stop());
    PickleBytes list = PickleBytes.protocol2().ops("](");
    for (String key : keys) {
      list.text(key);
    }
    return file.raw(list.ops("e").stop()).bytes();
  }

  private static byte[] data(byte[] head, long elements) {
    return new PickleBytes().raw(head).u64(elements).raw(ZipBytes.floats(VALUES)).bytes();
  }

  @Test
  void readsTheOlderFormat() throws TorchFormatException {
    PickleBytes root = vector(PickleBytes.protocol2());
    TorchFile file = read(data(legacy(1001, true, root, "0"), 4));
    assertArrayEquals(VALUES, file.get("tensor").toFloats());
    assertTrue(file.describe().contains("PyTorch legacy checkpoint"), file.describe());
  }

  @Test
  void readsStorageViewsOfTheOlderFormat() throws TorchFormatException {
    PickleBytes root =
        PickleBytes.protocol2()
            .global("torch._utils", "_rebuild_tensor")
            .ops("((")
            .text("storage")
            .global("torch.cuda", "FloatStorage")
            .text("0")
            .text("cuda:0")
            .number(4)
            .ops("(")
            .text("7")
            .number(1)
            .number(3)
            .ops("ttQ")
            .number(1)
            .numbers(2)
            .numbers(1)
            .ops("tR");
    TorchFile file = read(data(legacy(1001, true, root, "0"), 4));
    assertArrayEquals(new float[] {3, 4}, file.get("tensor").toFloats());
  }

  static Stream<Arguments> brokenLegacy() {
    PickleBytes none = PickleBytes.protocol2().ops("N");
    return Stream.of(
        Arguments.of("plain pickle", "magic number", PickleBytes.protocol2().ops("}").stop()),
        Arguments.of("other version", "version 1001", legacy(1000, true, none)),
        Arguments.of(
            "big-endian", "little-endian", legacy(1001, false, PickleBytes.protocol2().ops("N"))),
        Arguments.of(
            "no keys",
            "a list",
            new PickleBytes()
                .raw(
                    Arrays.copyOf(
                        legacy(1001, true, PickleBytes.protocol2().ops("N")),
                        legacy(1001, true, PickleBytes.protocol2().ops("N")).length - 6))
                .raw(PickleBytes.protocol2().ops("N").stop())
                .bytes()),
        Arguments.of(
            "key not listed", "no '0'", legacy(1001, true, vector(PickleBytes.protocol2()))),
        Arguments.of(
            "key that nothing needs",
            "'1'",
            data(legacy(1001, true, vector(PickleBytes.protocol2()), "1"), 4)),
        Arguments.of(
            "key listed twice",
            "listed once",
            data(legacy(1001, true, vector(PickleBytes.protocol2()), "0", "0"), 4)),
        Arguments.of("no data", "whole", legacy(1001, true, vector(PickleBytes.protocol2()), "0")),
        Arguments.of(
            "other size",
            "5 elements",
            data(legacy(1001, true, vector(PickleBytes.protocol2()), "0"), 5)),
        Arguments.of(
            "negative size",
            "18446744073709551615 elements",
            data(legacy(1001, true, vector(PickleBytes.protocol2()), "0"), -1)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("brokenLegacy")
  void refusesBrokenFilesOfTheOlderFormat(String what, String message, byte[] bytes) {
    TorchFormatException e = assertThrows(TorchFormatException.class, () -> read(bytes));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @ParameterizedTest
  @MethodSource("goldenNames")
  void refusesEveryCutFile(String name) {
    byte[] whole = golden(name);
    for (int length = 0; length < whole.length; length += 7) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThrows(TorchFormatException.class, () -> read(cut), "the first " + length + " bytes");
    }
  }

  static Stream<String> goldenNames() {
    return Stream.of("state_dict_zip.pt", "state_dict_legacy.pt", "nested_checkpoint.pt");
  }

  @Property(tries = 1000)
  void anyChangeGivesTensorsOrAComplaint(
      @ForAll @IntRange(max = 2) int which,
      @ForAll @IntRange(max = 4454) int at,
      @ForAll byte value) {
    byte[] bytes = GOLDEN.get(which).clone();
    bytes[at % bytes.length] = value;
    try (TorchFile file = read(bytes)) {
      file.names().forEach(name -> file.get(name).data());
    } catch (TorchFormatException e) {
      assertEquals("a.pt", e.file().toString());
    }
  }
}
