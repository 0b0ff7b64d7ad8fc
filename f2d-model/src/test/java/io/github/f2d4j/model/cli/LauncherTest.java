package io.github.f2d4j.model.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code f2d}: in a folder that looks built, with this JVM or with one that is played.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher script runs on POSIX shells")
class LauncherTest {
  private static final Path SCRIPT = Path.of("..", "f2d");

  /** Says what a JVM and the program would, then ends as its arguments ask. */
  private static final String PLAYED =
      """
      #!/usr/bin/env bash
      echo 'WARNING: Using incubator modules: jdk.incubator.vector' >&2
      echo 'WARNING: something else' >&2
      for argument; do last=$argument; done
      echo "program: $last" >&3
      echo $$
      case $last in
        wait) exec sleep 60 >/dev/null ;;
        *) printf 'no line' >&2; exit 7 ;;
      esac
      """;

  @TempDir Path root;

  @BeforeEach
  void looksBuilt() throws IOException {
    Files.copy(SCRIPT, root.resolve("f2d"), StandardCopyOption.COPY_ATTRIBUTES);
    Path build = Files.createDirectories(root.resolve("f2d-model/target"));
    Files.createFile(build.resolve("built"));
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath());
    Path jar = build.resolve("f2d4j-model-1.jar");
    new JarOutputStream(Files.newOutputStream(jar), manifest).close();
  }

  @Test
  void hidesOnlyTheNoticeAndKeepsTheExitCode() throws Exception {
    assertEquals(7, run(playedJdk(), "generate", "a  b*"));
    assertEquals(
        List.of("WARNING: something else", "no line", "program: a  b*"),
        said().lines().sorted().toList());
  }

  @Test
  void theScriptBecomesTheJvmSoThatSignalsReachIt() throws Exception {
    Process process =
        builder(playedJdk(), List.of(root.resolve("f2d").toString(), "wait"))
            .redirectError(root.resolve("said").toFile())
            .start();
    assertEquals(Long.toString(process.pid()), process.inputReader().readLine());
    process.destroy();
    assertEquals(128 + 15, exitCode(process));
  }

  @Test
  void aMessageOfTheProgramIsAllThatComes() throws Exception {
    Path jdk = Path.of(System.getProperty("java.home"));
    assertEquals(ExitCode.USAGE.code(), run(jdk, "encode", "--fase=x.png"));
    assertTrue(said().startsWith("Unknown option: '--fase=x.png'"), said());
    assertFalse(said().contains("incubator"), said());
  }

  /** Runs the script until its filter has ended too; returns its exit code. */
  private int run(Path jdk, String... arguments) throws IOException, InterruptedException {
    // Not read by this JVM, which would close what it reads as soon as the script ends.
    String through = "{ \"$0\" \"$@\"; echo $? >code; } 2>&1 >out | cat >said";
    List<String> command = new ArrayList<>(List.of("sh", "-c", through));
    command.add(root.resolve("f2d").toString());
    command.addAll(List.of(arguments));
    assertEquals(0, exitCode(builder(jdk, command).start()));
    return Integer.parseInt(Files.readString(root.resolve("code")).strip());
  }

  private String said() throws IOException {
    return Files.readString(root.resolve("said"));
  }

  private ProcessBuilder builder(Path jdk, List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(root.toFile());
    builder.environment().put("JAVA_HOME", jdk.toString());
    builder.environment().remove("F2D_JAVA_OPTS");
    return builder;
  }

  private static int exitCode(Process process) throws InterruptedException {
    assertTrue(process.waitFor(5, TimeUnit.MINUTES), "no end");
    return process.exitValue();
  }

  private Path playedJdk() throws IOException {
    Path jdk = root.resolve("jdk");
    Path java = Files.createDirectories(jdk.resolve("bin")).resolve("java");
    Files.writeString(java, PLAYED);
    assertTrue(java.toFile().setExecutable(true));
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.3\"\n");
    return jdk;
  }

  /** This JVM's class path, as a manifest wants it. */
  private static String classPath() {
    String surefire = System.getProperty("surefire.test.class.path");
    String path = surefire != null ? surefire : System.getProperty("java.class.path");
    return Arrays.stream(path.split(File.pathSeparator, -1))
        .map(entry -> Path.of(entry).toUri().toString())
        .collect(Collectors.joining(" "));
  }
}
