package io.github.f2d4j.weights.io;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where this library keeps what it can make again: {@code f2d4j} below {@code $XDG_CACHE_HOME}, or
 * else below {@code %LOCALAPPDATA%} or {@code ~/.cache}; or the folder that the system property
 * {@value #PROPERTY} names.
 */
public final class UserCache {
  /** System property with the folder to use instead. */
  public static final String PROPERTY = "f2d4j.cache";

  private UserCache() {}

  /** The folder, which may not exist yet. */
  public static Path folder() {
    String set = System.getProperty(PROPERTY, "");
    return set.isEmpty()
        ? root(System.getenv("XDG_CACHE_HOME"), System.getenv("LOCALAPPDATA")).resolve("f2d4j")
        : Path.of(set);
  }

  /** The folder of this user's caches. An XDG path that is not absolute does not count. */
  static Path root(@Nullable String xdgCacheHome, @Nullable String localAppData) {
    return Stream.of(xdgCacheHome, localAppData)
        .filter(place -> place != null && !place.isEmpty() && Path.of(place).isAbsolute())
        .map(Path::of)
        .findFirst()
        .orElseGet(() -> Path.of(System.getProperty("user.home", ""), ".cache"));
  }
}
