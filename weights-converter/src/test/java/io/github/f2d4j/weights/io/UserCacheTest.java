package io.github.f2d4j.weights.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class UserCacheTest {
  @Test
  void cachesLieWhereTheUserKeepsThem() {
    Path xdg = Path.of("xdg").toAbsolutePath();
    Path local = Path.of("local").toAbsolutePath();
    Path home = Path.of(System.getProperty("user.home"), ".cache");
    assertEquals(xdg, UserCache.root(xdg.toString(), local.toString()));
    assertEquals(local, UserCache.root("relative", local.toString()));
    assertEquals(home, UserCache.root("", null));
  }
}
