package io.github.f2d4j.weights.torch;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Pickles from few bytes: each byte stands for an opcode with an argument that it can take, or for
 * a few opcodes that torch.save writes together. Random bytes hardly ever spell the name of a
 * function; random bytes here call the functions of the allow-list with all kinds of arguments.
 */
final class PickleProgram {
  private static final String DICT = "ccollections\nOrderedDict\n)R";
  private static final String REBUILD = "ctorch._utils\n_rebuild_tensor_v2\n";

  /** The storage '0' with 16 floats, and '1' with 16 halves. */
  private static final String FLOATS =
      "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0000X\3\0\0\0cpuK\u0010tQ";

  private static final String HALVES =
      "(X\7\0\0\0storagectorch\nHalfStorage\nX\1\0\0\0001X\3\0\0\0cpuK\u0010tQ";

  /** What bytes stand for, in Latin-1; a pickle always begins with PROTO and ends with STOP. */
  private static final List<String> PIECES =
      List.of(
          "(",
          "0",
          "1",
          "2",
          "N",
          ")",
          "]",
          "}",
          "t",
          "l",
          "d",
          "a",
          "e",
          "s",
          "u",
          "b",
          "R",
          "o",
          "Q",
          "\u0081",
          "\u0085",
          "\u0086",
          "\u0087",
          "\u0088",
          "\u0089",
          "\u008f",
          "\u0090",
          "\u0091",
          "\u0093",
          "\u0094",
          "K\0",
          "K\1",
          "K\2",
          "K\4",
          "K\u0010",
          "M\0\1",
          "J\0\0\0\0",
          "J\u00ff\u00ff\u00ff\u00ff",
          "J\0\0\0\u0080",
          "\u008a\11\0\0\0\0\0\0\0\u0080\0",
          "G?\u00f0\0\0\0\0\0\0",
          "I7\n",
          "L9L\n",
          "h\0",
          "h\1",
          "h\2",
          "h\3",
          "h\7",
          "q\0",
          "q\1",
          "q\2",
          "q\3",
          "q\7",
          "j\1\0\0\0",
          "r\1\0\0\0",
          "X\1\0\0\0a",
          "X\1\0\0\0b",
          "\u008c\1c",
          "X\0\0\0\0",
          "U\1x",
          "C\2ab",
          "X\7\0\0\0storage",
          "X\1\0\0\0000",
          "X\1\0\0\0001",
          "X\3\0\0\0cpu",
          "X\6\0\0\0cuda:0",
          "X\t\0\0\0_metadata",
          "X\n\0\0\0state_dict",
          "ccollections\nOrderedDict\n",
          "ctorch._utils\n_rebuild_tensor_v2\n",
          "ctorch._utils\n_rebuild_tensor_v3\n",
          "ctorch._utils\n_rebuild_parameter\n",
          "ctorch._tensor\n_rebuild_from_type_v2\n",
          "ctorch\nFloatStorage\n",
          "ctorch\nHalfStorage\n",
          "ctorch\nBFloat16Storage\n",
          "ctorch\nLongStorage\n",
          "ctorch\nByteStorage\n",
          "ctorch.storage\nUntypedStorage\n",
          "ctorch\nfloat32\n",
          "ctorch\nint64\n",
          "ctorch\nSize\n",
          "ctorch\ndevice\n",
          "c_codecs\nencode\n",
          "cnumpy\ndtype\n",
          "cnumpy.core.multiarray\nscalar\n",
          "cbuiltins\nset\n",
          "ccollections\nCounter\n",
          "cargparse\nNamespace\n",
          "ctorch\nTensor\n",
          FLOATS,
          HALVES,
          REBUILD + "(" + FLOATS + "K\0K\4K\4\u0086K\4K\1\u0086\u0089" + DICT + "tR",
          DICT,
          "(K\4K\2t",
          "(K\1K\0t",
          "\u0089)tR");

  private PickleProgram() {}

  static byte[] pickle(byte[] program, int from) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0x80);
    out.write(2);
    for (int i = from; i < program.length; i++) {
      String piece = PIECES.get((program[i] & 0xff) % PIECES.size());
      out.writeBytes(piece.getBytes(StandardCharsets.ISO_8859_1));
    }
    out.write('.');
    return out.toByteArray();
  }
}
