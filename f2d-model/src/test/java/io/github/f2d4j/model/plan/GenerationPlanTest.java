package io.github.f2d4j.model.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.FaceIdentity;
import io.github.f2d4j.model.pipeline.GenerationAnalysis;
import io.github.f2d4j.model.pipeline.GenerationAnalysis.Computation;
import io.github.f2d4j.model.pipeline.GenerationAnalysis.Stage;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.pipeline.ModelFolder;
import io.github.f2d4j.model.pipeline.PipelineParts;
import io.github.f2d4j.model.pipeline.Tiles;
import io.github.f2d4j.model.plan.Calibration.Sample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Plans of the built-in model against what it does. */
class GenerationPlanTest {
  private static final String PROMPT = "a photo of f l in space";

  private ModelFolder folder;

  @BeforeEach
  void openDemo() throws IOException {
    folder = ModelFolder.open(DemoModel.open().folder());
  }

  /** Runs as another backend does, and notes how much working memory each run borrows. */
  private record Watched(Backend backend, List<Long> borrowed) implements Backend {
    @Override
    public String name() {
      return backend.name();
    }

    @Override
    public String describe() {
      return backend.describe();
    }

    @Override
    public Kernel compile(Op op, List<Operand> inputs, TensorType output) {
      return backend.compile(op, inputs, output);
    }

    @Override
    public boolean readsColumns(Op op, int index) {
      return backend.readsColumns(op, index);
    }

    @Override
    public Buffer allocate(long bytes) {
      return backend.allocate(bytes);
    }

    @Override
    public Buffer resident(Buffer buffer) {
      return backend.resident(buffer);
    }

    @Override
    public Workspace borrow(long bytes) {
      borrowed.add(bytes);
      return backend.borrow(bytes);
    }

    @Override
    public void synchronize() {
      backend.synchronize();
    }
  }

  /** Every stage borrows what its plan says; a model without data has the same plans. */
  @ParameterizedTest
  @EnumSource(
      value = Tiles.class,
      names = {"NEVER", "ALWAYS"})
  void stagesBorrowWhatWasPlanned(Tiles tiles) throws Exception {
    GenerationRequest request =
        GenerationRequest.of(PROMPT).size(72, 96).images(2).steps(1).tiles(tiles).build();
    Watched watched =
        new Watched(Backends.current(), Collections.synchronizedList(new ArrayList<>()));
    Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(folder);
    FaceIdentity face = FaceIdentity.of(new float[pipeline.parts().mapping().config().embedDim()]);
    Backends.using(watched, () -> pipeline.generate(face, request));
    GenerationAnalysis analysis =
        new Face2DiffusionPipeline(PipelineParts.describe(folder, null)).analyze(request);
    TreeSet<Long> borrowed = new TreeSet<>(watched.borrowed);
    for (Computation c : analysis.computations()) {
      if (c.stage() != Stage.IDENTITY_ENCODER) {
        assertTrue(
            borrowed.contains(c.analysis().workspaceBytes()),
            c.stage() + " " + c.analysis().workspaceBytes() + " is not among " + borrowed);
      }
    }
    long largest =
        analysis.computations().stream()
            .mapToLong(c -> c.analysis().workspaceBytes())
            .max()
            .getAsLong();
    assertEquals(largest, borrowed.last());
    GenerationPlan plan = GenerationPlan.of(folder, request);
    assertEquals(largest, plan.memory().workspaceBytes());
    int tilesMade = tiles == Tiles.ALWAYS ? 2 * 4 : 2;
    assertEquals(tilesMade, plan.stage(Stage.DECODER).calls());
  }

  @Test
  void largerPicturesAndBatchesTakeMore() throws IOException {
    GenerationPlan one = plan(GenerationRequest.of(PROMPT).steps(3));
    GenerationPlan wide = plan(GenerationRequest.of(PROMPT).steps(3).size(128, 64));
    GenerationPlan four = plan(GenerationRequest.of(PROMPT).steps(3).images(4));
    GenerationPlan unguided =
        plan(GenerationRequest.of(PROMPT).steps(3).images(2).guidanceScale(1));
    assertTrue(wide.memory().residentBytes() > one.memory().residentBytes());
    assertTrue(four.memory().workspaceBytes() > one.memory().workspaceBytes());
    assertEquals(one.memory().packedBytes(), four.memory().packedBytes());
    assertEquals(3, one.stage(Stage.DENOISER).calls());
    assertEquals(
        one.stage(Stage.DENOISER).totalProducts(),
        unguided.stage(Stage.DENOISER).totalProducts(),
        "guidance computes two pictures for each");
    assertEquals(
        4 * one.stage(Stage.DECODER).totalProducts(), four.stage(Stage.DECODER).totalProducts());
    assertNull(one.seconds());
  }

  private GenerationPlan plan(GenerationRequest.Builder request) throws IOException {
    return GenerationPlan.of(folder, request.build());
  }

