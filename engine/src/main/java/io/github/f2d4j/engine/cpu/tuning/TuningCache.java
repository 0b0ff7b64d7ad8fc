package io.github.f2d4j.engine.cpu.tuning;

import io.github.f2d4j.engine.cache.ChoiceFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The measured choices of algorithms, one for each machine and shape, in a {@link ChoiceFile}. */
public final class TuningCache {
  /** System property with the folder of what this library can make again. */
  public static final String FOLDER = ChoiceFile.FOLDER;

  private static final Pattern LINE =
      Pattern.compile("conv3x3 (\\d{1,9})x(\\d{1,9}) (\\d{1,9})->(\\d{1,9}) (\\w+) on (.+)");

  private static final Map<String, ConvolveAlgorithm> NAMES =
      Stream.of(ConvolveAlgorithm.values()).collect(Collectors.toMap(Enum::name, a -> a));

  private final ChoiceFile<Key, ConvolveAlgorithm> file;
  private final String machine;

  private record Key(String machine, ConvolveShape shape) {}

  /**
   * The cache in {@code file}, which need not exist.
   *
   * @param machine names the machine in one line
   */
  public TuningCache(Path file, String machine) {
    this.file = new ChoiceFile<>(file, new Lines());
    this.machine = machine.strip().replaceAll("\\s+", " ");
  }

  /** The file of this user: {@code tuning.txt} in {@link ChoiceFile#userFolder()}. */
  public static Path userFile() {
    return ChoiceFile.userFolder().resolve("tuning.txt");
  }

  /** The choice for {@code shape} on this machine, or null if none was measured. */
  public @Nullable ConvolveAlgorithm get(ConvolveShape shape) throws IOException {
    return file.get(new Key(machine, shape));
  }

  /**
   * Adds a choice, unless another process was first.
   *
   * @return the choice that is in the file now
   */
  public ConvolveAlgorithm add(ConvolveShape shape, ConvolveAlgorithm measured) throws IOException {
    return file.add(new Key(machine, shape), measured);
  }

  private static final class Lines implements ChoiceFile.Format<Key, ConvolveAlgorithm> {
    @Override
    public String write(Key key, ConvolveAlgorithm algorithm) {
      ConvolveShape s = key.shape();
      return "conv3x3 %dx%d %d->%d %s on %s"
          .formatted(s.height(), s.width(), s.in(), s.out(), algorithm, key.machine());
    }

    @Override
    public Map.@Nullable Entry<Key, ConvolveAlgorithm> read(String line) {
      Matcher m = LINE.matcher(line);
      ConvolveAlgorithm algorithm = m.matches() ? NAMES.get(m.group(5)) : null;
      return algorithm == null
          ? null
          : Map.entry(
              new Key(
                  m.group(6),
                  new ConvolveShape(number(m, 1), number(m, 2), number(m, 3), number(m, 4))),
              algorithm);
    }

    private static int number(Matcher m, int group) {
      return Integer.parseInt(m.group(group));
    }
  }
}
