package io.github.f2d4j.model.image;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/** The chunks of PNG files. */
public final class Chunks {
  private static final int SIGNATURE = 8;
  private static final int OVERHEAD = 12;

  private Chunks() {}

  /** The same chunks with the checksums that belong to them; other files stay as they are. */
  public static byte[] repair(byte[] input) {
    byte[] file = input.clone();
    if (file.length < SIGNATURE || file[0] != (byte) 0x89) {
      return file;
    }
    ByteBuffer bytes = ByteBuffer.wrap(file);
    int at = SIGNATURE;
    while (file.length - at >= OVERHEAD) {
      int length = bytes.getInt(at);
      if (length < 0 || length > file.length - at - OVERHEAD) {
        break;
      }
      CRC32 crc = new CRC32();
      crc.update(file, at + 4, length + 4);
      bytes.putInt(at + 8 + length, (int) crc.getValue());
      at += length + OVERHEAD;
    }
    return file;
  }
}