  @Test
  void weightsAtRestTakeWhatTheirTypeSays() throws IOException {
    GenerationRequest request = GenerationRequest.of(PROMPT).build();
    long wide = GenerationPlan.of(folder, request, DType.F32, null).weightBytes();
    long narrow = GenerationPlan.of(folder, request, DType.F16, null).weightBytes();
    assertEquals(2.0 * narrow, (double) wide, 1e-4 * wide);
  }

  /** With one rate for everything, time is work divided by it. */
  @Test
  void timesAreThoseOfTheCalibration() throws IOException {
    List<Sample> samples = new ArrayList<>();
    for (Workload.Kind kind : Workload.Kind.values()) {
      int extents =
          switch (kind) {
            case PRODUCT, CONVOLVE_3X3, CONVOLVE, ATTEND -> 3;
            case NORMALIZE, ELEMENTWISE, MOVE -> 1;
          };
      samples.add(new Sample(new Workload(kind, 1e9, Collections.nCopies(extents, 8.0)), 0.5));
    }
    MachineProfile machine = new MachineProfile("cpu", 1, "cpu", "1", "25");
    Calibration c = new Calibration(machine, samples, 1e6, 2e6, 7);
    GenerationRequest request = GenerationRequest.of(PROMPT).steps(2).build();
    GenerationPlan plan = GenerationPlan.of(folder, request, null, c);
    assertEquals(plan.weightBytes() / 2e6, nonNull(plan.loading()), 1e-9);
    double sum = plan.memory().packedBytes() / 1e6 + 7;
    assertEquals(sum, nonNull(plan.once()), 1e-6 * sum);
    for (StageEstimate s : plan.stages()) {
      double atLeast = s.totalProducts() / 2e9;
      assertTrue(nonNull(s.seconds()) > atLeast, s.toString());
      sum += nonNull(s.seconds());
    }
    assertEquals(sum, nonNull(plan.seconds()), 1e-9 * sum);
  }

  private static double nonNull(Double value) {
    assertNotNull(value);
    return value;
  }

  @Test
  void whatDoesNotFitIsRefusedWithWhatWould() throws IOException {
    GenerationPlan four = plan(GenerationRequest.of(PROMPT).size(512, 512).images(4));
    GenerationPlan two = plan(GenerationRequest.of(PROMPT).size(512, 512).images(2));
    JvmMemory jvm = new JvmMemory(64 << 20, 1L << 40, 1L << 40);
    MemoryCheck check = check(two.memory().neededBytes(), jvm);
    assertTrue(check.fits(two));
    assertFalse(check.fits(four));
    check.requireFits(two);
    String message =
        assertThrows(InsufficientMemoryException.class, () -> check.requireFits(four)).getMessage();
    assertTrue(message.contains("512 x 512 pixels, 4 at a time"), message);
    assertTrue(message.contains("--images 2"), message);
    assertTrue(message.contains("a test"), message);
  }

  @Test
  void wherePicturesAreTooLargeTilesOrSmallerOnesAreNamed() throws IOException {
    GenerationPlan whole = plan(GenerationRequest.of(PROMPT).size(512, 512).tiles(Tiles.NEVER));
    GenerationPlan tiled = plan(GenerationRequest.of(PROMPT).size(512, 512).tiles(Tiles.ALWAYS));
    GenerationPlan small = plan(GenerationRequest.of(PROMPT).size(128, 128).tiles(Tiles.ALWAYS));
    JvmMemory jvm = new JvmMemory(64 << 20, 1L << 40, 1L << 40);
    assertTrue(tiled.memory().neededBytes() < whole.memory().neededBytes());
    String tiles = refusal(check(tiled.memory().neededBytes(), jvm), whole);
    assertTrue(tiles.contains("--tiles always"), tiles);
    String smaller = refusal(check(small.memory().neededBytes(), jvm), whole);
    assertTrue(smaller.contains("--width 128 --height 128"), smaller);
    assertTrue(refusal(check(1 << 20, jvm), whole).contains("more memory is needed"));
  }

  @Test
  void theJvmsOwnLimitCountsToo() throws IOException {
    GenerationPlan plan = plan(GenerationRequest.of(PROMPT));
    JvmMemory jvm = new JvmMemory(64 << 20, 1L << 40, plan.memory().offHeapBytes() - 1);
    String message = refusal(check(1L << 40, jvm), plan);
    assertTrue(message.contains("-XX:MaxDirectMemorySize"), message);
  }

  private MemoryCheck check(long bytes, JvmMemory jvm) {
    return new MemoryCheck(folder, new MemoryLimit(bytes, "a test"), jvm);
  }

  private static String refusal(MemoryCheck check, GenerationPlan plan) {
    return assertThrows(InsufficientMemoryException.class, () -> check.requireFits(plan))
        .getMessage();
  }
}
