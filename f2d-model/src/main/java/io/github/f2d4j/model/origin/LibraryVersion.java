package io.github.f2d4j.model.origin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this library. */
public final class LibraryVersion {
  /** For example {@code 0.1.0}. */
  public static final String VERSION = read();

  /** Name and version, for example {@code f2d4j 0.1.0}. */
  public static final String NAME_AND_VERSION = "f2d4j " + VERSION;

  private LibraryVersion() {}

  /** The build writes the version into a resource; classes compiled without it have none. */
  private static String read() {
    try (InputStream in = LibraryVersion.class.getResourceAsStream("version.properties")) {
      Properties properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return properties.getProperty("version", "unversioned");
    } catch (IOException e) {
      throw new UncheckedIOException("the version of the library cannot be read", e);
    }
  }
}
