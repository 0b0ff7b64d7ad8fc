package io.github.f2d4j.kernels.cuda;

import static io.github.f2d4j.kernels.mock.MockLibrary.expected;
import static io.github.f2d4j.kernels.mock.MockLibrary.p;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.f2d4j.kernels.catalog.Dim3;
import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.library.NativeLibrary;
import io.github.f2d4j.kernels.mock.MockLibrary;
import io.github.f2d4j.kernels.mock.Mocks;
import io.github.f2d4j.kernels.mock.SignaturesReachTheLibrary;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

class DriverApiTest {
  @TempDir(cleanup = CleanupMode.ALWAYS)
  static Path folder;

  private static Mocks mocks;
  private static MockLibrary mock;
  private static DriverApi api;

  @BeforeAll
  static void build() throws IOException {
    mocks = Mocks.in(folder).driver();
    mock = MockLibrary.load(folder, NativeLibrary.DRIVER, 1);
    api = new DriverApi(mock.library());
  }

  @BeforeEach
  void reset() {
    mock.reset();
  }

  @TestFactory
  Stream<DynamicTest> argumentsArrive() {
    return SignaturesReachTheLibrary.tests(DriverApi.SIGNATURES, mock);
  }

  @Test
  void theMockHasEveryFunction() {
    DriverApi.SIGNATURES
        .signatures()
        .forEach(s -> assertTrue(mock.library().has(s.name()), s.name()));
  }

  @Test
  void theMockIsWhatCudaHeaderDeclares() {
    Path header = Path.of("/usr/local/cuda/include/cuda.h");
    assumeTrue(Files.exists(header), "no " + header + " to compare the mock with");
    assertEquals(
        "", mocks.check("cuda.c", List.of("-DWITH_CUDA_HEADER", "-I" + header.getParent())));
  }

  @Test
  void numbersComeBack() {
    mock.set("version", 12040).set("devices", 3);
    api.initialize();
    assertEquals(12040, api.version());
    assertEquals(3, api.deviceCount());
    assertEquals(42, api.device(2));
    assertEquals("Mock GPU 42", api.deviceName(42));
    assertEquals(1097, api.deviceAttribute(42, DriverApi.SHARED_MEMORY_OPTIN));
    assertEquals(139L << 30, api.totalMemory(42));
    assertEquals(5L << 32, api.freeMemory());
    assertEquals(508, api.functionAttribute(p(0x70), DriverApi.MAX_DYNAMIC_SHARED));
    assertEquals(1.25f, api.elapsedMillis(1, 2));
    assertTrue(mock.callOf("cuEventElapsedTime").endsWith(" 1 2"));
  }

  @Test
  void aLaunchHandsOverItsArguments() {
    try (Arena arena = Arena.ofConfined()) {
      LaunchArguments arguments =
          new LaunchArguments(arena, 3).set(0, 0x7fab_cdef_0123_4567L).set(1, -7).set(2, 0.125f);
      api.launch(
          p(0xf00000000fL),
          new Dim3(1, 2, 3),
          new Dim3(128, 4, 5),
          98304,
          p(0x55_0000_0055L),
          arguments.pointers());
      assertEquals(
          List.of(
              expected(
                  "cuLaunchKernel",
                  p(0xf00000000fL),
                  1,
                  2,
                  3,
                  128,
                  4,
                  5,
                  98304,
                  p(0x55_0000_0055L),
                  arguments.pointers(),
                  MemorySegment.NULL),
              expected("arguments", 0x7fab_cdef_0123_4567L, -7, 0.125f)),
          mock.calls());
    }
  }

  @Test
  void aRefusedKernelShowsTheCompilersLog() {
    mock.set("cuModuleLoadDataEx", 218);
    CudaException e = assertThrows(CudaException.class, () -> api.loadModule(".version 7.0"));
    assertEquals(218, e.status().getAsInt());
    assertEquals("CUDA_ERROR_INVALID_PTX", e.statusName());
    assertTrue(e.statusText().contains("ptxas: line 3 | syntax error"), e.getMessage());
  }

  @Test
  void modulesGiveKernelsAndVariables() {
    long module = api.loadModule(".version 7.0");
    assertEquals(0x6000000061L, module);
    assertEquals(0x7000000000L + 'g', api.function(module, "group_norm").address());
    assertEquals(0x7fff12345678L, api.global(module, "table"));
    api.unloadModule(module);
    assertEquals(expected("cuModuleUnload", p(module)), mock.callOf("cuModuleUnload"));
  }

  @Test
  void anErrorCarriesAllThereIsToKnow() {
    mock.set("cuDeviceGetCount", 100);
    CudaException e = assertThrows(CudaException.class, api::deviceCount);
    assertEquals("cuDeviceGetCount", e.call());
    assertEquals(100, e.status().getAsInt());
    assertEquals("CUDA_ERROR_NO_DEVICE", e.statusName());
    assertEquals("no CUDA-capable device is detected", e.statusText());
    assertTrue(e.remedy().contains("nvidia-smi"), e.remedy());
    assertTrue(e.library().contains(folder.toString()), e.library());
    for (String part : List.of("cuDeviceGetCount", "100", e.statusName(), e.statusText())) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }

  @Test
  void aStatusThatTheDriverDoesNotKnowIsStillReported() {
    mock.set("cuDeviceGetCount", 9999);
    CudaException e = assertThrows(CudaException.class, api::deviceCount);
    assertEquals(9999, e.status().getAsInt());
    assertTrue(e.getMessage().contains("unknown to this driver"), e.getMessage());
  }

  @Test
  void argumentsAndSizesAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> new Dim3(1, 0, 1));
    try (Arena arena = Arena.ofConfined()) {
      LaunchArguments two = new LaunchArguments(arena, 2);
      assertThrows(IndexOutOfBoundsException.class, () -> two.set(2, 1L));
    }
  }
}
