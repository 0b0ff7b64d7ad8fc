package io.github.f2d4j.kernels.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.kernels.mock.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bindings slow the CPU backend's loops where they are loaded, so they must not be. The foreign
 * linker counts as one of them; the processor's matrix unit, which needs it too, is off here.
 */
class CpuOnlyTest {
  @TempDir Path folder;

  @Test
  void whoeverStaysOnTheCpuLoadsNothingOfTheBindings() throws IOException {
    Path log = folder.resolve("classes.log");
    String out =
        ChildJvm.run(
            List.of(
                "--add-modules",
                "jdk.incubator.vector",
                "-Df2d4j.backend=cpu",
                "-Df2d4j.amx=off",
                "-Xlog:class+load:file=" + log),
            CpuOnly.class,
            folder);
    assertTrue(out.contains("6.0"), out);
    List<String> loaded = Files.readAllLines(log);
    assertTrue(loaded.stream().anyMatch(l -> l.contains("f2d4j.kernels.CudaBackendProvider")));
    assertEquals(
        List.of(),
        loaded.stream()
            .filter(
                l ->
                    l.contains(" jcuda.")
                        || l.contains(" jdk.internal.foreign.abi.AbstractLinker")
                        || l.matches(
                            ".* io\\.github\\.f2d4j\\.kernels\\.(library|cuda|cublas|cudnn|setup)"
                                + "\\.(?!CpuOnly).*"))
            .toList());
  }
}
