package io.github.f2d4j.kernels.cuda;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Starts classes of JCuda, once each. JCuda unpacks its native library into {@code java.io.tmpdir}
 * under a fixed name and trusts a file of that name that is there already; here it gets a folder of
 * its own that only this user may enter, and that goes as soon as the library is loaded.
 */
public final class JCudaNatives {
  private static final String TEMPORARY = "java.io.tmpdir";
  private static final Map<String, String> OUTCOMES = new TreeMap<>();
  private static final String STARTED = "";

  private JCudaNatives() {}

  /**
   * Why the JCuda class {@code name} cannot be used, or null if it can. It is tried once: after a
   * failure the JVM says no more than that the class is not there, so the first reason is kept.
   *
   * @param artifact where it comes from, for the remedy
   */
  public static synchronized @Nullable String failure(String name, String artifact) {
    String outcome = OUTCOMES.computeIfAbsent(name, n -> start(n, artifact));
    return outcome.equals(STARTED) ? null : outcome;
  }

  private static String start(String name, String artifact) {
    String before = System.getProperty(TEMPORARY);
    Path folder = null;
    try {
      folder = Files.createTempDirectory("f2d4j-jcuda");
      System.setProperty(TEMPORARY, folder.toString());
      Class.forName(name, true, JCudaNatives.class.getClassLoader());
      return STARTED;
    } catch (ClassNotFoundException e) {
      return "JCuda is not on the class path: add " + artifact + " and its natives";
    } catch (LinkageError e) {
      return "JCuda's " + name + " does not start: " + shortened(e);
    } catch (IOException e) {
      return "JCuda's native library cannot be unpacked: " + e;
    } finally {
      if (before != null) {
        System.setProperty(TEMPORARY, before);
      }
      if (folder != null) {
        delete(folder);
      }
    }
  }

  /** JCuda's message is a page of advice; the reasons are what the loader said. */
  private static String shortened(LinkageError e) {
    String message = String.valueOf(e.getMessage());
    String reasons =
        message
            .lines()
            .map(String::strip)
            .filter(line -> line.contains(".so") || line.contains("UnsatisfiedLinkError"))
            .distinct()
            .limit(3)
            .reduce("", (a, b) -> a.isEmpty() ? b : a + " | " + b);
    return e.getClass().getSimpleName()
        + ": "
        + (reasons.isEmpty() ? message.lines().findFirst().orElse("") : reasons);
  }

  private static void delete(Path folder) {
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                throws IOException {
              Files.delete(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      // A loaded library may not be deleted on some systems; the folder stays in the temporary one.
      folder.toFile().deleteOnExit();
    }
  }
}
