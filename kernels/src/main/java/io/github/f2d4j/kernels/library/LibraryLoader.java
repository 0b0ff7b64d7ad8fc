package io.github.f2d4j.kernels.library;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Loads libraries by absolute path, folder by folder of a search path and last by the system's own
 * loader, and keeps every reason for which a file was not taken.
 *
 * <p>A library that is loaded by its path satisfies the needs of others loaded after it by name: so
 * cuBLAS finds cuBLASLt, and JCuda the driver, wherever they lie.
 */
public final class LibraryLoader {
  private final SearchPath path;
  private final boolean systemLoader;

  /** A loader for {@code path}, then the system's own loader. */
  public LibraryLoader(SearchPath path) {
    this(path, true);
  }

  /**
   * A loader for {@code path}.
   *
   * @param systemLoader whether the system's own loader is asked where the path has nothing
   */
  public LibraryLoader(SearchPath path, boolean systemLoader) {
    this.path = path;
    this.systemLoader = systemLoader;
  }

  /** Why no library can be loaded in this JVM, or nothing if one can. */
  public static List<String> obstacles() {
    String os = System.getProperty("os.name", "");
    if (!os.startsWith("Linux")) {
      return List.of("the CUDA bindings know the libraries' names on Linux, but this is " + os);
    }
    Module module = LibraryLoader.class.getModule();
    if (!module.isNativeAccessEnabled()) {
      return List.of(
          "native access is off; start java with --enable-native-access="
              + (module.isNamed() ? module.getName() : "ALL-UNNAMED"));
    }
    return List.of();
  }

  /** Loads {@code kind} in the first of the versions {@code majors} that can be. */
  public Loading load(NativeLibrary kind, List<Integer> majors) {
    List<String> failures = new ArrayList<>();
    for (int major : majors) {
      String soname = kind.soname(major);
      String file = open(soname, failures);
      if (file != null) {
        return new Loading.Loaded(new LoadedLibrary(kind, major, file, symbols(file)), failures);
      }
    }
    return new Loading.Missing(kind, failures);
  }

  /**
   * Loads the library called {@code soname}, so that others find it.
   *
   * @param failures is given every reason on the way
   * @return whether it is loaded
   */
  public boolean preload(String soname, List<String> failures) {
    return open(soname, failures) != null;
  }

  private @org.jspecify.annotations.Nullable String open(String soname, List<String> failures) {
    int before = failures.size();
    for (SearchPath.Place place : path.places()) {
      Path file = place.folder().resolve(soname);
      if (Files.exists(file)) {
        String name = file.toAbsolutePath().toString();
        if (opens(name)) {
          return name;
        }
        failures.add(DynamicLoader.refusal(name) + " [" + place.origin() + "]");
      }
    }
    if (systemLoader && opens(soname)) {
      return soname;
    }
    if (failures.size() == before) {
      failures.add(soname + " is in none of " + searched());
    }
    return null;
  }

  private String searched() {
    String folders =
        path.places().stream().map(p -> p.folder().toString()).collect(Collectors.joining(", "));
    if (!systemLoader) {
      return folders.isEmpty() ? "no folders" : folders;
    }
    return (folders.isEmpty() ? "" : folders + ", ") + "the folders of the system's loader";
  }

  private static boolean opens(String name) {
    try {
      symbols(name);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @SuppressWarnings("restricted") // what this class is for
  private static SymbolLookup symbols(String name) {
    return name.startsWith("/")
        ? SymbolLookup.libraryLookup(Path.of(name), Arena.global())
        : SymbolLookup.libraryLookup(name, Arena.global());
  }
}
