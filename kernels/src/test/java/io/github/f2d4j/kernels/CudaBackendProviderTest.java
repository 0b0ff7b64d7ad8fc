package io.github.f2d4j.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.backend.BackendProvider;
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
  void bareLinuxLacksDeviceLibraryAndKernels() {
    List<String> reasons = reasons("Linux", name -> name + " is not there");
    assertEquals(3, reasons.size(), reasons::toString);
    assertTrue(reasons.get(0).contains(devices.resolve("nvidiactl").toString()), reasons::toString);
    assertEquals("libcuda.so.1 is not there", reasons.get(1));
    assertEquals(CudaBackendProvider.NO_KERNELS, reasons.get(2));
  }

  @Test
  void machineWithGpuAndDriverLacksOnlyKernels() throws IOException {
    Files.createFile(devices.resolve("nvidiactl"));
    assertEquals(List.of(CudaBackendProvider.NO_KERNELS), reasons("Linux", name -> null));
  }

  @Test
  void gpuUnderWslHasAnotherDeviceNode() throws IOException {
    Files.createFile(devices.resolve("dxg"));
    assertEquals(List.of(CudaBackendProvider.NO_KERNELS), reasons("Linux", name -> null));
  }

  @Test
  void windowsHasAnotherLibraryAndNoDeviceNodes() {
    assertEquals(
        List.of("nvcuda.dll is not there", CudaBackendProvider.NO_KERNELS),
        reasons("Windows 11", name -> name + " is not there"));
  }

  @Test
  void otherSystemsAreNamed() {
    List<String> reasons = reasons("Mac OS X", name -> "must not be asked");
    assertEquals(2, reasons.size(), reasons::toString);
    assertTrue(reasons.get(0).contains("Mac OS X"), reasons::toString);
  }

  @Test
  void absentLibraryIsReportedByName() {
    String failure = DriverLibrary.failure("libf2d4j_absent.so.1");
    assertNotNull(failure);
    assertTrue(failure.contains("libf2d4j_absent.so.1"), failure);
  }

  private List<String> reasons(String os, DriverProbe.LibraryCheck library) {
    var provider = new CudaBackendProvider(new DriverProbe(os, devices, library));
    return assertInstanceOf(Unavailable.class, provider.probe()).reasons();
  }
}
