package io.github.f2d4j.weights.testing;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes what {@code torch.save} writes since 1.6: a zip archive with a pickle and one entry for
 * each tensor's data. Holds maps, texts, whole numbers and tensors, which is what checkpoints are
 * made of.
 */
public final class TorchWriter {
  private static final String ROOT = "archive/";
  private static final int PROTOCOL = 2;

  private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();
  private final List<byte[]> storages = new ArrayList<>();

  private TorchWriter() {}

  /** Writes {@code object}: a map whose values are maps, tensors, texts, integers or floats. */
  public static void write(Path file, Map<String, ?> object) throws IOException {
    TorchWriter w = new TorchWriter();
    w.pickle.write(0x80);
    w.pickle.write(PROTOCOL);
    w.value(object);
    w.pickle.write('.');
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      stored(zip, ROOT + "data.pkl", w.pickle.toByteArray());
      for (int i = 0; i < w.storages.size(); i++) {
        stored(zip, ROOT + "data/" + i, w.storages.get(i));
      }
      stored(zip, ROOT + "version", "3\n".getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static void stored(ZipOutputStream zip, String name, byte[] data) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(data);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(data.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(data);
    zip.closeEntry();
  }

  private void value(Object value) {
    switch (value) {
      case Map<?, ?> map -> {
        pickle.write('}');
        pickle.write('(');
        map.forEach(
            (k, v) -> {
              text((String) k);
              value(v);
            });
        pickle.write('u');
      }
      case TensorEntry t -> tensor(t);
      case String s -> text(s);
      case Integer i -> integer(i);
      case Double d -> {
        pickle.write('G');
        bytes(ByteBuffer.allocate(8).putDouble(d));
      }
      default -> throw new IllegalArgumentException("no pickle of " + value.getClass());
    }
  }

  /**
   * {@code torch._utils._rebuild_tensor_v2(storage, offset, size, stride, False, OrderedDict())}.
   */
  private void tensor(TensorEntry t) {
    storages.add(t.data().toArray(ValueLayout.JAVA_BYTE));
    global("torch._utils", "_rebuild_tensor_v2");
    pickle.write('(');
    pickle.write('(');
    text("storage");
    global("torch", storage(t.dtype()));
    text(Integer.toString(storages.size() - 1));
    text("cpu");
    integer(Math.toIntExact(t.shape().elements()));
    pickle.write('t');
    pickle.write('Q');
    integer(0);
    Shape shape = t.shape();
    int[] strides = new int[shape.rank()];
    int stride = 1;
    for (int i = shape.rank() - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape.dim(i);
    }
    tuple(shape.dims());
    tuple(strides);
    pickle.write(0x89);
    global("collections", "OrderedDict");
    pickle.write(')');
    pickle.write('R');
    pickle.write('t');
    pickle.write('R');
  }

  private static String storage(DType type) {
    return switch (type) {
      case F64 -> "DoubleStorage";
      case F32 -> "FloatStorage";
      case F16 -> "HalfStorage";
      case BF16 -> "BFloat16Storage";
      case I64 -> "LongStorage";
      case I32 -> "IntStorage";
      case U8 -> "ByteStorage";
      case BOOL -> "BoolStorage";
      default -> throw new IllegalArgumentException("no storage of type " + type);
    };
  }

  private void tuple(int... values) {
    pickle.write('(');
    for (int v : values) {
      integer(v);
    }
    pickle.write('t');
  }

  private void global(String module, String name) {
    pickle.write('c');
    ascii(module + "\n" + name + "\n");
  }

  private void text(String s) {
    byte[] utf8 = s.getBytes(StandardCharsets.UTF_8);
    pickle.write('X');
    bytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(utf8.length));
    pickle.writeBytes(utf8);
  }

  private void integer(int i) {
    pickle.write('J');
    bytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(i));
  }

  private void ascii(String s) {
    pickle.writeBytes(s.getBytes(StandardCharsets.US_ASCII));
  }

  private void bytes(ByteBuffer buffer) {
    buffer.flip();
    while (buffer.hasRemaining()) {
      pickle.write(buffer.get());
    }
  }
}
