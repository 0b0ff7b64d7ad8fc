package io.github.f2d4j.engine.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileTest {
  private static final String KERNEL = "io.github.f2d4j.Kernel";

  private final Tensor image = Tensor.full(1, 2, 5, 5, 3);
  private final Tensor weight = Tensor.full(1, 4, 3, 3, 3);

  /** A 3×3 convolution, then a product of [2,9,4] and [4,6], then a sum over an axis. */
  private float[] work() {
    Tensor y =
        Tensor.apply(
            new io.github.f2d4j.engine.op.ConvolveOp.Conv2d(
                io.github.f2d4j.engine.op.ConvolveOp.Window.of(1, 0),
                1,
                io.github.f2d4j.engine.op.Epilogue.NONE),
            image,
            weight);
    return y.reshape(2, 9, 4).matmul(Tensor.full(2, 4, 6)).softmax().toFloats();
  }

  @Test
  void everyKernelOfARecordingIsCounted() {
    Profile profile = new Profile();
    float[] plain = work();
    assertNull(Profile.current());
    float[] first = profile.recording(this::work);
    profile.recording(
        () -> {
          assertSame(profile, Profile.current());
          return work();
        });
    work(); // outside again
    List<Profile.Entry> entries = profile.take();
    assertEquals(plain.length, first.length);
    Map<String, Profile.Entry> byOperator =
        entries.stream().collect(Collectors.toMap(Profile.Entry::operator, e -> e));
    assertEquals(2, byOperator.get("Conv2d 3x3").calls());
    assertEquals("convolve", byOperator.get("Conv2d 3x3").family());
    assertEquals(2, byOperator.get("MatMul").calls());
    assertEquals("GemmKernel", byOperator.get("MatMul").kernel());
    assertEquals("NormalizeKernels", byOperator.get("Softmax").kernel());
    // [2,5,5,3] and [4,3,3,3] to [2,3,3,4], twice.
    assertEquals(2 * 4L * (150 + 108 + 72), byOperator.get("Conv2d 3x3").bytes());
    // A multiply and an add for each of 72 results, 27 products each, twice.
    assertEquals(2 * 2L * 72 * 27, byOperator.get("Conv2d 3x3").flops());
    assertTrue(entries.stream().allMatch(e -> e.nanos() > 0));
    assertEquals(List.of(), profile.take());
  }

  @Test
  void entriesAddUp() {
    Profile.Entry a = new Profile.Entry("f", "o", "k", 1, 10, 30, 5);
    assertEquals(
        new Profile.Entry("f", "o", "k", 3, 40, 50, 6),
        a.plus(new Profile.Entry("f", "o", "k", 2, 30, 20, 1)));
    assertEquals(3.0, a.gigaflops());
    assertEquals(0.0, new Profile.Entry("f", "o", "k", 0, 0, 0, 0).gigaflops());
  }

  @Test
  void theFlightRecorderSeesKernels(@TempDir Path folder) throws Exception {
    assertTrue(FlightRecorder.PRESENT);
    List<RecordedEvent> kernels = new ArrayList<>();
    try (Recording recording = new Recording()) {
      recording.enable(KERNEL);
      recording.start();
      work();
      recording.stop();
      Path file = folder.resolve("kernels.jfr");
      recording.dump(file);
      for (RecordedEvent e : RecordingFile.readAllEvents(file)) {
        if (e.getEventType().getName().equals(KERNEL)) {
          kernels.add(e);
        }
      }
    }
    RecordedEvent convolution =
        kernels.stream()
            .filter(e -> e.getString("operator").equals("Conv2d 3x3"))
            .findFirst()
            .orElseThrow();
    assertEquals("convolve", convolution.getString("family"));
    assertEquals("GemmKernel", convolution.getString("kernel"));
    assertEquals("F32[2,5,5,3] F32[4,3,3,3] -> F32[2,3,3,4]", convolution.getString("shapes"));
    assertEquals(4 * (150 + 108 + 72), convolution.getLong("bytes"));
    assertEquals(2 * 72 * 27, convolution.getLong("flops"));
    assertTrue(convolution.getDuration().toNanos() > 0);
  }

  @Test
  void withoutARecordingNothingIsWanted() {
    assertTrue(!FlightRecorder.wantsKernels());
  }
}
