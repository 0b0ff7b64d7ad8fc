package io.github.f2d4j.weights.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * Finds the reference fixtures: in the folder that the system property {@code goldens} names, or
 * else in the {@code goldens} folders of the test resources on the class path.
 *
 * <p>With {@code -Dgoldens} a kind of fixture that the folder lacks is a skipped test; without it
 * such a lack is a failure, because the module's own copies must be there.
 */
public final class Goldens {
  private static final String PROPERTY = "goldens";
  private static final String SUFFIX = ".safetensors";
  private static final Pattern SHARD = Pattern.compile(".*-\\d{5}-of-\\d{5}");

  private Goldens() {}

  /**
   * All fixtures {@code <prefix>*.safetensors}, without the shards of sharded weights, sorted by
   * name; never empty.
   *
   * @throws TestAbortedException if the folder given by {@code -Dgoldens} has none
   * @throws AssertionError if the test resources have none
   */
  public static List<Fixture> fixtures(String prefix) {
    return find(prefix + "*" + SUFFIX, file -> isFixture(file, prefix)).stream()
        .map(Fixture::new)
        .toList();
  }

  /** The fixture {@code <name>.safetensors}. Errors as {@link #fixtures}. */
  public static Fixture fixture(String name) {
    return new Fixture(file(name + SUFFIX));
  }

  /** Whether there is a fixture {@code <name>.safetensors}. */
  public static boolean has(String name) {
    return folders().stream().anyMatch(f -> Files.isRegularFile(f.resolve(name + SUFFIX)));
  }

  /** The file or folder of exactly that name. Errors as {@link #fixtures}. */
  public static Path file(String name) {
    return find(name, path -> path.endsWith(name)).getFirst();
  }

  /** All folders {@code <prefix>*}, sorted by name; never empty. Errors as {@link #fixtures}. */
  public static List<Path> directories(String prefix) {
    return find(prefix + "*/", path -> Files.isDirectory(path) && stem(path).startsWith(prefix));
  }

  /**
   * Compares with reference values; see {@link Close} for the rule and for other element types.
   *
   * @throws AssertionError naming the worst difference, its index, and the number of failures
   */
  public static void assertClose(
      String what, float[] expected, float[] actual, double atol, double rtol) {
    Close.assertClose(what, expected, actual, atol, rtol);
  }

  private static boolean isFixture(Path path, String prefix) {
    String name = String.valueOf(path.getFileName());
    return name.startsWith(prefix)
        && name.endsWith(SUFFIX)
        && Files.isRegularFile(path)
        && !SHARD.matcher(stem(path)).matches();
  }

  /** The file's name without {@code .safetensors}. */
  static String stem(Path path) {
    String name = String.valueOf(path.getFileName());
    return name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
  }

  /** The matches in the first folder that has any. */
  private static List<Path> find(String what, Predicate<Path> wanted) {
    List<Path> folders = folders();
    for (Path folder : folders) {
      try (Stream<Path> files = Files.list(folder)) {
        List<Path> found = files.filter(wanted).sorted().toList();
        if (!found.isEmpty()) {
          return found;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    if (System.getProperty(PROPERTY) != null) {
      throw new TestAbortedException("no " + what + " in -D" + PROPERTY + " " + folders);
    }
    throw new AssertionError(
        "no fixture " + what + " in the test resources " + folders + "; add it, or give -Dgoldens");
  }

  private static List<Path> folders() {
    String given = System.getProperty(PROPERTY);
    return given == null || given.isEmpty() ? resources() : List.of(given(given));
  }

  /** Surefire runs in the module's folder; a relative path is meant from the project's root. */
  private static Path given(String given) {
    Path path = Path.of(given);
    for (Path base : Arrays.asList(Path.of(""), Path.of(".."))) {
      Path candidate = base.resolve(path).toAbsolutePath().normalize();
      if (Files.isDirectory(candidate)) {
        return candidate;
      }
    }
    throw new AssertionError(
        "-D" + PROPERTY + "=" + given + " is not a folder; give one with *.safetensors fixtures");
  }

  private static List<Path> resources() {
    try {
      @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();
      ClassLoader resources = loader == null ? Goldens.class.getClassLoader() : loader;
      return Collections.list(resources.getResources(PROPERTY)).stream()
          .filter(url -> url.getProtocol().equals("file"))
          .map(Goldens::path)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path path(URL url) {
    return Path.of(URI.create(url.toString()));
  }
}
