package io.github.f2d4j.engine.cpu.tuning;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A text file of measured choices, one line for each machine and shape, shared by all processes of
 * a user. The first choice to be written stays: a result must not change from run to run. The file
 * is replaced as a whole, so that readers see it complete; lines that cannot be read are ignored
 * and dropped when it is written next.
 */
public final class TuningCache {
  /** System property with the folder of what this library can make again. */
  public static final String FOLDER = "f2d4j.cache";

  private static final Pattern LINE =
      Pattern.compile("conv3x3 (\\d{1,9})x(\\d{1,9}) (\\d{1,9})->(\\d{1,9}) (\\w+) on (.+)");

  /** Far more lines than there are shapes; a larger file is none of ours. */
  private static final long MAX_BYTES = 1 << 22;

  private static final Map<String, ConvolveAlgorithm> NAMES =
      Stream.of(ConvolveAlgorithm.values()).collect(Collectors.toMap(Enum::name, a -> a));

  private final Path file;
  private final String machine;

  private record Key(String machine, ConvolveShape shape) {}

  /**
   * The cache in {@code file}, which need not exist.
   *
   * @param machine names the machine in one line
   */
  public TuningCache(Path file, String machine) {
    this.file = file;
    this.machine = machine.strip().replaceAll("\\s+", " ");
  }

  /**
   * The file of this user: {@code tuning.txt} in the folder that the system property {@value
   * #FOLDER} names, or in {@code f2d4j} below {@code $XDG_CACHE_HOME}, or else below {@code
   * %LOCALAPPDATA%} or {@code ~/.cache}.
   */
  public static Path userFile() {
    String set = System.getProperty(FOLDER, "");
    Path folder =
        set.isEmpty()
            ? Stream.of(System.getenv("XDG_CACHE_HOME"), System.getenv("LOCALAPPDATA"))
                .filter(place -> place != null && !place.isEmpty() && Path.of(place).isAbsolute())
                .map(Path::of)
                .findFirst()
                .orElseGet(() -> Path.of(System.getProperty("user.home", ""), ".cache"))
                .resolve("f2d4j")
            : Path.of(set);
    return folder.resolve("tuning.txt");
  }

  /** The choice for {@code shape} on this machine, or null if none was measured. */
  public @Nullable ConvolveAlgorithm get(ConvolveShape shape) throws IOException {
    return read().get(new Key(machine, shape));
  }

  /**
   * Adds a choice, unless another process was first.
   *
   * @return the choice that is in the file now
   */
  public ConvolveAlgorithm add(ConvolveShape shape, ConvolveAlgorithm measured) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(file + " is no file in which measured choices could be kept");
    }
    Files.createDirectories(folder);
    Path lock = folder.resolve(file.getFileName() + ".lock");
    synchronized (TuningCache.class) {
      try (FileChannel channel =
          FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        channel.lock(); // until the channel is closed
        Map<Key, ConvolveAlgorithm> all = read();
        ConvolveAlgorithm before = all.putIfAbsent(new Key(machine, shape), measured);
        if (before != null) {
          return before;
        }
        write(folder, all);
        return measured;
      }
    }
  }

  private void write(Path folder, Map<Key, ConvolveAlgorithm> all) throws IOException {
    String text =
        all.entrySet().stream()
            .map(e -> line(e.getKey(), e.getValue()))
            .sorted()
            .collect(Collectors.joining("\n", "", "\n"));
    Path fresh = Files.createTempFile(folder, file.getFileName() + ".", ".new");
    try {
      Files.writeString(fresh, text);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private static String line(Key key, ConvolveAlgorithm algorithm) {
    ConvolveShape s = key.shape();
    return "conv3x3 %dx%d %d->%d %s on %s"
        .formatted(s.height(), s.width(), s.in(), s.out(), algorithm, key.machine());
  }

  private Map<Key, ConvolveAlgorithm> read() throws IOException {
    Map<Key, ConvolveAlgorithm> all = new HashMap<>();
    if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
      return all;
    }
    // Decoded leniently: damaged bytes spoil their own line only.
    for (String line :
        new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList()) {
      Matcher m = LINE.matcher(line.strip());
      if (m.matches()) {
        ConvolveAlgorithm algorithm = NAMES.get(m.group(5));
        if (algorithm != null) {
          ConvolveShape shape =
              new ConvolveShape(number(m, 1), number(m, 2), number(m, 3), number(m, 4));
          all.putIfAbsent(new Key(m.group(6), shape), algorithm);
        }
      }
    }
    return all;
  }

  private static int number(Matcher m, int group) {
    return Integer.parseInt(m.group(group));
  }
}
