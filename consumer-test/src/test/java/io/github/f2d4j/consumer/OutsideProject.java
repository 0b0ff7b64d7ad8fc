package io.github.f2d4j.consumer;

import java.io.File;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A Maven project in a folder of its own that depends on what the README says, and on no more. */
final class OutsideProject {
  private static final String POM =
      """
      <project xmlns="http://maven.apache.org/POM/4.0.0">
        <modelVersion>4.0.0</modelVersion>
        <groupId>org.example</groupId>
        <artifactId>outside</artifactId>
        <version>1</version>
        <properties>
          <maven.compiler.release>25</maven.compiler.release>
          <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
        </properties>
      @management@
        <dependencies>
      @dependency@
        </dependencies>
        <build>
          <pluginManagement>
            <plugins>
              <!-- The versions of the build around this test, which are there already. -->
              <plugin>
                <artifactId>maven-compiler-plugin</artifactId>
                <version>3.15.0</version>
              </plugin>
              <plugin>
                <artifactId>maven-dependency-plugin</artifactId>
                <version>3.9.0</version>
              </plugin>
              <plugin>
                <artifactId>maven-resources-plugin</artifactId>
                <version>3.4.0</version>
              </plugin>
            </plugins>
          </pluginManagement>
        </build>
      </project>
      """;

  private static final String BOM =
      """
        <dependencyManagement>
          <dependencies>
            <dependency>
              <groupId>io.github.f2d4j</groupId>
              <artifactId>f2d4j-bom</artifactId>
              @version@
              <type>pom</type>
              <scope>import</scope>
            </dependency>
          </dependencies>
        </dependencyManagement>
      """;

  private static final int TIMEOUT_MINUTES = 10;
  private static final boolean WINDOWS = File.separatorChar == '\\';

  private final Path folder;

  /** A project with the README's dependency and program in the new folder {@code folder}. */
  OutsideProject(Path folder, Readme readme) throws IOException {
    this(folder, readme, "", readme.dependency());
  }

  private OutsideProject(Path folder, Readme readme, String management, String dependency)
      throws IOException {
    this.folder = folder;
    write("pom.xml", POM.replace("@management@", management).replace("@dependency@", dependency));
    write("src/main/java/" + readme.mainClass().replace('.', '/') + ".java", readme.program());
    // Marks the root of the project, so that Maven does not take the folders above for it.
    write(".mvn/jvm.config", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC\n");
  }

  /** The same project with the version of the README's dependency left to the BOM. */
  static OutsideProject withBom(Path folder, Readme readme) throws IOException {
    String management = BOM.replace("@version@", readme.version());
    return new OutsideProject(
        folder, readme, management, readme.dependency().replace(readme.version(), ""));
  }

  /** Adds a source file. */
  void write(String name, String content) throws IOException {
    Path path = file(name);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
  }

  /** Compiles, and returns the class path of the dependencies. */
  List<Path> compile() throws IOException, InterruptedException {
    String list = file("class-path").toString();
    List<String> command = new ArrayList<>();
    command.add(Path.of(property("maven"), "bin", WINDOWS ? "mvn.cmd" : "mvn").toString());
    command.addAll(List.of("-B", "-q", "-ntp"));
    // Finds the jars just built; where other libraries were downloaded before, they are taken.
    command.add("-Dmaven.repo.local=" + property("staging"));
    command.add("-Dmaven.repo.local.tail=" + property("cache"));
    String settings = property("settings");
    if (Files.exists(Path.of(settings.substring(settings.indexOf('=') + 1)))) {
      command.add(settings);
    }
    if (property("offline").endsWith("=true")) {
      command.add("--offline");
    }
    command.addAll(List.of("compile", "dependency:build-classpath", "-Dmdep.outputFile=" + list));
    execute(command);
    return Stream.of(Files.readString(Path.of(list)).strip().split(File.pathSeparator))
        .map(Path::of)
        .toList();
  }

  /** The compiled classes. */
  Path classes() {
    return file("target/classes");
  }

  /** A file of the project. */
  Path file(String name) {
    return folder.resolve(name);
  }

  /** Runs {@code java} in the project's folder and returns what it said. */
  List<String> java(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    return execute(command);
  }

  private List<String> execute(List<String> command) throws IOException, InterruptedException {
    Path output = file("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    // The built-in model is to be unpacked here, not found where an earlier run left it.
    builder.environment().put("XDG_CACHE_HOME", file("cache").toString());
    Process process = builder.start();
    boolean ended = process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
    List<String> lines = Files.readAllLines(output, Charset.defaultCharset());
    if (!ended || process.exitValue() != 0) {
      throw new AssertionError(
          (ended
                  ? "exit code " + process.exitValue()
                  : "no end within " + TIMEOUT_MINUTES + " minutes")
              + " of "
              + String.join(" ", command)
              + "\n"
              + String.join("\n", lines));
    }
    return lines;
  }

  /** What the build hands to this test. */
  static String property(String name) {
    String value = System.getProperty("consumer." + name);
    if (value == null) {
      throw new AssertionError("consumer." + name + " is not set; run ./mvnw verify");
    }
    return value;
  }
}
