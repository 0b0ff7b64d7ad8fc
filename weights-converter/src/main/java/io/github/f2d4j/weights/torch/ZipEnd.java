package io.github.f2d4j.weights.torch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The end record of a zip archive.
 *
 * @param records how many records the directory lists
 * @param directory where the directory begins
 * @param directoryEnd where it ends
 */
record ZipEnd(long records, long directory, long directoryEnd) {
  private static final int END = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int LOCATOR64 = 0x07064b50;
  private static final int LOCATOR64_BYTES = 20;
  private static final int END64 = 0x06064b50;
  private static final int END64_BYTES = 56;
  private static final int MAX_COMMENT = 0xffff;

  private static final ValueLayout.OfShort I16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** The record from which a comment, mostly none, reaches the end of the file exactly. */
  static ZipEnd find(Faults faults, MemorySegment file) throws TorchFormatException {
    long last = file.byteSize() - END_BYTES;
    for (long at = last; at >= 0 && at >= last - MAX_COMMENT; at--) {
      if (file.get(I32, at) == END && u16(file, at + 20) == last - at) {
        return at(faults, file, at);
      }
    }
    throw faults.damaged(
        "a zip archive must end with its directory", "no end record", "one within the last 64 KiB");
  }

  private static ZipEnd at(Faults faults, MemorySegment file, long at) throws TorchFormatException {
    if (u16(file, at + 4) != 0
        || u16(file, at + 6) != 0
        || u16(file, at + 8) != u16(file, at + 10)) {
      throw faults.damaged("an archive must be one file", "several disks", "one");
    }
    long records = u16(file, at + 10);
    long bytes = u32(file, at + 12);
    long directory = u32(file, at + 16);
    long stop = at;
    long locator = at - LOCATOR64_BYTES;
    if (locator >= END64_BYTES && file.get(I32, locator) == LOCATOR64) {
      long end64 = file.get(I64, locator + 8);
      if (end64 < 0
          || end64 > locator - END64_BYTES
          || file.get(I32, end64) != END64
          || file.get(I64, end64 + 4) != locator - end64 - 12) {
        throw faults.damaged(
            "the zip64 end record must lie before its locator", "none at " + end64, "one");
      }
      boolean agrees =
          agrees(records, 0xffff, file.get(I64, end64 + 32))
              && agrees(bytes, 0xffffffffL, file.get(I64, end64 + 40))
              && agrees(directory, 0xffffffffL, file.get(I64, end64 + 48));
      if (!agrees || file.get(I64, end64 + 16) != 0 || file.get(I32, locator + 4) != 0) {
        throw faults.damaged(
            "the two end records of an archive must agree", "different numbers", "the same");
      }
      records = file.get(I64, end64 + 32);
      bytes = file.get(I64, end64 + 40);
      directory = file.get(I64, end64 + 48);
      stop = end64;
    }
    if (records < 0
        || bytes < 0
        || directory < 0
        || directory > stop
        || bytes != stop - directory) {
      throw faults.damaged(
          "the directory of an archive must lie before its end record",
          Long.toUnsignedString(bytes) + " bytes at " + Long.toUnsignedString(directory),
          "an end at " + stop);
    }
    return new ZipEnd(records, directory, stop);
  }

  /** The short form says so if it has no room, or else the same. */
  private static boolean agrees(long small, long tooLarge, long large) {
    return small == large || small == tooLarge;
  }

  private static int u16(MemorySegment file, long at) {
    return file.get(I16, at) & 0xffff;
  }

  private static long u32(MemorySegment file, long at) {
    return file.get(I32, at) & 0xffffffffL;
  }
}
