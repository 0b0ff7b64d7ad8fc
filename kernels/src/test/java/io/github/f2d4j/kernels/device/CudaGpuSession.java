package io.github.f2d4j.kernels.device;

import io.github.f2d4j.kernels.backend.CudaBackend;
import io.github.f2d4j.kernels.backend.Precision;
import io.github.f2d4j.kernels.backend.SelfCheck;
import io.github.f2d4j.kernels.catalog.ElementType;
import io.github.f2d4j.kernels.catalog.Elementwise;
import io.github.f2d4j.kernels.cublas.ComputeType;
import io.github.f2d4j.kernels.cublas.DataType;
import io.github.f2d4j.kernels.cublas.Gemm;
import io.github.f2d4j.kernels.cudnn.ConvolutionSpec;
import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.library.NativeLibrary;
import io.github.f2d4j.kernels.mock.MockLibrary;
import io.github.f2d4j.kernels.setup.CudaSetup;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;

/** Uses everything that a GPU does once, on mocks; run in a JVM of its own. */
public final class CudaGpuSession {
  private static final ConvolutionSpec SPEC =
      ConvolutionSpec.square(
          ConvolutionSpec.Type.FLOAT16,
          ConvolutionSpec.Layout.NHWC,
          ConvolutionSpec.MathType.TENSOR_CORES,
          1,
          8,
          4,
          4,
          8,
          3,
          1,
          1);

  private CudaGpuSession() {}

  /** Takes the folder of the mocks. */
  public static void main(String[] args) throws InterruptedException {
    Path folder = Path.of(args[0]);
    MockLibrary driver = MockLibrary.load(folder, NativeLibrary.DRIVER, 1);
    MockLibrary dnn = MockLibrary.load(folder, NativeLibrary.CUDNN, 9);
    dnn.set("memory", 192);
    CudaSetup setup = CudaSetup.examine(MockLibrary.loader(folder), null);
    CudaGpu gpu = CudaGpu.open(setup, setup.mode(), 0);
    System.out.println("gpu " + gpu.describe());
    System.out.println("set " + gpu.kernels());
    use(gpu);
    record(gpu, driver);
    copyMuch(gpu, driver);
    Thread other = new Thread(gpu::synchronize);
    other.start();
    other.join();
    System.out.println("check " + SelfCheck.of(new CudaBackend(gpu, Precision.F16)).size());
    gpu.close();
    show(driver);
    dnn.reset().set("memory", 192).set("workspace", 64);
    CudaGpu next = CudaGpu.open(setup, setup.mode(), 0);
    GpuConvolution known = next.prepare(SPEC);
    long trials =
        dnn.calls().stream()
            .filter(c -> c.startsWith("cudnnFindConvolutionForwardAlgorithmEx "))
            .count();
    System.out.println("next workspace " + known.workspaceBytes() + " trials " + trials);
    next.close();
    driver.reset();
  }

  /** Prints what the driver was called with, and forgets it. */
  private static void show(MockLibrary driver) {
    driver.calls().forEach(c -> System.out.println("DRIVER " + c));
    driver.reset();
  }

  /** More than two pieces of pinned memory hold, up and down again. */
  private static void copyMuch(CudaGpu gpu, MockLibrary driver) {
    long bytes = 2 * PinnedCopies.PIECE + 4096;
    MemorySegment numbers = Arena.ofAuto().allocate(bytes, 8);
    for (long i = 0; i < bytes / 4; i++) {
      numbers.setAtIndex(ValueLayout.JAVA_INT, i, (int) (i * 2654435761L));
    }
    long there = gpu.allocate(bytes + 64);
    show(driver);
    gpu.upload(numbers, there + 64);
    transfers(driver).forEach(c -> System.out.println("UP " + c));
    show(driver);
    MemorySegment back = Arena.ofAuto().allocate(bytes, 8);
    gpu.download(there + 64, back);
    transfers(driver).forEach(c -> System.out.println("DOWN " + c));
    show(driver);
    System.out.println("much copied " + back.mismatch(numbers));
    gpu.free(there);
    show(driver);
  }

  private static List<String> transfers(MockLibrary driver) {
    return driver.calls().stream().map(c -> c.split(" ", -1)[0]).toList();
  }

  /** A recording, and one that fails; what the driver sees of both. */
  private static void record(CudaGpu gpu, MockLibrary driver) {
    long a = gpu.allocate(512);
    long b = gpu.allocate(512);
    show(driver);
    GpuRecording work =
        gpu.record(
            () ->
                new Elementwise.Cast(ElementType.F32, ElementType.F16, 5)
                    .launches(a, b)
                    .forEach(gpu::launch));
    gpu.copy(a + 64, b + 128, 32);
    work.run();
    work.run();
    gpu.copy(b, a, 512);
    work.close();
    driver.calls().stream()
        .map(c -> c.split(" ", -1)[0])
        .filter(c -> !c.equals("arguments"))
        .forEach(c -> System.out.println("RECORDED " + c));
    show(driver);
    try {
      gpu.record(() -> gpu.allocate(1));
    } catch (CudaException e) {
      System.out.println("refused " + e.getMessage());
    }
    driver.calls().forEach(c -> System.out.println("ABANDONED " + c.split(" ", -1)[0]));
    show(driver);
    driver.set("cuStreamEndCapture", 901);
    try {
      gpu.record(() -> {});
    } catch (CudaException e) {
      System.out.println("refused " + e.getMessage());
    }
    show(driver);
    gpu.free(a);
    gpu.free(b);
    System.out.println("still " + (gpu.allocate(512) == b));
    gpu.free(b);
  }

  private static void use(CudaGpu gpu) {
    MemorySegment numbers = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_INT, 3, 1, 4, 1, 5);
    long a = gpu.allocate(512);
    gpu.upload(numbers, a + 64);
    MemorySegment back = Arena.ofAuto().allocate(20, 4);
    gpu.download(a + 64, back);
    System.out.println("copied " + back.mismatch(numbers));
    new Elementwise.Cast(ElementType.F32, ElementType.F16, 5)
        .launches(a + 64, a)
        .forEach(gpu::launch);
    Gemm gemm = Gemm.linear(2, 8, 8, DataType.FLOAT16, 1, 0, ComputeType.FLOAT32);
    gpu.multiply(gemm, 1, a, 0, a, 0, a, 0);
    gpu.multiply(gemm, 3, a, 64, a, 16, a, 16);
    System.out.println("fused " + gpu.multiplyFused(gemm, a, a, a + 16, 0, a));
    System.out.println("fused " + gpu.multiplyFused(gemm, a, a, a + 2, 0, a));
    GpuConvolution convolution = gpu.prepare(SPEC);
    System.out.println("again " + gpu.prepare(SPEC).equals(convolution));
    System.out.println(
        "workspace " + convolution.workspaceBytes() + " bias " + convolution.takesBias());
    convolution.run(a, a, a, a);
    gpu.free(a);
    System.out.println("reused " + (gpu.allocate(400) == a));
    gpu.free(a);
    gpu.trim();
    try {
      gpu.download(a, back);
    } catch (IllegalArgumentException e) {
      System.out.println("gone " + e.getMessage().startsWith("no memory is in use at "));
    }
    try {
      gpu.allocate(1L << 50);
    } catch (OutOfMemoryError e) {
      System.out.println("full " + e.getMessage());
    }
  }
}
