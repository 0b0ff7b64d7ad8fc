package io.github.f2d4j.weights.torch;

import static io.github.f2d4j.weights.io.QuotedText.quote;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * One file of a zip archive.
 *
 * @param name its path in the archive
 * @param deflated whether it is compressed
 * @param size its bytes when inflated, as the archive says
 * @param data its bytes as they lie in the archive
 */
record ZipRecord(String name, boolean deflated, long size, MemorySegment data) {
  private static final long ALIGNMENT = 64;

  /** How much is inflated at once. */
  private static final int CHUNK = 1 << 20;

  /** The content: the archive's own memory where it is not compressed. */
  MemorySegment content(Faults faults) throws TorchFormatException {
    return deflated ? inflate(faults) : data;
  }

  private MemorySegment inflate(Faults faults) throws TorchFormatException {
    MemorySegment target = Arena.ofAuto().allocate(size + 1, ALIGNMENT);
    long from = 0;
    long to = 0;
    try (Inflater inflater = new Inflater(true)) {
      while (!inflater.finished() && (from < data.byteSize() || !inflater.needsInput())) {
        if (inflater.needsInput()) {
          long next = Math.min(CHUNK, data.byteSize() - from);
          inflater.setInput(data.asSlice(from, next).asByteBuffer());
          from += next;
        }
        // One byte more than announced: only with room left does an inflater come to its end.
        long room = Math.min(CHUNK, size + 1 - to);
        int made = inflater.inflate(target.asSlice(to, room).asByteBuffer());
        to += made;
        if (made == 0 && !inflater.needsInput()) {
          break;
        }
      }
      if (!inflater.finished() || to != size || inflater.needsDictionary()) {
        throw faults.damaged(
            "compressed data must have the size that the archive says",
            inflater.finished() ? to + " bytes in " + quote(name) : "another in " + quote(name),
            size + " bytes");
      }
    } catch (DataFormatException e) {
      throw faults.damaged(
          "compressed data must be valid",
          quote(name) + " with damage after " + to + " bytes",
          "deflated bytes");
    }
    return target.asSlice(0, size);
  }
}
