package io.github.f2d4j.weights.torch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Writes a zip archive of stored records, the plain way; the reader does not look at checksums. */
final class StoredArchive {
  private static final int LOCAL_BYTES = 30;
  private static final int CENTRAL_BYTES = 46;
  private static final int END_BYTES = 22;

  private StoredArchive() {}

  static byte[] of(List<Map.Entry<String, byte[]>> records) {
    int bytes = END_BYTES;
    for (Map.Entry<String, byte[]> record : records) {
      bytes +=
          LOCAL_BYTES + CENTRAL_BYTES + 2 * record.getKey().length() + record.getValue().length;
    }
    ByteBuffer out = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int[] headers = new int[records.size()];
    for (int i = 0; i < headers.length; i++) {
      headers[i] = out.position();
      out.putInt(0x04034b50).putShort((short) 20);
      fields(out, records.get(i)).put(name(records.get(i))).put(records.get(i).getValue());
    }
    int directory = out.position();
    for (int i = 0; i < headers.length; i++) {
      out.putInt(0x02014b50).putShort((short) 20).putShort((short) 20);
      fields(out, records.get(i)).putShort((short) 0).putShort((short) 0).putShort((short) 0);
      out.putInt(0).putInt(headers[i]).put(name(records.get(i)));
    }
    int end = out.position();
    out.putInt(0x06054b50).putInt(0).putShort((short) headers.length);
    out.putShort((short) headers.length).putInt(end - directory).putInt(directory);
    return out.putShort((short) 0).array();
  }

  private static byte[] name(Map.Entry<String, byte[]> record) {
    return record.getKey().getBytes(StandardCharsets.US_ASCII);
  }

  /** Flags, method, time, date, checksum, both sizes, and the lengths of name and extra field. */
  private static ByteBuffer fields(ByteBuffer out, Map.Entry<String, byte[]> record) {
    int size = record.getValue().length;
    out.putShort((short) 0).putShort((short) 0).putShort((short) 0).putShort((short) 0x21);
    out.putInt(0).putInt(size).putInt(size);
    return out.putShort((short) record.getKey().length()).putShort((short) 0);
  }
}
