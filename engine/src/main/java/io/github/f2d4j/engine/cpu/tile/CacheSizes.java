package io.github.f2d4j.engine.cpu.tile;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Bytes of cache that one thread has to itself. They decide how products and attention are cut into
 * blocks, which changes their speed and no bit of their results.
 *
 * @param first of the first level, for data
 * @param second of the second level
 */
public record CacheSizes(long first, long second) {
  /** What is assumed where a system does not tell: no processor of recent years has less. */
  public static final CacheSizes USUAL = new CacheSizes(32 << 10, 512 << 10);

  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([KMG]?)");
  private static final Pattern RANGE = Pattern.compile("(\\d{1,6})(?:-(\\d{1,6}))?");

  /** Those of this machine. */
  public static final CacheSizes HERE = ofThisMachine();

  /** Linux tells them. */
  private static CacheSizes ofThisMachine() {
    return read(Path.of("/sys/devices/system/cpu/cpu0/cache"));
  }

  /**
   * Those in a folder of Linux's form: one folder {@code index*} for each cache with files {@code
   * level}, {@code type}, {@code size} and {@code shared_cpu_list}. What is missing or makes no
   * sense is as {@link #USUAL}.
   */
  static CacheSizes read(Path folder) {
    long first = USUAL.first;
    long second = USUAL.second;
    try (DirectoryStream<Path> caches = Files.newDirectoryStream(folder, "index*")) {
      for (Path cache : caches) {
        String level = line(cache.resolve("level"));
        boolean data = !line(cache.resolve("type")).equals("Instruction");
        long share = bytes(line(cache.resolve("size"))) / sharers(cache);
        if (data && level.equals("1") && share > 0) {
          first = share;
        } else if (data && level.equals("2") && share > 0) {
          second = share;
        }
      }
    } catch (IOException | SecurityException e) {
      return USUAL;
    }
    return new CacheSizes(first, second);
  }

  private static String line(Path file) throws IOException {
    return Files.readString(file).strip();
  }

  private static long bytes(String size) {
    Matcher m = SIZE.matcher(size.toUpperCase(Locale.ROOT));
    if (!m.matches()) {
      return 0;
    }
    int shift =
        switch (m.group(2)) {
          case "K" -> 10;
          case "M" -> 20;
          case "G" -> 30;
          default -> 0;
        };
    return Long.parseLong(m.group(1)) << shift;
  }

  /** How many processors share a cache, such as 3 for {@code 0-1,8}. */
  private static long sharers(Path cache) throws IOException {
    long count = 0;
    for (String range : line(cache.resolve("shared_cpu_list")).split(",", -1)) {
      Matcher m = RANGE.matcher(range);
      if (m.matches()) {
        int from = Integer.parseInt(m.group(1));
        int to = m.group(2) == null ? from : Integer.parseInt(m.group(2));
        count += Math.max(0, to - from + 1);
      }
    }
    return Math.max(1, count);
  }
}
