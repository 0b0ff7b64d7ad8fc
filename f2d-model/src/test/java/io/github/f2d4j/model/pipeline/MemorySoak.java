package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.model.demo.DemoModel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Generates again and again with one pipeline and watches the resident memory of this JVM. A
 * program, because it needs a JVM whose heap has all its pages from the start: else the heap's
 * first touch of each page would look like a leak. What stays in the heap is therefore asked for by
 * itself, after collections before and after.
 */
public final class MemorySoak {
  /** What precedes the half range of resident memory, in percent of its middle. */
  static final String RESIDENT = "resident half range ";

  /** What precedes the growth of what lives in the heap, in percent. */
  static final String LIVING = "living ";

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int LOOKS = 20;

  private MemorySoak() {}

  /**
   * Runs.
   *
   * @param args how many generations to warm up, how many to watch, width and height, steps (0: the
   *     model's own), bytes to leak off the heap with each generation
   */
  public static void main(String[] args) throws Exception {
    int warmUp = Integer.parseInt(args[0]);
    int watched = Integer.parseInt(args[1]);
    int side = Integer.parseInt(args[2]);
    int steps = Integer.parseInt(args[3]);
    int leak = Integer.parseInt(args[4]);
    int every = Math.max(1, watched / LOOKS);
    List<Long> resident = new ArrayList<>();
    try (Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(DemoModel.open().folder())) {
      FaceIdentity face = Fingerprint.face(pipeline);
      for (int i = 0; i < warmUp; i++) {
        pipeline.generate(face, request(i, side, steps));
      }
      long livingBefore = livingBytes();
      look(0, resident);
      for (int i = 1; i <= watched; i++) {
        pipeline.generate(face, request(warmUp + i, side, steps));
        leak(leak);
        if (i % every == 0) {
          look(i, resident);
        }
      }
      long livingAfter = livingBytes();
      System.out.printf("heap: %d KiB, then %d KiB%n", livingBefore >> 10, livingAfter >> 10);
      System.out.printf("%s%.2f %%%n", LIVING, 100.0 * (livingAfter - livingBefore) / livingBefore);
    }
    long least = resident.stream().mapToLong(x -> x).min().orElseThrow();
    long most = resident.stream().mapToLong(x -> x).max().orElseThrow();
    System.out.printf("%s%.2f %%%n", RESIDENT, 100.0 * (most - least) / (most + least));
  }

  /** Another seed and another prompt each time, so that what is kept by either piles up. */
  private static GenerationRequest request(int i, int side, int steps) {
    GenerationRequest.Builder request =
        GenerationRequest.of("a photo of f l at beach " + i).seed(i);
    if (side > 0) {
      request.size(side, side);
    }
    if (steps > 0) {
      request.steps(steps);
    }
    return request.build();
  }

  private static void look(int done, List<Long> resident) throws IOException {
    resident.add(residentKib());
    System.out.printf("after %d: %d KiB%n", done, resident.getLast());
  }

  /** Planted: memory that nobody frees. */
  private static void leak(int bytes) {
    if (bytes > 0) {
      Arena.global().allocate(bytes).fill((byte) 1);
    }
  }

  private static long livingBytes() {
    System.gc();
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
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
