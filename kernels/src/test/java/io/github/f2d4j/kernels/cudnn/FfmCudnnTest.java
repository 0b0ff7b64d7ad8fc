package io.github.f2d4j.kernels.cudnn;

import static io.github.f2d4j.kernels.mock.MockLibrary.expected;
import static io.github.f2d4j.kernels.mock.MockLibrary.p;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.kernels.cudnn.ConvolutionSpec.Layout;
import io.github.f2d4j.kernels.cudnn.ConvolutionSpec.MathType;
import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.library.NativeLibrary;
import io.github.f2d4j.kernels.mock.MockLibrary;
import io.github.f2d4j.kernels.mock.Mocks;
import io.github.f2d4j.kernels.mock.SignaturesReachTheLibrary;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FfmCudnnTest {
  private static final long HANDLE = 0x5555666677778888L;

  @TempDir static Path folder;

  @BeforeAll
  static void build() throws IOException {
    Mocks.in(folder).dnn(8906, 12020).dnn(90100, 12040);
  }

  private static MockLibrary dnn(int major) {
    return MockLibrary.load(folder, NativeLibrary.CUDNN, major);
  }

  private static ConvolutionSpec spec() {
    return new ConvolutionSpec(
        ConvolutionSpec.Type.FLOAT16,
        Layout.NHWC,
        MathType.TENSOR_CORES,
        2,
        320,
        64,
        48,
        640,
        3,
        5,
        1,
        4,
        2,
        3,
        1,
        2);
  }

  @TestFactory
  Stream<DynamicTest> argumentsArriveInVersion8() {
    return SignaturesReachTheLibrary.tests(CudnnApi.SIGNATURES, dnn(8));
  }

  @TestFactory
  Stream<DynamicTest> argumentsArriveInVersion9() {
    return SignaturesReachTheLibrary.tests(CudnnApi.SIGNATURES, dnn(9));
  }

  @Test
  void onlyTheOptionalFunctionsMayBeMissing() {
    for (var s : CudnnApi.SIGNATURES.signatures()) {
      assertTrue(dnn(9).library().has(s.name()), s.name());
      assertEquals(
          !s.name().equals("cudnnGetLastErrorString"), dnn(8).library().has(s.name()), s.name());
    }
    assertTrue(CudnnApi.OPTIONAL.contains("cudnnGetLastErrorString"));
  }

  @Test
  void descriptorsSayWhatTheSpecSays() {
    MockLibrary mock = dnn(9);
    try (CudaDnn dnn = CudnnProvider.open(mock.library())) {
      dnn.setStream(0x77_0000_0077L);
      assertEquals(
          expected("cudnnSetStream", p(HANDLE), p(0x77_0000_0077L)), mock.callOf("cudnnSetStream"));
      mock.reset();
      try (DnnConvolution convolution = dnn.prepare(spec())) {
        assertEquals(
            List.of("PIIIIII 1 2 2 140 40 30", "PIIIIII 1 2 2 280 20 10", "PIIIIII 1 2 1 280 1 1"),
            settings(mock, "cudnnSetTensor4dDescriptor"));
        assertEquals(
            List.of("PIIIIII 2 1 280 140 3 5"), settings(mock, "cudnnSetFilter4dDescriptor"));
        assertEquals(
            List.of("PIIIIIIII 1 4 2 3 1 2 1 0"),
            settings(mock, "cudnnSetConvolution2dDescriptor"));
        assertEquals(List.of("PI 1"), settings(mock, "cudnnSetConvolutionMathType"));
        assertEquals(List.of("PIID 5 0 0"), settings(mock, "cudnnSetActivationDescriptor"));
        assertEquals(32, convolution.spec().outputHeight());
        assertEquals(16, convolution.spec().outputWidth());
        mock.reset();
      }
      assertEquals(6, mock.calls().stream().filter(c -> c.startsWith("cudnnDestroy")).count());
    }
    assertEquals(expected("cudnnDestroy", p(HANDLE)), mock.callOf("cudnnDestroy"));
  }

  /** Letters and values without the descriptor. */
  private static List<String> settings(MockLibrary mock, String call) {
    return mock.calls().stream()
        .filter(c -> c.startsWith(call + " "))
        .map(c -> c.substring(call.length() + 1).replaceFirst(" [0-9a-f]+", ""))
        .toList();
  }

  /** The descriptors in the order in which they were made: x, y, bias, filter, convolution, id. */
  private static List<MemorySegment> descriptors(MockLibrary mock) {
    List<MemorySegment> all = new ArrayList<>();
    for (String call : mock.calls()) {
      if (call.startsWith("cudnnSet") && !call.contains("MathType")) {
        all.add(p(Long.parseUnsignedLong(call.split(" ", -1)[2], 16)));
      }
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 9})
  void convolutionsHandOverEverything(int major) {
    MockLibrary mock = dnn(major);
    try (CudaDnn dnn = CudnnProvider.open(mock.library())) {
      mock.reset();
      try (DnnConvolution convolution = dnn.prepare(spec())) {
        List<MemorySegment> d = descriptors(mock);
        assertEquals(6, d.size());
        mock.reset();
        convolution.run(7, 1.5f, 0xa01, 0xb02, 0xc03, 5L << 32, -0.25f, 0xd04);
        String[] got = mock.calls().getFirst().split(" ", -1);
        assertEquals(
            expected(
                "cudnnConvolutionForward",
                p(HANDLE),
                argument(got, 2),
                d.get(0),
                p(0xa01),
                d.get(3),
                p(0xb02),
                d.get(4),
                7,
                p(0xc03),
                5L << 32,
                argument(got, 11),
                d.get(1),
                p(0xd04)),
            mock.calls().getFirst());
        assertEquals(expected("factors", 1.5f, -0.25f), mock.calls().get(1));
        mock.reset();
        convolution.runBiased(1, 0xa01, 0xb02, 0xc03, 6L << 32, 0.5f, 0xe05, 0xf06, 0xd04);
        got = mock.calls().getFirst().split(" ", -1);
        assertEquals(
            expected(
                "cudnnConvolutionBiasActivationForward",
                p(HANDLE),
                argument(got, 2),
                d.get(0),
                p(0xa01),
                d.get(3),
                p(0xb02),
                d.get(4),
                1,
                p(0xc03),
                6L << 32,
                argument(got, 11),
                d.get(1),
                p(0xe05),
                d.get(2),
                p(0xf06),
                d.get(5),
                d.get(1),
                p(0xd04)),
            mock.calls().getFirst());
        assertEquals(expected("factors", 1f, 0.5f), mock.calls().get(1));
        assertEquals(9L << 32, convolution.workspaceBytes(7));
      }
    }
  }

  private static MemorySegment argument(String[] call, int index) {
    return p(Long.parseUnsignedLong(call[1 + index], 16));
  }

  @ParameterizedTest
  @CsvSource({"8, 9", "9, 3000"})
  void algorithmsAreReadAndNamed(int major, int notSupported) {
    MockLibrary mock = dnn(major);
    try (CudaDnn dnn = CudnnProvider.open(mock.library());
        DnnConvolution convolution = dnn.prepare(spec())) {
      List<AlgorithmPerformance> proposals = convolution.proposals(3);
      assertEquals(3, proposals.size());
      assertEquals(
          new AlgorithmPerformance(1, 0, "CUDNN_STATUS_SUCCESS", -1, 7L << 32, false, 10),
          proposals.get(0));
      assertTrue(proposals.get(0).usable());
      assertEquals(
          new AlgorithmPerformance(
              2, notSupported, "CUDNN_STATUS_NOT_SUPPORTED", -2, (7L << 32) + 1, true, 11),
          proposals.get(1));
      assertFalse(proposals.get(1).usable());
      List<AlgorithmPerformance> timings =
          convolution.timings(8, 0xa01, 0xb02, 0xc03, 0xd04, 5L << 32);
      assertEquals(4, timings.size());
      assertEquals(1.5f, timings.get(2).millis());
    }
  }

  @ParameterizedTest
  @CsvSource({"8, 3", "9, 2000"})
  void statusCodesDifferAndNamesDoNot(int major, int badParam) {
    MockLibrary mock = dnn(major);
    try (CudaDnn dnn = CudnnProvider.open(mock.library())) {
      mock.set("cudnnSetConvolution2dDescriptor", badParam);
      CudaException e = assertThrows(CudaException.class, () -> dnn.prepare(spec()).close());
      assertEquals("cudnnSetConvolution2dDescriptor", e.call());
      assertEquals(badParam, e.status().getAsInt());
      assertEquals("CUDNN_STATUS_BAD_PARAM", e.statusName());
      assertEquals(major == 9 ? "because the mock | says so" : "", e.statusText());
      assertTrue(e.remedy().contains("arguments"), e.remedy());
      assertTrue(e.library().contains(major == 9 ? "90100" : "8906"), e.library());
    }
  }

  @Test
  void aCodeOfTheOtherVersionIsNotTakenForIt() {
    MockLibrary mock = dnn(9);
    try (CudaDnn dnn = CudnnProvider.open(mock.library())) {
      mock.set("cudnnSetConvolution2dDescriptor", 3);
      CudaException e = assertThrows(CudaException.class, () -> dnn.prepare(spec()).close());
      assertEquals("CUDNN_STATUS_UNKNOWN", e.statusName());
    }
  }

  @Test
  void version8NeedsItsPartsAndVersion9OnlyMissesThem() {
    List<String> notes = new ArrayList<>();
    List<String> obstacles =
        CudnnProvider.obstacles(dnn(8).library(), MockLibrary.loader(folder), notes);
    assertEquals(2, obstacles.size(), obstacles::toString);
    assertTrue(obstacles.get(0).contains("libcudnn_ops_infer.so.8"), obstacles::toString);
    assertEquals(List.of(), notes);
    assertEquals(
        List.of(), CudnnProvider.obstacles(dnn(9).library(), MockLibrary.loader(folder), notes));
    assertEquals(3, notes.size(), notes::toString);
  }

  @Test
  void aKernelThatDoesNotFitIsRefused() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                ConvolutionSpec.square(
                    ConvolutionSpec.Type.FLOAT32,
                    Layout.NHWC,
                    MathType.FULL_FLOAT32,
                    1,
                    4,
                    2,
                    2,
                    4,
                    3,
                    0,
                    1));
    assertTrue(e.getMessage().contains("3x3"), e.getMessage());
  }
}
