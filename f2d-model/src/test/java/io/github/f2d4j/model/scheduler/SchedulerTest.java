package io.github.f2d4j.model.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.weights.testing.Close;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What must hold for every scheduler and setting, beyond the recorded trajectories. */
class SchedulerTest {
  private static final SchedulerConfig SD = SchedulerConfig.stableDiffusion();

  /** A scheduler by a name that says its settings. */
  record Case(String name, Function<SchedulerConfig, Scheduler> make) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case dpm(String algorithm, int order, String solver, boolean karras) {
    return new Case(
        algorithm + " order " + order + " " + solver + (karras ? " karras" : ""),
        c ->
            new DPMSolverMultistepScheduler(
                c.with("algorithm_type", algorithm)
                    .with("solver_order", order)
                    .with("solver_type", solver)
                    .with("use_karras_sigmas", karras)));
  }

  /** All that add no noise. */
  static Stream<Case> deterministic() {
    List<Case> cases = new ArrayList<>();
    cases.add(new Case("euler", EulerDiscreteScheduler::new));
    cases.add(
        new Case(
            "euler karras", c -> new EulerDiscreteScheduler(c.with("use_karras_sigmas", true))));
    cases.add(
        new Case(
            "euler log-linear",
            c -> new EulerDiscreteScheduler(c.with("interpolation_type", "log_linear"))));
    cases.add(new Case("lms", LMSDiscreteScheduler::new));
    cases.add(
        new Case("lms karras", c -> new LMSDiscreteScheduler(c.with("use_karras_sigmas", true))));
    cases.add(new Case("ddim", c -> new DDIMScheduler(c, 0)));
    cases.add(
        new Case(
            "ddim trailing", c -> new DDIMScheduler(c.with("timestep_spacing", "trailing"), 0)));
    cases.add(new Case("pndm", PNDMScheduler::new));
    cases.add(
        new Case("pndm with Runge-Kutta", c -> new PNDMScheduler(c.with("skip_prk_steps", false))));
    for (String algorithm : List.of("dpmsolver++", "dpmsolver")) {
      for (int order = 1; order <= 3; order++) {
        cases.add(dpm(algorithm, order, "midpoint", false));
        cases.add(dpm(algorithm, order, "heun", true));
      }
    }
    return cases.stream();
  }

  /** All, stochastic ones too. */
  static Stream<Case> all() {
    return Stream.concat(
        deterministic(),
        Stream.of(
            new Case("euler ancestral", EulerAncestralDiscreteScheduler::new),
            new Case("ddim eta 0.5", c -> new DDIMScheduler(c, 0.5)),
            new Case("ddpm", DDPMScheduler::new),
            new Case("ddpm large", c -> new DDPMScheduler(c.with("variance_type", "fixed_large"))),
            dpm("sde-dpmsolver++", 2, "midpoint", false),
            dpm("sde-dpmsolver++", 2, "heun", true),
            dpm("sde-dpmsolver", 2, "heun", false),
            dpm("sde-dpmsolver", 1, "midpoint", false)));
  }

  private static Tensor normal(long seed, int... dims) {
    Random random = new Random(seed);
    float[] values = new float[Arrays.stream(dims).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, dims);
  }

  /**
   * If the predicted noise never changes, x = a·x₀ + s·ε with the same x₀ and ε throughout, so
   * every deterministic method must land exactly on its last noise level.
   */
  @ParameterizedTest
  @MethodSource("deterministic")
  void constantNoiseIsSolvedExactly(Case c) {
    Scheduler scheduler = c.make.apply(SD);
    NoiseSchedule schedule = scheduler.noiseSchedule();
    for (int steps : new int[] {5, 20}) {
      SchedulerRun run = scheduler.start(steps);
      Tensor x0 = normal(1, 2, 3);
      Tensor epsilon = normal(2, 2, 3);
      double first = level(run, schedule, 0);
      Tensor x = mix(x0, epsilon, first, run).eval();
      for (int i = 0; i < run.length(); i++) {
        if (i == 0 || !c.name.startsWith("pndm")) {
          // PNDM's second visit of a timestep has a sample of another noise level.
          Close.assertClose(
              c + " predicts x0 at " + i,
              x0.toFloats(),
              run.predictOriginal(epsilon, i, x).toFloats(),
              1e-3,
              1e-3);
        }
        x = run.step(epsilon, i, x, null).eval();
      }
      double last =
          switch (run) {
            case SigmaRun s -> s.sigma(run.length());
            // All others end at the first training timestep, by different ways.
            default -> sigma(schedule, 0);
          };
      Close.assertClose(
          c + " with " + steps + " steps",
          mix(x0, epsilon, last, run).toFloats(),
          x.toFloats(),
          2e-4,
          2e-4);
    }
  }

