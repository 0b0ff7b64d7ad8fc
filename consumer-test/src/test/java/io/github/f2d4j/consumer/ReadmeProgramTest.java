package io.github.f2d4j.consumer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What the README promises to users of the library: its dependency and its program, copied as they
 * are into a project outside of this build, compile and run in every way that its table of flags
 * lists.
 */
class ReadmeProgramTest {
  private static final String FLAG = "--add-modules jdk.incubator.vector";
  private static final String INCUBATOR_NOTICE = "Using incubator modules: jdk.incubator.vector";
  private static final Path FOLDER = Path.of(OutsideProject.property("folder"));

  private static Readme readme;

  /** The first picture drawn: the others must be the same, whatever the flags. */
  private static byte[] picture;

  @BeforeAll
  static void readReadme() throws IOException {
    delete(FOLDER);
    readme = Readme.read(Path.of(OutsideProject.property("readme")));
  }

  @Test
  void classPath() throws Exception {
    OutsideProject project = new OutsideProject(FOLDER.resolve("class-path"), readme);
    String classPath = path(project);

    List<String> quick =
        project.java(
            List.of(
                "--add-modules",
                "jdk.incubator.vector",
                "--class-path",
                classPath,
                readme.mainClass()));
    assertEquals(List.of(), messages(quick));
    assertDrawn(project);

    // Plain loops: slower, and one message says why.
    List<String> slow = project.java(List.of("--class-path", classPath, readme.mainClass()));
    List<String> advice = slow.stream().filter(line -> line.contains(FLAG)).toList();
    assertEquals(1, advice.size(), () -> String.join("\n", slow));
    assertDrawn(project);
  }

  @Test
  void modulePath() throws Exception {
    OutsideProject project = new OutsideProject(FOLDER.resolve("module-path"), readme);
    project.write(
        "src/main/java/module-info.java",
        "module outside {\n  requires io.github.f2d4j.model;\n}\n");

    List<String> said =
        project.java(
            List.of("--module-path", path(project), "--module", "outside/" + readme.mainClass()));
    assertEquals(List.of(), messages(said));
    assertDrawn(project);
  }

  /** With the bill of materials the dependency needs no version. */
  @Test
  void billOfMaterials() throws Exception {
    OutsideProject project = OutsideProject.withBom(FOLDER.resolve("bom"), readme);
    assertTrue(path(project).contains("f2d4j-model"));
  }

  /** Compiles; what the project depends on must be the jars of this build. */
  private static String path(OutsideProject project) throws Exception {
    List<Path> dependencies = project.compile();
    Path staging = Path.of(OutsideProject.property("staging"));
    List<Path> own =
        dependencies.stream()
            .filter(jar -> jar.getFileName().toString().startsWith("f2d4j-"))
            .toList();
    assertTrue(own.size() > 1, () -> "of this project only " + own);
    own.forEach(jar -> assertTrue(jar.startsWith(staging), () -> jar + " is not in " + staging));
    List<Path> all = new ArrayList<>(dependencies);
    all.addFirst(project.classes());
    return all.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /** What the program said, without what the JVM says of its flags and of incubating modules. */
  private static List<String> messages(List<String> output) {
    return output.stream()
        .filter(line -> !line.contains(INCUBATOR_NOTICE) && !line.startsWith("Picked up "))
        .toList();
  }

  /** Checks the picture, and takes it away for the next run. */
  private static void assertDrawn(OutsideProject project) throws IOException {
    Path file = project.file("beach.png");
    byte[] bytes = Files.readAllBytes(file);
    assertEquals("89504e470d0a1a0a", HexFormat.of().formatHex(bytes, 0, 8), "signature of PNG");
    assertEquals(64, ByteBuffer.wrap(bytes).getInt(16), "width");
    assertEquals(64, ByteBuffer.wrap(bytes).getInt(20), "height");
    int[] pixels = ImageIO.read(file.toFile()).getRGB(0, 0, 64, 64, null, 0, 64);
    assertTrue(Arrays.stream(pixels).distinct().count() > 100, "almost one colour");
    if (picture == null) {
      picture = bytes;
    }
    assertArrayEquals(picture, bytes, "another picture than with the flags before");
    Files.delete(file);
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
