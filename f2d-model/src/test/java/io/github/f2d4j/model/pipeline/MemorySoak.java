package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.model.demo.DemoModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Generates again and again with one pipeline and watches the resident memory of this JVM. A
 * program, because it needs a JVM whose heap has all its pages from the start: else the heap's
 * first touch of each page would look like a leak.
 */
public final class MemorySoak {
  /** What precedes the answer in the output. */
  static final String MARK = "deviation ";

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int LOOKS = 20;

  private MemorySoak() {}

  /**
   * Runs.
   *
   * @param args how many generations to warm up, how many to watch, width and height, steps
   */
  public static void main(String[] args) throws Exception {
    int warmUp = Integer.parseInt(args[0]);
    int watched = Integer.parseInt(args[1]);
    int side = Integer.parseInt(args[2]);
    int steps = Integer.parseInt(args[3]);
    int every = Math.max(1, watched / LOOKS);
    List<Long> resident = new ArrayList<>();
    try (Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(DemoModel.open().folder())) {
      FaceIdentity face = Fingerprint.face(pipeline);
      for (int i = 0; i < warmUp + watched; i++) {
        GenerationRequest request =
            Fingerprint.request().size(side, side).steps(steps).seed(i).build();
        pipeline.generate(face, request);
        int done = i + 1 - warmUp;
        if (done > 0 && done % every == 0) {
          resident.add(residentKib());
          System.out.printf("after %d: %d KiB%n", done, resident.getLast());
        }
      }
    }
    long least = resident.stream().mapToLong(x -> x).min().orElseThrow();
    long most = resident.stream().mapToLong(x -> x).max().orElseThrow();
    double middle = (least + most) / 2.0;
    System.out.printf("%s%.2f %%%n", MARK, 100 * (most - middle) / middle);
  }

  /** Whether this system says how much memory is resident. */
  static boolean isPossible() {
    return Files.isReadable(STATUS);
  }

  private static long residentKib() throws IOException {
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow();
    }
  }
}
