package io.github.f2d4j.model.replay;

import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.cpu.CpuBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The flags of the JVM that choose a backend, from the name that it gives itself. */
final class BackendFlags {
  private static final Pattern PRECISION =
      Pattern.compile(Pattern.quote(CpuBackend.AMX_MARK) + "-([^+]+)");

  private BackendFlags() {}

  /** The flags that change the backend called {@code from} into the one called {@code to}. */
  static String between(String from, String to) {
    List<String> flags = new ArrayList<>();
    if (!kind(from).equals(kind(to))) {
      flags.add("-D" + Backends.PROPERTY + "=" + kind(to));
    }
    if (kind(to).equals("cpu") && amx(from) != amx(to)) {
      flags.add("-D" + CpuBackend.AMX_PROPERTY + "=" + (amx(to) ? "auto" : "off"));
    }
    if (kind(to).equals("cpu") && amx(to) && !precision(from).equals(precision(to))) {
      flags.add("-D" + CpuBackend.PRECISION_PROPERTY + "=" + precision(to));
    }
    if (!convolve(from).equals(convolve(to))) {
      flags.add("-D" + CpuBackend.CONVOLVE_PROPERTY + "=" + convolve(to));
    }
    return String.join(" ", flags);
  }

  private static String kind(String name) {
    int mark = name.indexOf('+');
    return mark < 0 ? name : name.substring(0, mark);
  }

  private static boolean amx(String name) {
    return name.contains(CpuBackend.AMX_MARK);
  }

  /** What follows the mark of the matrix unit up to the next mark. */
  private static String precision(String name) {
    Matcher m = PRECISION.matcher(name);
    return m.find() ? m.group(1) : "highest";
  }

  private static String convolve(String name) {
    int mark = name.indexOf(CpuBackend.CONVOLVE_MARK);
    return mark < 0 ? "auto" : name.substring(mark + CpuBackend.CONVOLVE_MARK.length());
  }
}
