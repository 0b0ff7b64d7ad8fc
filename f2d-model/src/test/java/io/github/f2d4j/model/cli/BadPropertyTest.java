package io.github.f2d4j.model.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a JVM decides once, by system properties, is refused as a wrong option is. */
class BadPropertyTest {
  @ParameterizedTest
  @CsvSource({
    "f2d4j.amx=on, 'expected auto or off, or leave it unset for auto'",
    "f2d4j.cpu.precision=tf32, 'expected highest, high or medium, or leave it unset for highest'",
    "f2d4j.lanes=7, 'expected 512, 256, 128 or scalar, or leave it unset for the width this"
        + " processor prefers'"
  })
  void itIsToldInOneLine(String property, String expected) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-D" + property,
                "-cp",
                System.getProperty("java.class.path"),
                F2d.class.getName(),
                "doctor")
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(ExitCode.USAGE.code(), process.waitFor(), out);
    String name = property.substring(0, property.indexOf('='));
    String value = property.substring(property.indexOf('=') + 1);
    String last = out.strip().lines().reduce("", (a, b) -> b);
    assertEquals("f2d: system property " + name + " is \"" + value + "\"; " + expected, last, out);
  }
}
