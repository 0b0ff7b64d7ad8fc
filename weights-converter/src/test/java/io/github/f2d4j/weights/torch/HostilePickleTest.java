package io.github.f2d4j.weights.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pickles that ask for too much: each is refused by its own fault, and allocates little. */
class HostilePickleTest {
  /** Above the budget of objects, because lists and maps copy themselves when they grow. */
  private static final long MOST = 6 * PickleBudget.MAX_BYTES;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static Arguments hostile(String what, String message, Supplier<PickleBytes> pickle) {
    return Arguments.of(what, message, pickle);
  }

  private static PickleBytes begin() {
    return PickleBytes.protocol2();
  }

  static Stream<Arguments> globals() {
    return Stream.of(
            "posix.system",
            "nt.system",
            "os.system",
            "builtins.eval",
            "builtins.getattr",
            "__builtin__.exec",
            "subprocess.Popen",
            "runpy._run_code",
            "torch.load",
            "torch.hub.load",
            "torch.serialization.load",
            "torch._utils._import_dotted_name",
            "torch.nn.modules.conv.Conv2d",
            "numpy.load",
            "numpy.core.multiarray._reconstruct",
            "collections.abc.Callable",
            "pytorch_lightning.callbacks.run",
            "pytorch_lightning_evil.Callback",
            "operator.attrgetter",
            "pickle.loads",
            "copyreg._reconstructor")
        .flatMap(
            name -> {
              int dot = name.lastIndexOf('.');
              String module = name.substring(0, dot);
              String last = name.substring(dot + 1);
              return Stream.of(
                  hostile(name, "'" + name + "'", () -> begin().global(module, last).ops(")R")),
                  hostile(name, "'" + name + "'", () -> begin().global(module, last).ops("0N")),
                  hostile(
                      name,
                      "'" + name + "'",
                      () -> begin().ops("(i" + module + "\n" + last + "\n")),
                  hostile(
                      name,
                      "'" + name + "'",
                      () -> begin().text(module).text(last).op(0x93).ops(")R")));
            });
  }

  static Stream<Arguments> structures() {
    return Stream.of(
        hostile("no opcode", "byte 0xff", () -> begin().op(0xff)),
        hostile("protocol 6", "protocol 6", () -> new PickleBytes().op(0x80).op(6).ops("N")),
        hostile("protocol 255", "protocol 255", () -> new PickleBytes().op(0x80).op(255).ops("N")),
        hostile("nothing left", "its arguments", () -> begin()),
        hostile("two left", "2 of them", () -> begin().ops("NN")),
        hostile("no mark", "its mark", () -> begin().ops("Nt")),
        hostile("pop below the mark", "its arguments", () -> begin().ops("N(0")),
        hostile("tuple across the mark", "its arguments", () -> begin().ops("N(N\u0086")),
        hostile("append to a number", "a list", () -> begin().ops("K\1Na")),
        hostile("set in a list", "a dict", () -> begin().ops("]NNs")),
        hostile("odd items", "an even number", () -> begin().ops("}(Nu")),
        hostile("list as key", "keys of a dict", () -> begin().ops("}]Ns")),
        hostile("tuple as key", "keys of a dict", () -> begin().ops("}K\1\u0085Ns")),
        hostile("memo is empty", "the memo", () -> begin().ops("h\7")),
        hostile("put of nothing", "its arguments", () -> begin().ops("q\0")),
        hostile("long frame", "complete", () -> begin().op(0x95).u64(1000).ops("N")),
        hostile("negative frame", "complete", () -> begin().op(0x95).u64(-1).ops("N")),
        hostile("long text", "4294967295 more bytes", () -> begin().ops("X").u32(-1)),
        hostile("text of 2^63", "more bytes", () -> begin().op(0x8d).u64(-1)),
        hostile("bytes of 2^62", "more bytes", () -> begin().op(0x8e).u64(1L << 62)),
        hostile("negative text", "more bytes", () -> begin().ops("T").u32(-2)),
        hostile("bad UTF-8", "UTF-8", () -> begin().ops("X").u32(1).op(0xff)),
        hostile(
            "half a surrogate", "UTF-8", () -> begin().ops("X").u32(3).ops("\u00ed\u00a0\u0080")),
        hostile("LONG4 of 2^31-1", "one of 2147483647", () -> begin().op(0x8b).u32(0x7fffffff)),
        hostile("LONG4 of -1", "one of -1", () -> begin().op(0x8b).u32(-1)),
        hostile("no number", "decimal", () -> begin().ops("Iabc\n")),
        hostile("long number", "short ASCII", () -> begin().ops("I" + "1".repeat(300) + "\n")),
        hostile("endless global", "short ASCII", () -> begin().ops("c" + "a".repeat(100_000))),
        hostile("odd global", "short ASCII", () -> begin().ops("c\u0001\na\n")),
        hostile("extension registry", "EXT1", () -> begin().op(0x82).op(1)),
        hostile("out-of-band buffer", "NEXT_BUFFER", () -> begin().op(0x97)),
        hostile("protocol 0 text", "STRING", () -> begin().ops("S'a'\n")),
        hostile("protocol 0 id", "PERSID", () -> begin().ops("P1\n")),
        hostile("NEWOBJ_EX", "NEWOBJ_EX", () -> begin().ops("N)}").op(0x92)),
        hostile("a number called", "only a name can be called", () -> begin().ops("K\1)R")),
        hostile("no class", "a class", () -> begin().ops("(o")),
        hostile("state for a list", "a state", () -> begin().ops("]}b")),
        hostile("module", "a whole module", () -> begin().ops("(").text("module").ops("NNNNtQ")),
        hostile("bare id", "persistent id", () -> begin().text("0").ops("Q")));
  }

