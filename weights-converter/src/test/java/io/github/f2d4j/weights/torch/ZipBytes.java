package io.github.f2d4j.weights.torch;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/** Writes zip archives field by field, so that each field can be wrong. */
final class ZipBytes {
  /** One record; change a field to make directory and local header say something untrue. */
  static final class Part {
    String name;
    String localName;
    byte[] data;
    int flags;
    int method;
    long size;
    long packed;
    long localSize;
    long localPacked;

    /** Where the directory points; -1 for the truth. */
    long offset = -1;

    byte[] extra = new byte[0];
    byte[] localExtra = new byte[0];

    Part(String name, byte[] data) {
      this.name = name;
      this.localName = name;
      this.data = data;
      sizes(data.length, data.length);
    }

    void sizes(long plain, long compressed) {
      size = plain;
      localSize = plain;
      packed = compressed;
      localPacked = compressed;
    }

    void deflate() {
      Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
      deflater.setInput(data);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[4096];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      deflater.end();
      method = 8;
      int plain = data.length;
      data = out.toByteArray();
      sizes(plain, data.length);
    }
  }

  private final List<Part> parts = new ArrayList<>();
  private boolean zip64;
  private String comment = "";
  private @Nullable Long records;

  ZipBytes add(String name, byte[] data, Consumer<Part> change) {
    Part part = new Part(name, data);
    change.accept(part);
    parts.add(part);
    return this;
  }

  ZipBytes add(String name, byte[] data) {
    return add(name, data, part -> {});
  }

  /** As {@code torch.save} writes: the pickle, then float storages 0, 1, … */
  static ZipBytes checkpoint(byte[] pickle, float[]... storages) {
    ZipBytes zip = new ZipBytes().add("archive/data.pkl", pickle);
    for (int i = 0; i < storages.length; i++) {
      zip.add("archive/data/" + i, floats(storages[i]));
    }
    return zip.add("archive/version", new byte[] {'3', '\n'});
  }

  /** With the zip64 end record and its locator. */
  ZipBytes zip64() {
    zip64 = true;
    return this;
  }

  ZipBytes comment(String text) {
    comment = text;
    return this;
  }

  /** How many records the end record claims. */
  ZipBytes records(long claimed) {
    records = claimed;
    return this;
  }

  /** The part of that name, to change. */
  ZipBytes change(String name, Consumer<Part> change) {
    parts.stream().filter(part -> part.name.equals(name)).forEach(change);
    return this;
  }

  static byte[] floats(float... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      buffer.putFloat(value);
    }
    return buffer.array();
  }

  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream directory = new ByteArrayOutputStream();
    for (Part part : parts) {
      long offset = part.offset < 0 ? out.size() : part.offset;
      byte[] localName = part.localName.getBytes(StandardCharsets.UTF_8);
      byte[] name = part.name.getBytes(StandardCharsets.UTF_8);
      out.writeBytes(
          little(30)
              .putInt(0x04034b50)
              .putShort((short) 20)
              .putShort((short) part.flags)
              .putShort((short) part.method)
              .putInt(0)
              .putInt(0)
              .putInt((int) part.localPacked)
              .putInt((int) part.localSize)
              .putShort((short) localName.length)
              .putShort((short) part.localExtra.length)
              .array());
      out.writeBytes(localName);
      out.writeBytes(part.localExtra);
      out.writeBytes(part.data);
      directory.writeBytes(
          little(46)
              .putInt(0x02014b50)
              .putInt(20 << 16)
              .putShort((short) part.flags)
              .putShort((short) part.method)
              .putInt(0)
              .putInt(0)
              .putInt((int) part.packed)
              .putInt((int) part.size)
              .putShort((short) name.length)
              .putShort((short) part.extra.length)
              .putShort((short) 0)
              .putShort((short) 0)
              .putShort((short) 0)
              .putInt(0)
              .putInt((int) offset)
              .array());
      directory.writeBytes(name);
      directory.writeBytes(part.extra);
    }
    long start = out.size();
    out.writeBytes(directory.toByteArray());
    end(out, start, directory.size());
    return out.toByteArray();
  }

  private void end(ByteArrayOutputStream out, long start, long size) {
    long count = records == null ? parts.size() : records;
    if (zip64) {
      long at = out.size();
      out.writeBytes(
          little(56)
              .putInt(0x06064b50)
              .putLong(44)
              .putInt(0)
              .putLong(0)
              .putLong(count)
              .putLong(count)
              .putLong(size)
              .putLong(start)
              .array());
      out.writeBytes(little(20).putInt(0x07064b50).putInt(0).putLong(at).putInt(1).array());
    }
    byte[] text = comment.getBytes(StandardCharsets.UTF_8);
    out.writeBytes(
        little(22)
            .putInt(0x06054b50)
            .putInt(0)
            .putShort((short) (zip64 ? 0xffff : count))
            .putShort((short) (zip64 ? 0xffff : count))
            .putInt((int) (zip64 ? -1 : size))
            .putInt((int) (zip64 ? -1 : start))
            .putShort((short) text.length)
            .array());
    out.writeBytes(text);
  }

  /** Reads this archive from memory. */
  TorchFile read() throws TorchFormatException {
    return TorchFile.read(Path.of("archive.pt"), MemorySegment.ofArray(bytes()));
  }

  static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
