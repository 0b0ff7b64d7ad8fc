package io.github.f2d4j.model.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.weights.testing.Close;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.Goldens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Timesteps, σ and whole trajectories of diffusers 0.17.0: {@code schedulers*} fixtures. */
class SchedulerGoldenTest {
  private static final Pattern NAME =
      Pattern.compile("([a-z_]+?)(?:_eta([0-9.]+)|_(\\d)m)?(_karras)?");

  static Stream<Fixture> fixtures() {
    return Goldens.fixtures("schedulers").stream();
  }

  static Stream<Arguments> runs() {
    return fixtures()
        .flatMap(
            f ->
                f.config().path("runs").propertyStream().map(run -> Arguments.of(f, run.getKey())));
  }

  private static SchedulerConfig config(Fixture f) {
    JsonNode node = f.config().path("scheduler");
    assertTrue(node.isObject(), f + " has no scheduler settings");
    return SchedulerConfig.parse(f.name(), node.toString());
  }

  /** The scheduler that a run such as {@code ddim_eta1} or {@code dpmsolver_2m_karras} names. */
  private static Scheduler scheduler(String name, SchedulerConfig config) {
    Matcher m = NAME.matcher(name);
    assertTrue(m.matches(), "cannot read the scheduler name " + name);
    SchedulerConfig c = m.group(4) == null ? config : config.with("use_karras_sigmas", true);
    return switch (m.group(1)) {
      case "euler_ancestral" -> new EulerAncestralDiscreteScheduler(c);
      case "euler" -> new EulerDiscreteScheduler(c);
      case "ddim" -> new DDIMScheduler(c, m.group(2) == null ? 0 : Double.parseDouble(m.group(2)));
      case "pndm" -> new PNDMScheduler(c);
      case "dpmsolver" ->
          new DPMSolverMultistepScheduler(
              m.group(3) == null ? c : c.with("solver_order", Integer.parseInt(m.group(3))));
      case "lms" -> new LMSDiscreteScheduler(c);
      case "ddpm" -> new DDPMScheduler(c);
      default -> throw new AssertionError("no scheduler is known as " + name);
    };
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void scheduleIsUpstreams(Fixture f) {
    NoiseSchedule schedule = config(f).noiseSchedule();
    // One unit in the last place: torch's linspace depends on the CPU it ran on.
    Close.assertClose("betas", f.floats("out.betas"), schedule.betas(), 0, 2e-7);
    Close.assertClose(
        "alphas_cumprod", f.floats("out.alphas_cumprod"), schedule.alphasCumprod(), 0, 2e-7);
    Close.assertClose(
        "train_sigmas", f.floats("out.train_sigmas"), schedule.trainSigmas(), 0, 2e-6);
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void everyOutputIsCompared(Fixture f) {
    Set<String> left = new TreeSet<>(f.names("out."));
    left.removeAll(Set.of("out.betas", "out.alphas_cumprod", "out.train_sigmas", "out.add_noise"));
    for (String run : f.config().path("runs").propertyStream().map(Map.Entry::getKey).toList()) {
      for (String part :
          List.of("timesteps", "sigmas", "init_noise_sigma", "scaled_inputs", "latents")) {
        left.remove("out." + run + "." + part);
      }
    }
    assertEquals(Set.of(), left);
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void addNoiseIsUpstreams(Fixture f) {
    Tensor noisy =
        config(f)
            .noiseSchedule()
            .addNoise(
                tensor(f, "in.add_noise.x0"),
                tensor(f, "in.add_noise.noise"),
                f.ints("in.add_noise.timesteps"));
    Close.assertClose("add_noise", f.floats("out.add_noise"), noisy.toFloats(), 2e-6, 1e-5);
  }

  @ParameterizedTest
  @MethodSource("runs")
  void trajectoryIsUpstreams(Fixture f, String name) {
    int dot = name.lastIndexOf('.');
    int steps = Integer.parseInt(name.substring(dot + 1));
    SchedulerRun run = scheduler(name.substring(0, dot), config(f)).start(steps);
    String out = "out." + name + ".";
    assertEquals(f.config().path("runs").path(name).path("steps").asInt(), run.length());
    assertTimesteps(f, out + "timesteps", run.timesteps());
    Close.assertClose(
        "init_noise_sigma",
        f.floats(out + "init_noise_sigma"),
        new float[] {run.initNoiseSigma()},
        0,
        2e-6);
    if (f.has(out + "sigmas")) {
      Close.assertClose("sigmas", f.floats(out + "sigmas"), run.sigmas(), 0, 2e-6);
    }
    Shape shape = f.shape("in.init_noise");
    Tensor x = tensor(f, "in.init_noise").mul(run.initNoiseSigma());
    List<float[]> scaled = new ArrayList<>();
    List<float[]> latents = new ArrayList<>();
    for (int i = 0; i < run.length(); i++) {
      scaled.add(run.scaleModelInput(x, i).toFloats());
      Tensor noise = run.needsNoise(i) ? row(f, "in.noise", i, shape) : null;
      x = run.step(row(f, "in.model_outputs", i, shape), i, x, noise).eval();
      latents.add(x.toFloats());
    }
    Close.assertClose("latents", f.floats(out + "latents"), concat(latents), 5e-4, 1e-5);
    // Where the fixture records none, scaling is the identity: the sample before the step.
    List<float[]> before = new ArrayList<>(latents.subList(0, latents.size() - 1));
    before.addFirst(tensor(f, "in.init_noise").mul(run.initNoiseSigma()).toFloats());
    float[] expected =
        f.has(out + "scaled_inputs") ? f.floats(out + "scaled_inputs") : concat(before);
    Close.assertClose("scaled_inputs", expected, concat(scaled), 5e-4, 1e-5);
  }

  private static void assertTimesteps(Fixture f, String name, double[] actual) {
    if (f.tensor(name).dtype().isFloating()) {
      double atol = f.tensor(name).dtype() == DType.F64 ? 1e-9 : 1e-4;
      assertArrayEquals(f.doubles(name), actual, atol);
    } else {
      double[] whole = Arrays.stream(f.longs(name)).asDoubleStream().toArray();
      assertArrayEquals(whole, actual);
    }
  }

  private static Tensor tensor(Fixture f, String name) {
    return Tensor.of(f.floats(name), f.shape(name));
  }

  private static Tensor row(Fixture f, String name, int i, Shape shape) {
    int n = Math.toIntExact(shape.elements());
    return Tensor.of(Arrays.copyOfRange(f.floats(name), i * n, (i + 1) * n), shape);
  }

  private static float[] concat(List<float[]> parts) {
    int n = parts.stream().mapToInt(p -> p.length).sum();
    float[] all = new float[n];
    int at = 0;
    for (float[] p : parts) {
      System.arraycopy(p, 0, all, at, p.length);
      at += p.length;
    }
    return all;
  }
}
