package io.github.f2d4j.gpubundle;

import java.util.ArrayList;
import java.util.List;

/**
 * A part of the run, in a process of its own.
 *
 * @param name for the command line and the result
 * @param title for the result
 * @param command what follows the name of the program; without one for Java's
 * @param flags of the JVM
 * @param minutes after which it is ended
 * @param resumes whether it is started again after a case that ended its process
 */
record Step(
    String name,
    String title,
    List<String> command,
    List<String> flags,
    int minutes,
    boolean resumes) {
  Step {
    command = List.copyOf(command);
    flags = List.copyOf(flags);
  }

  private static final String CUDA = "cuda";
  private static final String GOLDEN_TESTS = ".*GoldenTest";

  /** Matches no test's name. */
  private static final String NONE = "";

  /** The first, which tells whether the others can be done. */
  static final Step MACHINE =
      new Step("machine", "The machine", List.of("machine"), List.of(), 2, false);

  /** The fixtures' tests on the CPU: whether the bundle itself is whole. */
  private static final Step FIXTURES =
      new Step(
          "goldens-cpu",
          "Reference fixtures through the CPU backend",
          List.of("goldens", "cpu", GOLDEN_TESTS, NONE),
          List.of("-Df2d4j.backend=cpu"),
          10,
          false);

  /**
   * Fixtures of whole networks on the simulated GPU.
   *
   * @param classes a pattern for the tests' classes
   * @param without a pattern for the names of tests that are left out
   */
  static Step simulatedGoldens(Precision p, String classes, String without) {
    List<String> flags = new ArrayList<>(p.flags());
    flags.add("-Df2d4j.backend=" + SimulatedGpuProvider.NAME);
    flags.add(p.tolerance);
    return new Step(
        "simulated-" + p.name,
        "Reference fixtures through the CUDA backend on a simulated GPU, " + p.name,
        List.of("goldens", SimulatedGpuProvider.NAME, classes, without),
        flags,
        15,
        false);
  }

  /** All that need a GPU, in order: what is timed comes last. */
  static List<Step> all() {
    List<Step> steps = new ArrayList<>();
    steps.add(
        new Step(
            "kernels",
            "The kernels' cases, those of the interpreter, on the GPU",
            List.of("kernels"),
            List.of(),
            10,
            true));
    for (Precision p : Precision.values()) {
      steps.add(
          new Step(
              "operators-" + p.name,
              "Every operator on the CUDA backend against its definition, " + p.name,
              List.of("operators", p.name, CUDA),
              p.flags(),
              10,
              true));
    }
    for (Precision p : Precision.values()) {
      steps.add(
          new Step(
              "goldens-" + p.name,
              "Reference fixtures through the CUDA backend, " + p.name,
              List.of("goldens", CUDA, GOLDEN_TESTS, NONE),
              p.goldenFlags(),
              10,
              false));
    }
    steps.add(
        new Step(
            "rates",
            "The kernels' rates at the shapes of Stable Diffusion 1.4",
            List.of("rates"),
            List.of(),
            10,
            false));
    for (Precision p : Precision.values()) {
      steps.add(networks(p, CUDA, Scale.FULL));
    }
    for (Precision p : Precision.values()) {
      steps.add(pictures(p, CUDA, Scale.FULL));
    }
    return List.copyOf(steps);
  }

  /** Networks against the CPU backend, and their times. */
  static Step networks(Precision p, String backend, Scale scale) {
    return new Step(
        "networks-" + p.name,
        "Stable Diffusion 1.4's networks with random weights, " + p.name,
        List.of("networks", p.name, backend, scale.argument()),
        p.flags(),
        15,
        false);
  }

  /** Pictures against the CPU backend, and the time for one. */
  static Step pictures(Precision p, String backend, Scale scale) {
    return new Step(
        "pictures-" + p.name,
        "Whole pictures: the demonstration model's on both backends, and the time for one, "
            + p.name,
        List.of("pictures", p.name, backend, scale.argument()),
        p.flags(),
        15,
        false);
  }

  /**
   * What can be tried without a GPU: the fixtures on the CPU, and the steps that measure networks
   * and pictures, with tiny ones.
   *
   * @param backend what is measured in the place of the CUDA backend
   */
  static List<Step> rehearsal(String backend) {
    return List.of(
        FIXTURES,
        networks(Precision.F32, backend, Scale.TINY),
        pictures(Precision.F32, backend, Scale.TINY));
  }

  /** What the CUDA backend computes in, and how far it may be off. */
  enum Precision {
    /** TF32 off: only the order of sums differs from the CPU's. */
    F32("f32", "-Df2d4j.test.tolerance=4", 1e-4),
    F16("f16", "-Df2d4j.test.relative=0.02", 2e-2),
    BF16("bf16", "-Df2d4j.test.relative=0.1", 1e-1);

    final String name;
    private final String tolerance;

    /** Of a network's result, ‖a−b‖/‖b‖. */
    final double relativeError;

    Precision(String name, String tolerance, double relativeError) {
      this.name = name;
      this.tolerance = tolerance;
      this.relativeError = relativeError;
    }

    static Precision named(String name) {
      for (Precision p : values()) {
        if (p.name.equals(name)) {
          return p;
        }
      }
      throw new IllegalArgumentException("no precision is called " + name);
    }

    List<String> flags() {
      return List.of("-Df2d4j.cuda.precision=" + name);
    }

    List<String> goldenFlags() {
      List<String> flags = new ArrayList<>(flags());
      flags.add("-Df2d4j.backend=cuda");
      flags.add(tolerance);
      return flags;
    }
  }
}
