package io.github.f2d4j.model.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.graph.Analysis;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.plan.Calibration.Sample;
import io.github.f2d4j.model.plan.Workload.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Times from given rates: nothing is measured here. */
class CalibrationTest {
  private static final MachineProfile MACHINE = new MachineProfile("cpu", 2, "cpu", "1", "25");

  @TempDir Path folder;

  private static Tensor f32(int... dims) {
    return Tensor.placeholder(TensorType.f32(Shape.of(dims)));
  }

  private static Tensor weight(int... dims) {
    return Tensor.parameter(TensorType.f32(Shape.of(dims)));
  }

  private static Workload workload(Tensor y) {
    Analysis a = Tensor.analyze(List.of(y));
    assertEquals(1, a.steps().size());
    return Workload.of(a.steps().getFirst());
  }

  @Test
  void extentsOfEachKind() {
    assertEquals(
        new Workload(Kind.PRODUCT, 2.0 * 6 * 7 * 5, List.of(6.0, 7.0, 5.0)),
        workload(f32(2, 3, 7).linear(weight(5, 7), null)));
    assertEquals(
        new Workload(Kind.PRODUCT, 2.0 * 6 * 7 * 10, List.of(6.0, 7.0, 10.0)),
        workload(f32(2, 3, 7).linear(weight(10, 7), null).geglu()));
    assertEquals(
        new Workload(Kind.CONVOLVE_3X3, 2.0 * 32 * 9 * 3 * 5, List.of(32.0, 3.0, 5.0)),
        workload(f32(2, 4, 4, 3).conv2d(weight(5, 3, 3, 3), null, Window.of(1, 1))));
    assertEquals(
        new Workload(Kind.CONVOLVE, 2.0 * 8 * 9 * 3 * 5, List.of(8.0, 27.0, 5.0)),
        workload(f32(2, 4, 4, 3).conv2d(weight(5, 3, 3, 3), null, Window.of(2, 1))));
    assertEquals(
        new Workload(Kind.PRODUCT, 2.0 * 32 * 3 * 5, List.of(32.0, 3.0, 5.0)),
        workload(f32(2, 4, 4, 3).conv2d(weight(5, 3, 1, 1), null, Window.of(1, 0))));
    Tensor kv = f32(1, 6, 8);
    assertEquals(
        new Workload(Kind.ATTEND, 4.0 * 5 * 6 * 8, List.of(10.0, 6.0, 4.0)),
        workload(f32(1, 5, 8).attention(kv, kv, 2, false)));
    assertEquals(
        new Workload(Kind.ELEMENTWISE, 8.0 * 12, List.of(8.0 * 12)), workload(f32(3, 4).exp()));
  }

  /** At the size of a sample its rate holds; between two, one between theirs. */
  @Test
  void ratesBetweenSamplesLieBetweenTheirs() {
    Sample small = new Sample(new Workload(Kind.ELEMENTWISE, 1e3, List.of(1e3)), 1e3 / 1e9);
    Sample large = new Sample(new Workload(Kind.ELEMENTWISE, 1e7, List.of(1e7)), 1e7 / 1e10);
    Calibration c = new Calibration(MACHINE, List.of(small, large), 1, 1, 0);
    Analysis at = Tensor.analyze(List.of(f32(125).exp()));
    Analysis middle = Tensor.analyze(List.of(f32(12500).exp()));
    assertEquals(1e3 / 1e9, c.seconds(at), 0.01e3 / 1e9);
    double rate = 1e5 / c.seconds(middle);
    assertEquals(Math.sqrt(1e9 * 1e10), rate, 0.02 * rate);
    // Three equal steps that cannot be joined take three times as long.
    Tensor x = f32(125).exp();
    Analysis twice = Tensor.analyze(List.of(x, x.exp()));
    assertEquals(twice.steps().size() * c.seconds(at), c.seconds(twice), 1e-12);
  }

  @Test
  void whatIsKeptIsFoundAgainOnTheSameMachineOnly() throws Exception {
    CalibrationStore store = new CalibrationStore(folder.resolve("cache"));
    assertTrue(store.find(MACHINE).isEmpty());
    Sample sample = new Sample(new Workload(Kind.ATTEND, 7, List.of(1.0, 2.0, 3.0)), 0.25);
    store.save(new Calibration(MACHINE, List.of(sample), 3, 4, 5));
    Calibration found = store.find(MACHINE).orElseThrow();
    assertEquals(List.of(sample), found.samples());
    assertEquals(3, found.packingRate());
    assertEquals(4, found.loadingRate());
    assertEquals(5, found.warmUpSeconds());
    for (MachineProfile other :
        List.of(
            new MachineProfile("other", 2, "cpu", "1", "25"),
            new MachineProfile("cpu", 4, "cpu", "1", "25"),
            new MachineProfile("cpu", 2, "cpu, 128-bit", "1", "25"),
            new MachineProfile("cpu", 2, "cpu", "2", "25"),
            new MachineProfile("cpu", 2, "cpu", "1", "26"))) {
      assertTrue(store.find(other).isEmpty(), other.toString());
    }
    Path file = store.file(MACHINE);
    for (String damage : List.of("", "{}", Files.readString(file).replace("0.25", "-1"))) {
      Files.writeString(file, damage);
      assertTrue(store.find(MACHINE).isEmpty(), damage);
    }
  }
}