  /** σ of x = x₀ + σ·ε, or of √(1−σ²)·x₀ + σ·ε. */
  private static double level(SchedulerRun run, NoiseSchedule schedule, int i) {
    return run instanceof SigmaRun s ? s.sigma(i) : sigma(schedule, (int) run.timestep(i));
  }

  private static double sigma(NoiseSchedule schedule, int t) {
    return Math.sqrt(1 - schedule.alphaCumprod(t));
  }

  private static Tensor mix(Tensor x0, Tensor epsilon, double sigma, SchedulerRun run) {
    double alpha = run instanceof SigmaRun ? 1 : Math.sqrt(1 - sigma * sigma);
    return x0.mul((float) alpha).add(epsilon.mul((float) sigma));
  }

  /** A model that predicts v or x₀ and means the same noise takes the same way. */
  @ParameterizedTest
  @MethodSource("all")
  void predictionTypesAgree(Case c) {
    float[] reference = trajectory(c, "epsilon");
    Close.assertClose(c + " v_prediction", reference, trajectory(c, "v_prediction"), 3e-3, 1e-3);
    if (!c.name.startsWith("pndm") && !c.name.equals("euler ancestral")) {
      Close.assertClose(c + " sample", reference, trajectory(c, "sample"), 3e-3, 1e-3);
    } else {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> c.make.apply(SD.with("prediction_type", "sample")))
              .getMessage();
      assertTrue(message.contains("prediction_type"), message);
    }
  }

  private static float[] trajectory(Case c, String prediction) {
    Scheduler scheduler = c.make.apply(SD.with("prediction_type", prediction));
    SchedulerRun run = scheduler.start(6);
    Tensor x = normal(3, 2, 3).mul(run.initNoiseSigma()).eval();
    for (int i = 0; i < run.length(); i++) {
      // PNDM uses the sample at the first visit for both: only a prediction from it is consistent.
      Tensor epsilon = normal(100 + i / 2, 2, 3);
      double sigma = level(run, scheduler.noiseSchedule(), i);
      Tensor output = output(prediction, epsilon, x, sigma, run instanceof SigmaRun).eval();
      x = run.step(output, i, x, run.needsNoise(i) ? normal(200 + i, 2, 3) : null).eval();
      if (c.name.startsWith("pndm") && i == 0) {
        break;
      }
    }
    return x.toFloats();
  }

  /** ε as the model would say it. */
  private static Tensor output(
      String prediction, Tensor epsilon, Tensor x, double sigma, boolean sigmaForm) {
    double alpha = sigmaForm ? 1 / Math.sqrt(1 + sigma * sigma) : Math.sqrt(1 - sigma * sigma);
    double part = sigmaForm ? sigma * alpha : sigma;
    // In the form x₀ + σ·ε the sample is 1/α as large.
    Tensor x0 =
        sigmaForm
            ? x.sub(epsilon.mul((float) sigma))
            : x.sub(epsilon.mul((float) sigma)).mul((float) (1 / alpha));
    return switch (prediction) {
      case "epsilon" -> epsilon;
      case "sample" -> x0;
      default -> epsilon.mul((float) alpha).sub(x0.mul((float) part));
    };
  }

  @ParameterizedTest
  @MethodSource("all")
  void stepsRunInOrderAndRunsAreIndependent(Case c) {
    Scheduler scheduler = c.make.apply(SD);
    SchedulerRun a = scheduler.start(6);
    SchedulerRun b = scheduler.start(6);
    Tensor x = normal(4, 2, 2);
    Tensor m = normal(5, 2, 2);
    Tensor z = normal(6, 2, 2);
    float[] first = a.step(m, 0, x, z).toFloats();
    // Another run in between leaves no trace.
    Tensor y = b.step(z, 0, m, x).eval();
    b.step(y, 1, m, x).eval();
    float[] second = a.step(m, 1, x, z).toFloats();
    SchedulerRun again = scheduler.start(6);
    assertTrue(Arrays.equals(first, again.step(m, 0, x, z).toFloats()));
    assertTrue(Arrays.equals(second, again.step(m, 1, x, z).toFloats()));
    String message =
        assertThrows(IllegalStateException.class, () -> again.step(m, 4, x, z)).getMessage();
    assertTrue(message.contains("step 4") && message.contains("step 2"), message);
  }

  @Test
  void missingNoiseAndOtherShapesAreRefused() {
    SchedulerRun run = new EulerAncestralDiscreteScheduler(SD).start(3);
    Tensor x = normal(7, 2, 2);
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> run.step(x, 0, x, null))
            .getMessage()
            .contains("noise"));
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> run.step(normal(8, 4), 0, x, x))
            .getMessage()
            .contains("[4]"));
    // A refused step has not been taken.
    assertNotNull(run.step(x, 0, x, x));
  }

  @ParameterizedTest
  @EnumSource(SchedulerKind.class)
  void kindsAreFoundByEveryName(SchedulerKind kind) {
    assertEquals(kind, SchedulerKind.parse(kind.label()));
    assertEquals(kind, SchedulerKind.parse(kind.name()));
    Scheduler scheduler = kind.create(SD, 0);
    SchedulerConfig saved = scheduler.config().with("_class_name", kind.className());
    assertEquals(kind, SchedulerKind.of(saved));
    for (int steps : new int[] {1, 2, 3, 50}) {
      SchedulerRun run = scheduler.start(steps);
      assertTrue(run.length() >= 1 && Math.abs(run.length() - steps) <= Math.max(1, steps / 10));
    }
    assertThrows(IllegalArgumentException.class, () -> scheduler.start(0));
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> scheduler.start(1001))
            .getMessage()
            .contains("1001"));
  }

  @Test
  void unknownKindIsRefusedWithTheChoice() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> SchedulerKind.parse("heun2"))
            .getMessage();
    assertTrue(message.contains("heun2") && message.contains("euler-ancestral"), message);
  }

  /** Each setting that is wrong, and the name that the message must hold. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "beta_start\": 2, \"x",
        "beta_end\": \"high",
        "beta_schedule\": \"cubic",
        "num_train_timesteps\": 0, \"x",
        "num_train_timesteps\": 1.5, \"x",
        "prediction_type\": \"flow",
        "clip_sample\": \"no",
        "trained_betas\": [0.1, 7], \"x",
        "thresholding\": true, \"x",
      })
  void wrongSettingsAreNamed(String json) {
    SchedulerConfig config =
        SchedulerConfig.parse("test", "{\"" + json + "\"" + (json.endsWith("x") ? ": 0}" : "}"));
    String key = json.substring(0, json.indexOf('"'));
    String message =
        assertThrows(IllegalArgumentException.class, () -> new DDIMScheduler(config, 0))
            .getMessage();
    assertTrue(message.contains(key), message);
  }

  @Test
  void textThatIsNoSettingsIsRefused() {
    for (String bad : List.of("", "[1]", "{", "7")) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> SchedulerConfig.parse("s.json", bad))
              .getMessage();
      assertTrue(message.contains("s.json"), message);
    }
  }

  @Test
  void latentsAreNotClippedWhateverTheFileSays() {
    SchedulerConfig plain =
        SchedulerConfig.parse("test", "{\"beta_schedule\": \"scaled_linear\"}").forLatents();
    assertEquals(SD.flag("clip_sample", true), plain.flag("clip_sample", true));
    assertEquals(1, plain.integer("steps_offset", 0));
    assertTrue(plain.flag("skip_prk_steps", false));
  }

  /** The clipped and the unclipped way of computing are the same as long as nothing is clipped. */
  @Test
  void clippingFarAwayChangesNothing() {
    for (Function<SchedulerConfig, Scheduler> make :
        List.<Function<SchedulerConfig, Scheduler>>of(
            DDPMScheduler::new, c -> new DDIMScheduler(c, 1))) {
      float[][] results = new float[2][];
      for (int k = 0; k < 2; k++) {
        SchedulerConfig c = SD.with("clip_sample", k == 1).with("clip_sample_range", 1e6);
        SchedulerRun run = make.apply(c).start(4);
        results[k] = run.step(normal(9, 3), 0, normal(10, 3), normal(11, 3)).toFloats();
      }
      Close.assertClose("clipped", results[0], results[1], 1e-4, 1e-4);
    }
  }
}