  static Stream<Arguments> calls() {
    return Stream.of(
        hostile(
            "a class called",
            "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint with 0",
            () ->
                begin()
                    .global("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint")
                    .ops(")R")),
        hostile(
            "a class made", "torch.Tensor", () -> begin().global("torch", "Tensor").ops(")\u0081")),
        hostile(
            "another function behind a type",
            "the function collections.OrderedDict",
            () ->
                begin()
                    .global("torch._tensor", "_rebuild_from_type_v2")
                    .ops("(")
                    .global("collections", "OrderedDict")
                    .ops("N)NtR")),
        hostile(
            "tensor without a storage",
            "arguments of torch._utils._rebuild_tensor_v2",
            () -> begin().global("torch._utils", "_rebuild_tensor_v2").ops("(NK\0))tR")),
        hostile(
            "tensor to negate",
            "to negate",
            () ->
                begin()
                    .global("torch._utils", "_rebuild_tensor_v2")
                    .ops("(")
                    .storage("FloatStorage", "0", 4)
                    .ops("K\0K\4\u0085K\1\u0085\u0089N}")
                    .text("neg")
                    .op(0x88)
                    .ops("stR")),
        hostile(
            "tensor without arguments",
            "only 0 arguments",
            () -> begin().global("torch._utils", "_rebuild_tensor_v2").ops(")R")),
        hostile(
            "parameter of a list",
            "arguments of torch._utils._rebuild_parameter",
            () -> begin().global("torch._utils", "_rebuild_parameter").ops("]\u0085R")),
        hostile(
            "another encoding",
            "latin1",
            () -> begin().global("_codecs", "encode").text("a").text("rot13").ops("\u0086R")),
        hostile(
            "a pair of three",
            "instead of a pair",
            () -> begin().global("collections", "OrderedDict").ops("])a\u0085R")),
        hostile(
            "a key that is a path",
            "'../../etc/passwd'",
            () -> begin().storage("FloatStorage", "../../etc/passwd", 1)),
        hostile(
            "a storage of 2^62 elements",
            "persistent id",
            () -> begin().storage("FloatStorage", "0", 1L << 62)),
        hostile(
            "a storage of -1 elements",
            "number of elements -1",
            () -> begin().storage("FloatStorage", "0", -1)),
        hostile(
            "a storage of another type",
            "'torch.ComplexFloatStorage'",
            () -> begin().storage("ComplexFloatStorage", "0", 1)),
        hostile(
            "strides and no extents",
            "a stride for each",
            () -> begin().tensor("0", 4, 0, new long[0], new long[] {1})),
        hostile(
            "65 extents",
            "64 extents",
            () -> begin().tensor("0", 4, 0, new long[65], new long[65])),
        hostile(
            "negative extent",
            "that is not negative",
            () -> begin().tensor("0", 4, 0, new long[] {-1}, new long[] {1})),
        hostile(
            "negative offset",
            "that is not negative",
            () -> begin().tensor("0", 4, -1, new long[] {1}, new long[] {1})),
        hostile(
            "an index that passes 2^63",
            "within its storage",
            () -> begin().tensor("0", 4, 1, new long[] {3}, new long[] {Long.MAX_VALUE})),
        hostile(
            "2^90 elements of one",
            "within its storage",
            () ->
                begin()
                    .tensor(
                        "0", 4, 0, new long[] {1 << 30, 1 << 30, 1 << 30}, new long[] {0, 0, 0})),
        hostile(
            "2^60 elements of one",
            "repeatedly",
            () -> begin().tensor("0", 4, 0, new long[] {1 << 30, 1 << 30}, new long[] {0, 0})));
  }

