package io.github.f2d4j.kernels.library;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The folders that are searched for NVIDIA's libraries, in order, each with where it comes from:
 * the property {@value #PROPERTY}, {@code LD_LIBRARY_PATH}, {@code CUDA_HOME} and {@code
 * CUDA_PATH}, toolkits under {@code /usr/local}, the system's folders, and what Python's package
 * installers put under {@code site-packages/nvidia}. Only folders that exist are listed.
 *
 * @param places existing folders, without repetition
 */
public record SearchPath(List<Place> places) {
  /** System property with folders to search first, separated as on the class path. */
  public static final String PROPERTY = "f2d4j.cuda.path";

  private static final List<String> SYSTEM =
      List.of(
          "usr/lib/x86_64-linux-gnu",
          "usr/lib/aarch64-linux-gnu",
          "usr/lib64",
          "usr/lib",
          "usr/lib/x86_64-linux-gnu/nvidia/current",
          "usr/lib/wsl/lib",
          "usr/local/nvidia/lib64",
          "usr/local/lib",
          "run/opengl-driver/lib");

  private static final List<String> PYTHON_PREFIXES = List.of("usr/local", "usr", "opt/conda");

  /** A folder and the reason to look there. */
  public record Place(Path folder, String origin) {}

  public SearchPath {
    places = List.copyOf(places);
  }

  /** The search path of this machine and process. */
  public static SearchPath ofThisMachine() {
    return of(System::getProperty, System::getenv, Path.of("/"));
  }

  /**
   * The search path that follows from the given surroundings.
   *
   * @param property system properties by name
   * @param environment environment variables by name
   * @param root the root of the file system
   */
  public static SearchPath of(
      UnaryOperator<@Nullable String> property,
      UnaryOperator<@Nullable String> environment,
      Path root) {
    Collector found = new Collector();
    found.addAll(property.apply(PROPERTY), "property " + PROPERTY);
    found.addAll(environment.apply("LD_LIBRARY_PATH"), "LD_LIBRARY_PATH");
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      String home = environment.apply(variable);
      if (home != null && !home.isBlank()) {
        found.addToolkit(Path.of(home), variable);
      }
    }
    for (Path toolkit : newestFirst(root.resolve("usr/local"), "cuda*")) {
      found.addToolkit(toolkit, "CUDA toolkit");
    }
    SYSTEM.forEach(folder -> found.add(root.resolve(folder), "system"));
    for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
      String prefix = environment.apply(variable);
      if (prefix != null && !prefix.isBlank()) {
        found.add(Path.of(prefix, "lib"), variable);
        found.addPython(Path.of(prefix), variable);
      }
    }
    String home = property.apply("user.home");
    if (home != null && !home.isBlank()) {
      found.addPython(Path.of(home, ".local"), "Python packages of this user");
    }
    PYTHON_PREFIXES.forEach(p -> found.addPython(root.resolve(p), "Python packages"));
    return new SearchPath(found.places());
  }

  /** The folders that match {@code glob}, in descending order of the numbers in their names. */
  private static List<Path> newestFirst(Path parent, String glob) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, glob)) {
      folders.forEach(found::add);
    } catch (IOException e) {
      return List.of(); // No such folder, or one that may not be read: nothing to find there.
    }
    found.sort(
        Comparator.<Path, Runtime.Version>comparing(SearchPath::version)
            .reversed()
            .thenComparing(Comparator.naturalOrder()));
    return found;
  }

  /** The version in a folder's name, such as 12.4 in {@code cuda-12.4}; without one the highest. */
  private static Runtime.Version version(Path folder) {
    String digits = folder.getFileName().toString().replaceAll("[^0-9.]", "");
    try {
      return Runtime.Version.parse(
          digits.isEmpty() ? "999" : digits.replaceAll("(\\.0+)+$|\\.+$", ""));
    } catch (IllegalArgumentException e) {
      return Runtime.Version.parse("1");
    }
  }

  /** Gathers folders that exist, the first mention of each. */
  private static final class Collector {
    private final Map<Path, Place> places = new LinkedHashMap<>();

    List<Place> places() {
      return List.copyOf(places.values());
    }

    void add(Path folder, String origin) {
      if (!Files.isDirectory(folder)) {
        return;
      }
      try {
        places.putIfAbsent(folder.toRealPath(), new Place(folder, origin));
      } catch (IOException e) {
        places.putIfAbsent(folder.toAbsolutePath(), new Place(folder, origin));
      }
    }

    void addAll(@Nullable String folders, String origin) {
      if (folders != null) {
        for (String folder : folders.split(":", -1)) {
          if (!folder.isBlank()) {
            add(Path.of(folder), origin);
          }
        }
      }
    }

    void addToolkit(Path home, String origin) {
      add(home.resolve("lib64"), origin);
      add(home.resolve("targets/x86_64-linux/lib"), origin);
      add(home.resolve("lib"), origin);
    }

    /** The wheels' folders: {@code nvidia/cublas/lib} and so on, or {@code nvidia/cu13/lib}. */
    void addPython(Path prefix, String origin) {
      for (Path python : newestFirst(prefix.resolve("lib"), "python3*")) {
        for (String packages : List.of("site-packages", "dist-packages")) {
          for (Path wheel : newestFirst(python.resolve(packages).resolve("nvidia"), "*")) {
            add(wheel.resolve("lib"), origin);
          }
        }
      }
    }
  }
}
