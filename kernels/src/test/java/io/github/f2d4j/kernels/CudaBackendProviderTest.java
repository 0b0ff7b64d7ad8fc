package io.github.f2d4j.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.backend.BackendProvider;
import io.github.f2d4j.engine.backend.BackendProvider.Finding;
import io.github.f2d4j.engine.backend.BackendProvider.Unavailable;
import io.github.f2d4j.engine.backend.Backends;
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
    assertTrue(answer.reasons().contains(CudaBackendProvider.NO_KERNELS), answer::toString);
  }

  @Test
  void theDoctorIsToldAboutTheDriverAndWhatIsLeft() {
    List<String> subjects = Backends.examine().stream().map(Finding::subject).toList();
    assertTrue(subjects.contains("cuda driver"), subjects::toString);
    assertEquals("cuda mode", subjects.getLast());
    assertFalse(Backends.examine().stream().anyMatch(f -> f.text().isBlank()));
  }

  @Test
  void bareLinuxLacksDeviceAndBackend() {
    List<String> reasons = reasons("Linux");
    assertEquals(2, reasons.size(), reasons::toString);
    assertTrue(reasons.get(0).contains(devices.resolve("nvidiactl").toString()), reasons::toString);
    assertEquals(CudaBackendProvider.NO_KERNELS, reasons.get(1));
  }

  @Test
  void machineWithGpuLacksOnlyTheBackend() throws IOException {
    Files.createFile(devices.resolve("nvidiactl"));
    assertEquals(List.of(CudaBackendProvider.NO_KERNELS), reasons("Linux"));
  }

  @Test
  void gpuUnderWslHasAnotherDeviceNode() throws IOException {
    Files.createFile(devices.resolve("dxg"));
    assertEquals(List.of(CudaBackendProvider.NO_KERNELS), reasons("Linux"));
  }

  @Test
  void windowsHasNoDeviceNodes() {
    assertEquals(List.of(CudaBackendProvider.NO_KERNELS), reasons("Windows 11"));
  }

  @Test
  void otherSystemsAreNamed() {
    List<String> reasons = reasons("Mac OS X");
    assertEquals(2, reasons.size(), reasons::toString);
    assertTrue(reasons.get(0).contains("Mac OS X"), reasons::toString);
  }

  private List<String> reasons(String os) {
    var provider = new CudaBackendProvider(new DriverProbe(os, devices));
    return assertInstanceOf(Unavailable.class, provider.probe()).reasons();
  }
}
