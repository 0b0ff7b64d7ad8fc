package io.github.f2d4j.model.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.model.demo.DemoModel.SampleFace;
import io.github.f2d4j.model.face.Landmarks;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoModelTest {
  /** Prints the folder of the model, as a program that uses the jar would. */
  static final class PrintFolder {
    private PrintFolder() {}

    public static void main(String[] args) throws IOException {
      System.out.print(DemoModel.open().folder());
    }
  }

  @Test
  void explodedClassesUseTheFilesInPlace() throws IOException {
    DemoModel model = DemoModel.open();
    assertEquals(resources(), model.folder());
    assertSame(model, DemoModel.open());
  }

  @Test
  void sumsListExactlyTheFilesOfTheModel() throws IOException {
    assertIntact(resources());
  }

  @Test
  void sampleFacesArePicturesWithFiveLandmarks() throws IOException {
    List<SampleFace> faces = DemoModel.open().faces();
    assertEquals(
        IntStream.rangeClosed(1, 8).mapToObj(i -> "face_" + i).toList(),
        faces.stream().map(SampleFace::name).toList());
    for (SampleFace face : faces) {
      assertNotNull(ImageIO.read(face.image().toFile()), face.name());
      assertEquals(Landmarks.FIVE, Landmarks.read(face.landmarks()).count(), face.name());
    }
    assertEquals(faces.get(1), DemoModel.open().face("face_2"));
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> DemoModel.open().face("face_9"));
    assertTrue(e.getMessage().contains("face_8"), e.getMessage());
  }

  @Test
  void severalProcessesUnpackOneJarAtOnce(@TempDir Path folder) throws Exception {
    Path jar = jar(folder.resolve("model.jar"));
    Path caches = folder.resolve("caches");
    List<Process> running = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      running.add(start(jar, caches, folder.resolve("out" + i)));
    }
    Set<Path> folders = new HashSet<>();
    for (int i = 0; i < running.size(); i++) {
      folders.add(result(running.get(i), folder.resolve("out" + i)));
    }
    assertEquals(1, folders.size(), folders.toString());
    Path unpacked = folders.iterator().next();
    assertTrue(unpacked.startsWith(caches), unpacked.toString());
    assertIntact(unpacked);

    Path damaged = unpacked.resolve("msid/model.safetensors");
    Files.writeString(damaged, "damaged");
    assertEquals(
        unpacked, result(start(jar, caches, folder.resolve("out")), folder.resolve("out")));
    assertIntact(unpacked);
  }

  private static Path resources() {
    return Path.of(URI.create(String.valueOf(DemoModel.class.getResource("SHA256SUMS"))))
        .getParent();
  }

  /** Every file of the folder is listed with its hash, and the other way round. */
  private static void assertIntact(Path folder) throws IOException {
    Sha256Sums sums;
    try (InputStream in = DemoModel.class.getResourceAsStream("SHA256SUMS")) {
      sums =
          Sha256Sums.parse(new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
    }
    TreeMap<String, String> found = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(file).toString().replace(File.separatorChar, '/');
        if (!name.equals("SHA256SUMS") && !name.endsWith(".class")) {
          try (InputStream in = Files.newInputStream(file)) {
            found.put(name, Sha256Sums.hash(in));
          }
        }
      }
    }
    assertEquals(sums.files(), found);
  }

  /** The classes and resources of this package as a jar. */
  private static Path jar(Path target) throws Exception {
    Path classes =
        Path.of(DemoModel.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    String packageFolder = DemoModel.class.getPackageName().replace('.', '/');
    try (OutputStream out = Files.newOutputStream(target);
        JarOutputStream jar = new JarOutputStream(out)) {
      for (Path root : new HashSet<>(List.of(classes.resolve(packageFolder), resources()))) {
        try (Stream<Path> all = Files.walk(root)) {
          for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
            String name = root.relativize(file).toString().replace(File.separatorChar, '/');
            jar.putNextEntry(new JarEntry(packageFolder + "/" + name));
            Files.copy(file, jar);
          }
        }
      }
    }
    return target;
  }

  /** A JVM in which the package comes from {@code jar}. */
  private static Process start(Path jar, Path caches, Path output) throws IOException {
    String surefire = System.getProperty("surefire.test.class.path");
    String path = surefire != null ? surefire : System.getProperty("java.class.path");
    String rest =
        String.join(
            File.pathSeparator,
            Arrays.stream(path.split(File.pathSeparator)).filter(e -> !e.isEmpty()).toList());
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-cp",
            jar + File.pathSeparator + rest,
            PrintFolder.class.getName());
    builder.environment().put("XDG_CACHE_HOME", caches.toString());
    return builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
  }

  private static Path result(Process process, Path output) throws Exception {
    boolean ended = process.waitFor(2, TimeUnit.MINUTES);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    String printed = Files.readString(output);
    assertTrue(ended && process.exitValue() == 0, printed);
    return Path.of(printed);
  }
}