  /** Small files that unfold into much. */
  static Stream<Arguments> bombs() {
    return Stream.of(
        hostile("nested marks", "nesting", () -> begin().ops("(".repeat(100_000))),
        hostile("many dicts", "objects", () -> begin().ops("}".repeat(1_000_000))),
        hostile("many lists", "objects", () -> begin().ops("]".repeat(1_000_000))),
        hostile("many numbers", "objects", () -> begin().ops("K\1".repeat(2_500_000))),
        hostile("many copies", "objects", () -> begin().ops("N").ops("2".repeat(5_000_000))),
        hostile("one long text", "8388608", () -> begin().text("a".repeat(9 << 20))),
        hostile("many short texts", "objects", () -> begin().ops("U\1a".repeat(1_500_000))),
        hostile(
            "long keys", "keys of a dict", () -> begin().ops("}").text("a".repeat(5000)).ops("Ns")),
        hostile(
            "a big dict copied over and over",
            "objects",
            () -> {
              PickleBytes pickle = begin().global("collections", "Counter").ops("q\0}q\1(");
              for (int i = 0; i < 10_000; i++) {
                pickle.number(i).ops("N");
              }
              return pickle.ops("u0").ops("h\0h\1\u0085R0".repeat(1_000_000));
            }),
        hostile(
            "a big list copied over and over",
            "objects",
            () ->
                begin()
                    .global("builtins", "set")
                    .ops("q\0](" + "N".repeat(100_000) + "eq\1")
                    .ops("h\0h\1\u0085R0".repeat(1_000_000))),
        hostile(
            "a long text encoded over and over",
            "objects",
            () ->
                begin()
                    .global("_codecs", "encode")
                    .ops("q\0")
                    .text("a".repeat(1 << 20))
                    .ops("q\1")
                    .text("latin1")
                    .ops("q\2")
                    .ops("h\0h\1h\2\u0086R0".repeat(1_000_000))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"globals", "structures", "calls", "bombs"})
  void refuses(String what, String message, Supplier<PickleBytes> pickle) {
    byte[] bytes = pickle.get().stop();
    long before = THREADS.getCurrentThreadAllocatedBytes();
    TorchFormatException e = assertThrows(TorchFormatException.class, () -> PickleBytes.run(bytes));
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertTrue(e.getMessage().length() < 800, e.getMessage());
    assertTrue(allocated < MOST, allocated + " bytes were allocated");
  }

  /** Lists that hold the one before twice: 2^n items for n opcodes. */
  static Stream<Arguments> unfolded() {
    return Stream.of(
        hostile(
            "nested lists", "nesting", () -> begin().ops("](".repeat(500)).ops("e".repeat(500))),
        hostile(
            "deep lists", "nesting", () -> begin().ops("]".repeat(50_000)).ops("a".repeat(49_999))),
        hostile("a list in itself", "nesting", () -> begin().ops("]q\0h\0a")),
        hostile("a dict in itself", "nesting", () -> begin().ops("}q\0").text("a").ops("h\0s")),
        hostile(
            "lists that double",
            "objects",
            () -> begin().ops("]").ops("q\u00000]h\0ah\0a".repeat(50))),
        hostile(
            "tuples that double", "objects", () -> begin().ops(")").ops("q\0h\0\u0086".repeat(50))),
        hostile(
            "dicts that double",
            "objects",
            () -> begin().ops("N").ops("q\u00000}K\1h\0sK\2h\0s".repeat(40))),
        hostile(
            "names that grow",
            "names are limited",
            () -> {
              PickleBytes pickle = begin().ops("N");
              for (int i = 0; i < 10; i++) {
                pickle.ops("q\u00000}").text("a".repeat(1000)).ops("h\0s");
              }
              return pickle;
            }),
        hostile("two of one name", "'1' twice", () -> begin().ops("}(K\1N").text("1").ops("Nu")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("unfolded")
  void refusesToUnfold(String what, String message, Supplier<PickleBytes> pickle) {
    ZipBytes zip = ZipBytes.checkpoint(pickle.get().stop());
    byte[] unused = zip.bytes();
    assertTrue(unused.length < 1 << 20);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    TorchFormatException e = assertThrows(TorchFormatException.class, zip::read);
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertTrue(allocated < MOST, allocated + " bytes were allocated");
  }

  @Test
  void allowsWhatIsDeepButUsual() throws TorchFormatException {
    PickleBytes pickle = begin().ops("N");
    for (int i = 0; i < 20; i++) {
      pickle.ops("q\u00000}").text("k").ops("h\0s");
    }
    TorchFile file = ZipBytes.checkpoint(pickle.stop()).read();
    assertEquals(List.of("k" + ".k".repeat(19)), List.copyOf(file.values().keySet()));
  }
}
