package io.github.f2d4j.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.backend.BackendProvider;
import io.github.f2d4j.engine.backend.BackendProvider.Finding;
import io.github.f2d4j.engine.backend.BackendProvider.Unavailable;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.kernels.library.LibraryLoader;
import io.github.f2d4j.kernels.library.SearchPath;
import io.github.f2d4j.kernels.setup.CudaSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaBackendProviderTest {
  @TempDir Path devices;

  @Test
  void isFoundThroughServiceLoader() {
    List<String> names =
        ServiceLoader.load(BackendProvider.class).stream().map(p -> p.get().name()).toList();
    assertTrue(names.contains("cuda"), names::toString);
  }

  @Test
  void engineKeepsItsReasons() {
    Unavailable answer = assertInstanceOf(Unavailable.class, Backends.available().get("cuda"));
    assertFalse(answer.reasons().isEmpty());
  }

  @Test
  void theDoctorIsToldAboutTheDriverAndWhatIsLeft() {
    List<String> subjects = Backends.examine().stream().map(Finding::subject).toList();
    assertTrue(subjects.contains("cuda driver"), subjects::toString);
    assertEquals("cuda mode", subjects.getLast());
    assertFalse(Backends.examine().stream().anyMatch(f -> f.text().isBlank()));
  }

  @Test
  void bareLinuxLacksTheDevice() {
    List<String> reasons = reasons("Linux", null);
    assertEquals(1, reasons.size(), reasons::toString);
    assertTrue(reasons.get(0).contains(devices.resolve("nvidiactl").toString()), reasons::toString);
  }

  @Test
  void nothingIsLookedAtForAnotherBackend() throws IOException {
    Files.createFile(devices.resolve("nvidiactl"));
    assertEquals(
        List.of("not looked for, since -Df2d4j.backend asks for cpu"), reasons("Linux", "cpu"));
  }

  @Test
  void aDeviceWithoutADriverTellsWhatTheSetupFound() throws IOException {
    Files.createFile(devices.resolve("nvidiactl"));
    List<String> reasons = reasons("Linux", "cuda");
    assertTrue(
        reasons.getFirst().startsWith("cuda driver: libcuda.so.1 is in none of"),
        reasons::toString);
    assertTrue(reasons.getLast().startsWith("cuda mode: "), reasons::toString);
  }

  @Test
  void devicesHaveNumbers() throws IOException {
    Files.createFile(devices.resolve("nvidiactl"));
    assertTrue(reasons("Linux", "cuda:1").getFirst().startsWith("cuda driver: "));
    IllegalArgumentException none =
        assertThrows(IllegalArgumentException.class, () -> Backends.get("cuda:1"));
    assertTrue(none.getMessage().startsWith("backend cuda:1 is unavailable: "), none::getMessage);
    assertEquals(Backends.get("cpu"), Backends.get("cpu:0"));
    assertThrows(IllegalArgumentException.class, () -> Backends.get("cpu:1"));
    assertThrows(IllegalArgumentException.class, () -> Backends.get("abacus:0"));
  }

  @Test
  void gpuUnderWslHasAnotherDeviceNode() throws IOException {
    Files.createFile(devices.resolve("dxg"));
    assertTrue(reasons("Linux", null).getFirst().startsWith("cuda driver: "));
  }

  @Test
  void otherSystemsAreNamed() {
    List<String> reasons = reasons("Mac OS X", null);
    assertEquals(1, reasons.size(), reasons::toString);
    assertTrue(reasons.get(0).contains("Mac OS X"), reasons::toString);
  }

  /** The reasons of a machine with these device nodes and no driver. */
  private List<String> reasons(String os, String wanted) {
    var provider =
        new CudaBackendProvider(
            new DriverProbe(os, devices),
            () -> CudaSetup.examine(new LibraryLoader(new SearchPath(List.of()), false), null),
            wanted);
    return assertInstanceOf(Unavailable.class, provider.probe()).reasons();
  }
}
