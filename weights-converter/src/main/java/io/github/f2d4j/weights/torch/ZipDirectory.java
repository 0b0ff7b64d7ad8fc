package io.github.f2d4j.weights.torch;

import static io.github.f2d4j.weights.io.QuotedText.quote;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the directory of a zip archive (PKWARE's APPNOTE, sections 4.3 and 4.5) that lies in
 * memory, and believes nothing: directory and local headers must agree, no two records may share a
 * byte, names must be plain and unique, nothing may be encrypted, spread over disks, or inflate out
 * of proportion.
 */
final class ZipDirectory {
  private static final int LOCAL_HEADER = 0x04034b50;
  private static final int CENTRAL_HEADER = 0x02014b50;
  private static final int ZIP64_EXTRA = 1;
  private static final int CENTRAL_BYTES = 46;
  private static final int LOCAL_BYTES = 30;

  private static final int ENCRYPTED = 1 | 1 << 6 | 1 << 13;
  private static final int SIZES_FOLLOW = 1 << 3;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;
  private static final long IN_ZIP64 = 0xffffffffL;

  private static final int MAX_RECORDS = 1 << 17;
  private static final int MAX_NAME = 512;

  /** Weights hardly shrink; text and zeros do, so small records may shrink more. */
  private static final int MAX_RATIO = 100;

  private static final long FREE_OF_RATIO = 1 << 20;

  private static final ValueLayout.OfShort I16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** What the directory says of a record, and where its local header lies. */
  private record Entry(String name, int flags, int method, long packed, long size, long header) {}

  private final Faults faults;
  private final MemorySegment file;
  private final ZipEnd end;

  private ZipDirectory(Faults faults, MemorySegment file, ZipEnd end) {
    this.faults = faults;
    this.file = file;
    this.end = end;
  }

  /** The records by name, in the order of their data. */
  static Map<String, ZipRecord> read(Faults faults, MemorySegment file)
      throws TorchFormatException {
    return new ZipDirectory(faults, file, ZipEnd.find(faults, file)).records();
  }

  private Map<String, ZipRecord> records() throws TorchFormatException {
    if (end.records() > MAX_RECORDS) {
      throw faults.limit(
          "the records of an archive are limited", end.records() + " of them", "" + MAX_RECORDS);
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    long at = end.directory();
    for (int i = 0; i < end.records(); i++) {
      at = entry(at, entries);
    }
    if (at != end.directoryEnd()) {
      throw faults.damaged(
          "the directory of an archive must have the size that its end record says",
          (end.directoryEnd() - at) + " more bytes",
          "none");
    }
    return located(entries);
  }

  /** Adds the entry at {@code at}; where the next begins. */
  private long entry(long at, Map<String, Entry> entries) throws TorchFormatException {
    requireDirectory(at, CENTRAL_BYTES);
    if (file.get(I32, at) != CENTRAL_HEADER) {
      throw faults.damaged(
          "the directory of an archive must list its records", "other bytes at " + at, "a record");
    }
    int flags = u16(at + 8);
    int method = u16(at + 10);
    int nameBytes = u16(at + 28);
    int extraBytes = u16(at + 30);
    int commentBytes = u16(at + 32);
    requireDirectory(at + CENTRAL_BYTES, (long) nameBytes + extraBytes + commentBytes);
    String name = name(at + CENTRAL_BYTES, nameBytes);
    if ((flags & ENCRYPTED) != 0) {
      throw faults.damaged("an archive must not be encrypted", quote(name) + " is", "plain data");
    }
    if (method != STORED && method != DEFLATED) {
      throw faults.damaged(
          "records must be stored or deflated", quote(name) + " with method " + method, "0 or 8");
    }
    if (u16(at + 34) != 0) {
      throw faults.damaged("an archive must be one file", quote(name) + " elsewhere", "one disk");
    }
    long[] wide = {u32(at + 24), u32(at + 20), u32(at + 42)};
    widen(name, at + CENTRAL_BYTES + nameBytes, extraBytes, wide);
    Entry entry = new Entry(name, flags, method, wide[1], wide[0], wide[2]);
    requireProportion(entry);
    if (entries.putIfAbsent(name, entry) != null) {
      throw faults.damaged(
          "the names of records must be unique", quote(name) + " twice", "it once");
    }
    return at + CENTRAL_BYTES + nameBytes + extraBytes + commentBytes;
  }

  /** Replaces the sizes and offset that do not fit 32 bits by those of the zip64 field. */
  private void widen(String name, long extra, int extraBytes, long[] values)
      throws TorchFormatException {
    boolean wanted = false;
    for (long value : values) {
      wanted |= value == IN_ZIP64;
    }
    long stop = extra + extraBytes;
    for (long at = extra; wanted && at + 4 <= stop; at += 4 + u16(at + 2)) {
      if (u16(at) != ZIP64_EXTRA) {
        continue;
      }
      long from = at + 4;
      long to = Math.min(stop, from + u16(at + 2));
      wanted = false;
      for (int i = 0; i < values.length; i++) {
        if (values[i] == IN_ZIP64 && from + 8 <= to) {
          values[i] = file.get(I64, from);
          from += 8;
        } else {
          wanted |= values[i] == IN_ZIP64;
        }
      }
      break;
    }
    for (long value : values) {
      wanted |= value < 0;
    }
    if (wanted) {
      throw faults.damaged(
          "sizes beyond 4 GiB must be given in a zip64 field", "none for " + quote(name), "one");
    }
  }

  private void requireProportion(Entry entry) throws TorchFormatException {
    if (entry.method == STORED && entry.size != entry.packed) {
      throw faults.damaged(
          "a stored record must have one size",
          entry.packed + " and " + entry.size + " bytes for " + quote(entry.name),
          "one number");
    }
    if (entry.method == DEFLATED
        && entry.size > FREE_OF_RATIO
        && entry.size / MAX_RATIO > entry.packed) {
      throw faults.limit(
          "how far a record may inflate is limited",
          entry.packed + " bytes that become " + entry.size + " for " + quote(entry.name),
          "at most " + MAX_RATIO + " times as many");
    }
  }

  private String name(long at, int bytes) throws TorchFormatException {
    if (bytes == 0 || bytes > MAX_NAME) {
      throw faults.damaged("records must have short names", bytes + " bytes", "1 to " + MAX_NAME);
    }
    byte[] utf8 = file.asSlice(at, bytes).toArray(ValueLayout.JAVA_BYTE);
    String name = PickleInput.utf8(utf8);
    if (name == null) {
      throw faults.damaged("the names of records must be UTF-8", "malformed bytes", "valid UTF-8");
    }
    boolean plain =
        !name.startsWith("/")
            && name.indexOf('\\') < 0
            && name.chars().noneMatch(Character::isISOControl)
            && !List.of(name.split("/", -1)).contains("..");
    if (!plain) {
      throw faults.unsafe(
          "the names of records must be plain paths", quote(name), "a path within the archive");
    }
    return name;
  }

  /** Checks every local header, and that no two records overlap. */
  private Map<String, ZipRecord> located(Map<String, Entry> entries) throws TorchFormatException {
    Map<String, ZipRecord> records = LinkedHashMap.newLinkedHashMap(entries.size());
    List<Entry> inOrder =
        entries.values().stream().sorted(Comparator.comparingLong(Entry::header)).toList();
    long free = 0;
    for (Entry entry : inOrder) {
      if (entry.header < free) {
        throw faults.damaged(
            "records must not overlap",
            quote(entry.name) + " at byte " + entry.header,
            "at least byte " + free);
      }
      long data = data(entry);
      free = data + entry.packed;
      records.put(
          entry.name,
          new ZipRecord(
              entry.name, entry.method == DEFLATED, entry.size, file.asSlice(data, entry.packed)));
    }
    return records;
  }

  /** Where the data begins, by the local header, which must repeat what the directory says. */
  private long data(Entry entry) throws TorchFormatException {
    long at = entry.header;
    if (at > end.directory() - LOCAL_BYTES || file.get(I32, at) != LOCAL_HEADER) {
      throw faults.damaged(
          "the directory must point to records",
          "none at " + at + " for " + quote(entry.name),
          "a local header");
    }
    int nameBytes = u16(at + 26);
    long data = at + LOCAL_BYTES + nameBytes + u16(at + 28);
    if (data > end.directory() || entry.packed > end.directory() - data) {
      throw faults.damaged(
          "records must lie before the directory",
          quote(entry.name) + " of " + entry.packed + " bytes at " + data,
          "an end at " + end.directory() + " or before");
    }
    byte[] name = entry.name.getBytes(StandardCharsets.UTF_8);
    boolean agrees =
        u16(at + 8) == entry.method
            && (u16(at + 6) & ENCRYPTED) == 0
            && nameBytes == name.length
            && file.asSlice(at + LOCAL_BYTES, nameBytes).mismatch(MemorySegment.ofArray(name)) < 0
            && agrees(u32(at + 18), entry.packed, entry.flags)
            && agrees(u32(at + 22), entry.size, entry.flags);
    if (!agrees) {
      throw faults.damaged(
          "directory and local header must agree",
          "another name, method or size at " + at,
          "those of " + quote(entry.name));
    }
    return data;
  }

  private static boolean agrees(long local, long size, int flags) {
    return local == size || local == IN_ZIP64 || (local == 0 && (flags & SIZES_FOLLOW) != 0);
  }

  private void requireDirectory(long at, long bytes) throws TorchFormatException {
    if (bytes > end.directoryEnd() - at) {
      throw faults.damaged(
          "the directory of an archive must be complete",
          "its end " + (end.directoryEnd() - at) + " bytes after " + at,
          bytes + " bytes");
    }
  }

  private int u16(long at) {
    return file.get(I16, at) & 0xffff;
  }

  private long u32(long at) {
    return file.get(I32, at) & 0xffffffffL;
  }
}
