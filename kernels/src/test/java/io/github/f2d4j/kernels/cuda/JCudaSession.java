package io.github.f2d4j.kernels.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.f2d4j.kernels.catalog.Dim3;
import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.library.NativeLibrary;
import io.github.f2d4j.kernels.mock.MockLibrary;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Uses everything that goes through JCuda once, and prints it; run in a JVM of its own. */
public final class JCudaSession {
  private JCudaSession() {}

  /** Takes the folder of the driver's mock. */
  public static void main(String[] args) throws IOException {
    MockLibrary mock = MockLibrary.load(Path.of(args[0]), NativeLibrary.DRIVER, 1);
    CudaDriver driver = CudaDriver.start(mock.library());
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    try (Stream<Path> left = Files.list(temporary)) {
      left.forEach(f -> System.out.println("LEFT " + f));
    }
    try (CudaContext context = driver.open(0);
        CudaStream stream = context.newStream();
        CudaEvent start = context.newEvent(true);
        CudaEvent untimed = context.newEvent(false)) {
      copies(context, stream);
      stream.record(start);
      stream.waitFor(untimed);
      untimed.synchronize();
      System.out.println("millis " + start.millisSince(start));
      stream.beginCapture();
      launch(context, stream);
      try (CudaGraph graph = stream.endCapture()) {
        graph.launch(stream);
      }
      context.synchronize();
      outOfMemory(context);
    }
    mock.calls().forEach(c -> System.out.println("CALL " + c));
  }

  private static void copies(CudaContext context, CudaStream stream) {
    try (PinnedMemory host = context.allocatePinned(64);
        DeviceMemory device = context.allocate(256);
        DeviceMemory other = context.allocate(64)) {
      MemorySegment numbers = host.segment();
      for (int i = 0; i < 16; i++) {
        numbers.setAtIndex(JAVA_INT, i, 3 * i + 1);
      }
      device.fill((byte) 7, stream);
      device.copyFrom(numbers, 192, stream);
      other.copyFrom(numbers, 0, stream);
      device.copyFrom(other, 0, 0, 64, stream);
      MemorySegment back = Arena.ofAuto().allocate(256, 8);
      device.copyTo(back, 0, stream);
      stream.synchronize();
      System.out.println("tail " + back.asSlice(192).mismatch(numbers));
      System.out.println("head " + back.asSlice(0, 64).mismatch(numbers));
      System.out.println("middle " + back.get(JAVA_INT, 64));
      try {
        device.copyFrom(MemorySegment.ofArray(new int[4]), 0, stream);
      } catch (IllegalArgumentException e) {
        System.out.println("refused " + e.getMessage());
      }
      try {
        device.copyFrom(numbers, 193, stream);
      } catch (IndexOutOfBoundsException e) {
        System.out.println("outside");
      }
    }
  }

  private static void launch(CudaContext context, CudaStream stream) {
    try (CudaModule module = context.load(".version 7.0");
        Arena arena = Arena.ofConfined()) {
      CudaFunction function = module.function("attention", 96 << 10);
      LaunchArguments arguments =
          new LaunchArguments(arena, 3).set(0, 1L << 40).set(1, 5).set(2, 2.5f);
      function.launch(Dim3.of(9), Dim3.of(64), 96 << 10, stream, arguments);
    }
  }

  private static void outOfMemory(CudaContext context) {
    try {
      context.allocate(1L << 50).close();
    } catch (CudaException e) {
      System.out.println("full " + e.getMessage());
    }
  }
}
