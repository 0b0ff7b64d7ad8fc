package io.github.f2d4j.kernels.cublas;

import static io.github.f2d4j.kernels.mock.MockLibrary.expected;
import static io.github.f2d4j.kernels.mock.MockLibrary.p;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.library.NativeLibrary;
import io.github.f2d4j.kernels.mock.MockLibrary;
import io.github.f2d4j.kernels.mock.Mocks;
import io.github.f2d4j.kernels.mock.SignaturesReachTheLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FfmCublasTest {
  private static final long HANDLE = 0x1111222233334444L;

  @TempDir static Path folder;

  @BeforeAll
  static void build() throws IOException {
    Mocks.in(folder).blasWithLt(12).blasWithLt(13);
  }

  /** cuBLAS, after the cuBLASLt that it needs. */
  private static MockLibrary blas(int major) {
    lt(major);
    return MockLibrary.load(folder, NativeLibrary.CUBLAS, major);
  }

  private static MockLibrary lt(int major) {
    return MockLibrary.load(folder, NativeLibrary.CUBLAS_LT, major);
  }

  @TestFactory
  Stream<DynamicTest> argumentsArriveInCublas() {
    return SignaturesReachTheLibrary.tests(FfmCublas.SIGNATURES, blas(13));
  }

  @TestFactory
  Stream<DynamicTest> argumentsArriveInCublasStatus() {
    return SignaturesReachTheLibrary.tests(CublasStatus.SIGNATURES, blas(13));
  }

  @TestFactory
  Stream<DynamicTest> argumentsArriveInCublasLt() {
    return SignaturesReachTheLibrary.tests(CublasLt.SIGNATURES, lt(13));
  }

  @Test
  void theMocksHaveEveryFunction() {
    assertEquals(List.of(), CublasProvider.FFM.obstacles(blas(13).library()));
    CublasLt.SIGNATURES
        .signatures()
        .forEach(s -> assertTrue(lt(13).library().has(s.name()), s.name()));
  }

  /** As the manual's tables have them: result, then arguments. */
  @Test
  void longSignaturesAreWhatTheManualSays() {
    assertEquals("I:PIIIIIPPIIPIIPPIIII", letters("cublasGemmEx"));
    assertEquals("I:PIIIIIPPIIJPIIJPPIIJIII", letters("cublasGemmStridedBatchedEx"));
    assertEquals("I:PPPPPPPIPP", letters("cublasLtMatmulAlgoGetHeuristic"));
    assertEquals("I:PPPPPPPPPPPPPPJP", letters("cublasLtMatmul"));
    assertEquals("I:PIJJJ", letters("cublasLtMatrixLayoutCreate"));
    assertEquals("I:PIPJ", letters("cublasLtMatmulDescSetAttribute"));
  }

  private static String letters(String name) {
    return Stream.of(FfmCublas.SIGNATURES, CublasLt.SIGNATURES)
        .flatMap(t -> t.signatures().stream())
        .filter(s -> s.name().equals(name))
        .findFirst()
        .orElseThrow()
        .letters();
  }

  @ParameterizedTest
  @ValueSource(ints = {12, 13})
  void versionsOfCudaAreToldApart(int major) {
    try (CudaBlas blas = CublasProvider.FFM.open(blas(major).library(), null)) {
      assertEquals(major * 10000, blas.version());
      assertTrue(blas.describe().contains("libcublas.so." + major), blas.describe());
      assertTrue(blas.fused().isEmpty());
    }
  }

  @Test
  void aLinearLayerIsTheProductOfItsTransposedWeights() {
    MockLibrary mock = blas(13);
    try (CudaBlas blas = CublasProvider.FFM.open(mock.library(), null)) {
      blas.setStream(0x77_0000_0077L);
      blas.setMathMode(MathMode.FULL_PRECISION_SUMS);
      blas.setWorkspace(0x500_0000_0000L, 5L << 32);
      mock.reset();
      Gemm linear =
          Gemm.linear(8192, 1280, 320, DataType.FLOAT16, 1.5f, -0.25f, ComputeType.FLOAT32);
      blas.gemm(linear, 0x7f0000000100L, 0x7f0000000200L, 0x7f0000000300L);
      List<String> calls = mock.calls();
      String[] got = calls.get(0).split(" ", -1);
      // Where alpha and beta lie is the binding's own affair.
      String want =
          expected(
              "cublasGemmEx",
              p(HANDLE),
              1,
              0,
              320,
              8192,
              1280,
              address(got, 7),
              p(0x7f0000000100L),
              2,
              1280,
              p(0x7f0000000200L),
              2,
              1280,
              address(got, 14),
              p(0x7f0000000300L),
              2,
              320,
              68,
              -1);
      assertEquals(want, calls.get(0));
      assertEquals(expected("factors", 1.5f, -0.25f), calls.get(1));
    }
  }

  private static java.lang.foreign.MemorySegment address(String[] call, int argument) {
    return p(Long.parseUnsignedLong(call[1 + argument], 16));
  }

  @Test
  void settingsReachTheLibrary() {
    MockLibrary mock = blas(12);
    try (CudaBlas blas = CublasProvider.FFM.open(mock.library(), null)) {
      mock.reset();
      blas.setStream(0x77_0000_0077L);
      blas.setMathMode(MathMode.FULL_PRECISION_SUMS);
      blas.setWorkspace(0x500_0000_0000L, 5L << 32);
      assertEquals(
          List.of(
              expected("cublasSetStream_v2", p(HANDLE), p(0x77_0000_0077L)),
              expected("cublasSetMathMode", p(HANDLE), 16),
              expected("cublasSetWorkspace_v2", p(HANDLE), p(0x500_0000_0000L), 5L << 32)),
          mock.calls());
    }
    assertEquals(expected("cublasDestroy_v2", p(HANDLE)), mock.callOf("cublasDestroy_v2"));
  }

  @Test
  void batchesHaveStridesBeyond32Bits() {
    MockLibrary mock = blas(13);
    try (CudaBlas blas = CublasProvider.FFM.open(mock.library(), null)) {
      mock.reset();
      Gemm gemm =
          new Gemm(
              false,
              true,
              4096,
              77,
              40,
              2f,
              DataType.BFLOAT16,
              4097,
              DataType.FLOAT16,
              78,
              3f,
              DataType.FLOAT32,
              4098,
              ComputeType.FLOAT32_FAST_FLOAT16);
      blas.gemmStridedBatched(gemm, 0xa1, 5000000001L, 0xa2, -3L, 0xa3, 6000000002L, 16);
      String[] got = mock.calls().getFirst().split(" ", -1);
      assertEquals(
          expected(
              "cublasGemmStridedBatchedEx",
              p(HANDLE),
              0,
              1,
              4096,
              77,
              40,
              address(got, 7),
              p(0xa1),
              14,
              4097,
              5000000001L,
              p(0xa2),
              2,
              78,
              -3L,
              address(got, 16),
              p(0xa3),
              0,
              4098,
              6000000002L,
              16,
              74,
              -1),
          mock.calls().getFirst());
    }
  }

  @Test
  void aFailureSpeaksTheLibrarysWords() {
    MockLibrary mock = blas(13);
    try (CudaBlas blas = CublasProvider.FFM.open(mock.library(), null)) {
      mock.set("cublasGemmEx", 15);
      Gemm gemm = Gemm.linear(2, 3, 4, DataType.FLOAT32, 1, 0, ComputeType.FLOAT32);
      CudaException e = assertThrows(CudaException.class, () -> blas.gemm(gemm, 1, 2, 3));
      assertEquals("cublasGemmEx", e.call());
      assertEquals(15, e.status().getAsInt());
      assertEquals("CUBLAS_STATUS_NOT_SUPPORTED", e.statusName());
      assertEquals("the functionality is not supported", e.statusText());
      assertTrue(e.remedy().contains("data type"), e.remedy());
    }
    mock.set("cublasCreate_v2", 3);
    CudaException e =
        assertThrows(
            CudaException.class, () -> CublasProvider.FFM.open(mock.library(), null).close());
    assertEquals("CUBLAS_STATUS_ALLOC_FAILED", e.statusName());
    assertTrue(e.remedy().contains("memory"), e.remedy());
  }

  @Test
  void aFusedProductIsDescribedProposedAndRun() {
    MockLibrary mock = lt(12);
    MockLibrary cublas = blas(12);
    try (CudaBlas blas = CublasProvider.FFM.open(cublas.library(), mock.library())) {
      CublasLt lt = blas.fused().orElseThrow();
      mock.reset();
      Gemm linear = Gemm.linear(7, 5, 3, DataType.FLOAT16, 1.5f, 1f, ComputeType.FLOAT32);
      try (LtMatmul product = lt.prepare(linear, Epilogue.GELU_BIAS, 0x7b_0000_0001L, 6L << 32)) {
        List<String> set =
            mock.calls().stream()
                .filter(c -> c.contains("SetAttribute ") || c.startsWith("value "))
                .map(FfmCublasTest::withoutBuffer)
                .toList();
        assertEquals(
            List.of(
                "3 4",
                "1",
                "4 4",
                "0",
                "7 4",
                "24",
                "8 8",
                "7b00000001",
                "1a 4",
                "2",
                "1 8",
                "600000000",
                "5 4",
                "10",
                "6 4",
                "10",
                "7 4",
                "10",
                "8 4",
                "10"),
            set);
        assertEquals(
            List.of("2 5 3 5", "2 5 7 5", "2 3 7 3"),
            mock.calls().stream()
                .filter(c -> c.startsWith("cublasLtMatrixLayoutCreate"))
                .map(c -> c.split(" ", 4)[3])
                .toList());
        assertEquals(2, product.algorithms(), "one of three cannot be used");
        assertEquals(5L << 32, product.workspaceBytes());
        product.choose(1);
        assertEquals((5L << 32) + 2, product.workspaceBytes());
        mock.reset();
        product.setBias(0x7b_0000_0002L);
        assertEquals(
            List.of("8 8", "7b00000002"),
            mock.calls().stream().map(FfmCublasTest::withoutBuffer).toList());
        mock.reset();
        product.run(0xa01, 0xb02, 0xc03, 0xd04, 0xe05, 7L << 32, 0xf06);
        String[] got = mock.calls().getFirst().split(" ", -1);
        assertEquals("PPPPPPPPPPPPPPJP", got[1]);
        assertEquals(List.of("1212121234343434", "5151515151"), Arrays.asList(got).subList(2, 4));
        assertEquals(List.of("a01", "6100050003", "b02", "6100050007"), words(got, 5, 9));
        assertEquals(List.of("c03", "6100030007", "d04", "6100030007"), words(got, 10, 14));
        assertEquals(List.of("e05", "700000000", "f06"), words(got, 15, 18));
        assertEquals(expected("chosen", 1.5f, 1f, 0xa102L, 0xa702L), mock.callOf("chosen"));
        assertThrows(IndexOutOfBoundsException.class, () -> product.choose(2));
      }
      assertEquals(3, mock.calls().stream().filter(c -> c.contains("LayoutDestroy")).count());
    }
  }

  private static List<String> words(String[] call, int from, int to) {
    return Arrays.asList(call).subList(from, to);
  }

  /** Attribute and size, or the value. */
  private static String withoutBuffer(String call) {
    String[] words = call.split(" ", -1);
    return words[0].equals("value") ? words[2] : words[3] + " " + words[5];
  }

  @Test
  void aFusedProductThatNoAlgorithmDoesIsRefused() {
    MockLibrary mock = lt(13);
    try (CublasLt lt = new CublasLt(mock.library(), blas(13).library())) {
      mock.set("proposals", 0);
      Gemm gemm = Gemm.linear(7, 5, 3, DataType.FLOAT16, 1, 0, ComputeType.FLOAT32);
      CudaException e =
          assertThrows(CudaException.class, () -> lt.prepare(gemm, Epilogue.NONE, 0, 0));
      assertTrue(e.status().isEmpty());
      assertTrue(e.getMessage().contains("no algorithm"), e.getMessage());
      assertThrows(IllegalArgumentException.class, () -> lt.prepare(gemm, Epilogue.BIAS, 0, 0));
    }
  }

  @Test
  void impossibleProductsAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Gemm.linear(0, 5, 3, DataType.FLOAT16, 1, 0, ComputeType.FLOAT32));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new Gemm(
                    true,
                    false,
                    3,
                    7,
                    5,
                    1,
                    DataType.FLOAT16,
                    4,
                    DataType.FLOAT16,
                    5,
                    0,
                    DataType.FLOAT16,
                    3,
                    ComputeType.FLOAT32));
    assertTrue(e.getMessage().contains("lda is 4"), e.getMessage());
  }

  @Test
  void jcublasSaysWhyItCannotCallCuda13() {
    List<String> obstacles = CublasProvider.JCUBLAS.obstacles(blas(13).library());
    assertEquals(1, obstacles.size());
    assertTrue(obstacles.getFirst().contains("libcublas.so.12"), obstacles::toString);
    assertThrows(
        CudaException.class, () -> CublasProvider.JCUBLAS.open(blas(13).library(), null).close());
  }

  @Test
  void providersAreNamed() {
    assertEquals(CublasProvider.FFM, CublasProvider.named(null));
    assertEquals(CublasProvider.JCUBLAS, CublasProvider.named("jcublas"));
    assertThrows(IllegalArgumentException.class, () -> CublasProvider.named("cublasXt"));
  }
}
