package io.github.f2d4j.benchmarks;

import io.github.f2d4j.benchmarks.compare.Values;
import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.clip.ClipTextEncoder;
import io.github.f2d4j.model.unet.UNet2DConditionModel;
import io.github.f2d4j.model.vae.AutoencoderKl;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a process needs until its first denoising step has run, phase by phase: loading the weights
 * of Stable Diffusion, encoding the text, planning, packing, and steps that get faster while the
 * JVM compiles. One process measures once; {@code benchmarks/first-steps} starts several.
 */
public final class FirstSteps {
  /** Pixels per latent, each way. */
  private static final int SCALE = 8;

  private static final int GUIDED = 2;
  private static final int TOKENS = 77;

  private final PrintStream out;

  /** Of the last phase. */
  private double seconds;

  private FirstSteps(PrintStream out) {
    this.out = out;
  }

  private interface Phase<T> {
    T run() throws IOException;
  }

  /**
   * What the process has used so far.
   *
   * @param wall nanoseconds
   * @param cpu nanoseconds of all threads
   * @param compiling milliseconds of the compiler's threads
   * @param faults pages first touched
   * @param system hundredths of a second in the operating system, most of them for such pages
   */
  private record Counters(long wall, long cpu, long compiling, long faults, long system) {
    private static final Path STAT = Path.of("/proc/self/stat");
    private static final int MINOR_FAULTS = 7;
    private static final int SYSTEM_TIME = 12;

    static Counters now() {
      CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
      return new Counters(
          System.nanoTime(),
          ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos(),
          compiler == null ? 0 : compiler.getTotalCompilationTime(),
          stat(MINOR_FAULTS),
          stat(SYSTEM_TIME));
    }

    /** A number of the whole process, where the system tells. */
    private static long stat(int field) {
      try {
        String stat = Files.readString(STAT);
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[field]);
      } catch (IOException e) {
        return 0;
      }
    }
  }

  /**
   * Measures and prints a table.
   *
   * @param args the model's folder; the picture's width and height in pixels, default 512; steps,
   *     default 10
   */
  public static void main(String[] args) throws IOException {
    if (args.length == 0) {
      throw new IllegalArgumentException("name a model folder; f2d make-random-model makes one");
    }
    int side = args.length > 1 ? Integer.parseInt(args[1]) : 512;
    int steps = args.length > 2 ? Integer.parseInt(args[2]) : 10;
    new FirstSteps(System.out).run(Path.of(args[0]), side, steps);
  }

  private void run(Path model, int side, int steps) throws IOException {
    out.printf("%s, %d x %d pixels%n%n", Backends.current().describe(), side, side);
    out.println(
        "| phase | s | processors busy | compiling, s | in the system, s | pages touched, MB |");
    out.println("|---|---|---|---|---|---|");
    int latent = side / SCALE;
    UNet2DConditionModel unet =
        phase("load UNet", () -> UNet2DConditionModel.load(model.resolve("unet")));
    double ready = seconds;
    ClipTextEncoder encoder =
        phase("load text encoder", () -> ClipTextEncoder.load(model.resolve("text_encoder")));
    ready += seconds;
    phase("load VAE", () -> AutoencoderKl.load(model.resolve("vae")));
    ready += seconds;
    Tensor ids = Tensor.of(Values.tokens(GUIDED), GUIDED, TOKENS);
    Tensor text = phase("encode text", () -> eval(encoder.encode(encoder.embed(ids))));
    double encoding = seconds;
    Tensor[] inputs = {ramp(GUIDED, latent, latent, 4), Tensor.of(new float[] {801}, 1), text};
    CompiledFunction step =
        phase(
            "plan",
            () ->
                CompiledFunction.of(
                    x -> List.of(unet.forward(x.getFirst(), x.get(1), x.get(2))),
                    Arrays.stream(inputs).map(Tensor::type).toArray(TensorType[]::new)));
    ready += seconds;
    phase("pack", () -> pack(step));
    double packing = seconds;
    List<Double> times = new ArrayList<>();
    for (int i = 1; i <= steps; i++) {
      phase("step " + i, () -> step.call(inputs));
      times.add(seconds);
    }
    out.printf(
        "%nloading and planning %.2f s, text %.2f s, packing %.2f s", ready, encoding, packing);
    if (!times.isEmpty()) {
      out.printf(
          ", first step %.2f s, %.2f times the last",
          times.getFirst(), times.getFirst() / times.getLast());
    }
    out.println();
  }

  private static Tensor eval(Tensor tensor) {
    Tensor.eval(List.of(tensor));
    return tensor;
  }

  private static CompiledFunction pack(CompiledFunction step) {
    step.pack();
    return step;
  }

  /** Values that are not all the same. */
  private static Tensor ramp(int... dims) {
    float[] values = new float[Math.toIntExact(Shape.of(dims).elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 1009 / 504.5f - 1;
    }
    return Tensor.of(values, dims);
  }

  private <T> T phase(String name, Phase<T> body) throws IOException {
    Counters last = Counters.now();
    T result = body.run();
    Counters now = Counters.now();
    seconds = (now.wall() - last.wall()) / 1e9;
    out.printf(
        "| %s | %.2f | %.2f | %.2f | %.2f | %.0f |%n",
        name,
        seconds,
        (now.cpu() - last.cpu()) / 1e9 / seconds,
        (now.compiling() - last.compiling()) / 1e3,
        (now.system() - last.system()) / 100.0,
        (now.faults() - last.faults()) * 4096 / 1e6);
    return result;
  }
}
