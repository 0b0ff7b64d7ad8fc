package io.github.f2d4j.model.scheduler;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The samplers by name, for command lines and requests. */
public enum SchedulerKind {
  /** Upstream's choice, and the default. */
  EULER_ANCESTRAL("euler-ancestral", "EulerAncestralDiscreteScheduler"),
  /** Euler's method without fresh noise. */
  EULER("euler", "EulerDiscreteScheduler"),
  /** DDIM; takes η. */
  DDIM("ddim", "DDIMScheduler"),
  /** PNDM as in Stable Diffusion's own settings. */
  PNDM("pndm", "PNDMScheduler"),
  /** DPM-Solver++ of second order, multistep. */
  DPM_SOLVER_2M("dpm++-2m", "DPMSolverMultistepScheduler"),
  /** DPM-Solver++ 2M with Karras spacing. */
  DPM_SOLVER_2M_KARRAS("dpm++-2m-karras", "DPMSolverMultistepScheduler"),
  /** Linear multistep. */
  LMS("lms", "LMSDiscreteScheduler"),
  /** DDPM. */
  DDPM("ddpm", "DDPMScheduler");

  private final String label;
  private final String className;

  SchedulerKind(String label, String className) {
    this.label = label;
    this.className = className;
  }

  /** Its name on the command line, such as {@code dpm++-2m-karras}. */
  public String label() {
    return label;
  }

  /** Its class in diffusers. */
  public String className() {
    return className;
  }

  /**
   * The sampler of a label, a constant's name or a class name of diffusers; case, {@code _} and
   * {@code -} do not matter.
   *
   * @throws IllegalArgumentException naming all labels, if there is none
   */
  public static SchedulerKind parse(String name) {
    for (SchedulerKind k : values()) {
      if (same(name, k.label) || same(name, k.name()) || same(name, k.className)) {
        return k;
      }
    }
    throw new IllegalArgumentException(
        "no scheduler is called \""
            + name
            + "\"; choose one of "
            + Arrays.stream(values()).map(SchedulerKind::label).collect(Collectors.joining(", ")));
  }

  private static boolean same(String a, String b) {
    return plain(a).equals(plain(b));
  }

  private static String plain(String s) {
    return s.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
  }

  /**
   * The sampler that saved these settings.
   *
   * @throws IllegalArgumentException if they name none or one that is not supported
   */
  public static SchedulerKind of(SchedulerConfig config) {
    String name = config.className();
    if (name == null) {
      throw config.wrong("_class_name", "missing", "the name of a scheduler of diffusers");
    }
    SchedulerKind kind = parse(name);
    return kind == DPM_SOLVER_2M && config.flag("use_karras_sigmas", false)
        ? DPM_SOLVER_2M_KARRAS
        : kind;
  }

  /**
   * This sampler with those settings that it knows.
   *
   * @param eta η of DDIM; the others ignore it
   * @throws IllegalArgumentException naming the setting, if one is not usable
   */
  public Scheduler create(SchedulerConfig config, double eta) {
    return switch (this) {
      case EULER_ANCESTRAL -> new EulerAncestralDiscreteScheduler(config);
      case EULER -> new EulerDiscreteScheduler(config);
      case DDIM -> new DDIMScheduler(config, eta);
      case PNDM -> new PNDMScheduler(config);
      case DPM_SOLVER_2M ->
          new DPMSolverMultistepScheduler(config.with("use_karras_sigmas", false));
      case DPM_SOLVER_2M_KARRAS ->
          new DPMSolverMultistepScheduler(config.with("use_karras_sigmas", true));
      case LMS -> new LMSDiscreteScheduler(config);
      case DDPM -> new DDPMScheduler(config);
    };
  }
}
