package io.github.f2d4j.engine.cache;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A text file of measured choices, one in each line, shared by all processes of a user. The first
 * choice to be written stays: a result must not change from run to run. The file is replaced as a
 * whole, so that readers see it complete; lines that cannot be read are ignored with a notice, and
 * dropped when it is written next.
 *
 * @param <K> what was chosen for
 * @param <V> what was chosen
 */
public final class ChoiceFile<K, V> {
  /** System property with the folder of what this library can make again. */
  public static final String FOLDER = "f2d4j.cache";

  private static final System.Logger LOG = System.getLogger(ChoiceFile.class.getName());

  /** Far more lines than there are choices; a larger file is none of ours. */
  private static final long MAX_BYTES = 1 << 22;

  /** Files of which it has been said that they are damaged. */
  private static final Set<Path> TOLD = ConcurrentHashMap.newKeySet();

  private static final Object PROCESS = new Object();

  private final Path file;
  private final Format<K, V> format;

  /**
   * How a choice is written.
   *
   * @param <K> what was chosen for
   * @param <V> what was chosen
   */
  public interface Format<K, V> {
    /** The choice in a line, or null if there is none. */
    Map.@Nullable Entry<K, V> read(String line);

    /** The line of a choice. */
    String write(K key, V choice);
  }

  /** The choices in {@code file}, which need not exist. */
  public ChoiceFile(Path file, Format<K, V> format) {
    this.file = file;
    this.format = format;
  }

  /**
   * The folder of this user: that which the system property {@value #FOLDER} names, or {@code
   * f2d4j} below {@code $XDG_CACHE_HOME}, or else below {@code %LOCALAPPDATA%} or {@code ~/.cache}.
   */
  public static Path userFolder() {
    String set = System.getProperty(FOLDER, "");
    return set.isEmpty()
        ? Stream.of(System.getenv("XDG_CACHE_HOME"), System.getenv("LOCALAPPDATA"))
            .filter(place -> place != null && !place.isEmpty() && Path.of(place).isAbsolute())
            .map(Path::of)
            .findFirst()
            .orElseGet(() -> Path.of(System.getProperty("user.home", ""), ".cache"))
            .resolve("f2d4j")
        : Path.of(set);
  }

  /** The choice for {@code key}, or null if none was made. */
  public @Nullable V get(K key) throws IOException {
    return read().get(key);
  }

  /**
   * Adds a choice, unless another process was first.
   *
   * @return the choice that is in the file now
   */
  public V add(K key, V choice) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(file + " is no file in which measured choices could be kept");
    }
    Files.createDirectories(folder);
    Path lock = folder.resolve(file.getFileName() + ".lock");
    synchronized (PROCESS) {
      try (FileChannel channel =
          FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        channel.lock(); // until the channel is closed
        Map<K, V> all = read();
        V before = all.putIfAbsent(key, choice);
        if (before != null) {
          return before;
        }
        write(folder, all);
        return choice;
      }
    }
  }

  private void write(Path folder, Map<K, V> all) throws IOException {
    String text =
        all.entrySet().stream()
            .map(e -> format.write(e.getKey(), e.getValue()))
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

  private Map<K, V> read() throws IOException {
    Map<K, V> all = new HashMap<>();
    if (!Files.isRegularFile(file)) {
      return all;
    }
    if (Files.size(file) > MAX_BYTES) {
      tell("it is larger than any file of choices");
      return all;
    }
    int unread = 0;
    // Decoded leniently: damaged bytes spoil their own line only.
    for (String line :
        new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList()) {
      Map.Entry<K, V> entry = format.read(line.strip());
      if (entry != null) {
        all.putIfAbsent(entry.getKey(), entry.getValue());
      } else if (!line.isBlank()) {
        unread++;
      }
    }
    if (unread > 0) {
      tell(unread + " of its lines are no choices");
    }
    return all;
  }

  private void tell(String damage) {
    if (TOLD.add(file.toAbsolutePath())) {
      LOG.log(Level.WARNING, "{0} is damaged: {1}; what is lost is measured again", file, damage);
    }
  }
}
