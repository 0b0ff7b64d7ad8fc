package io.github.f2d4j.engine.backend;

import io.github.f2d4j.engine.backend.BackendProvider.Availability;
import io.github.f2d4j.engine.backend.BackendProvider.Available;
import io.github.f2d4j.engine.backend.BackendProvider.Finding;
import io.github.f2d4j.engine.backend.BackendProvider.Unavailable;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The backends of this JVM. Tensors are evaluated on {@link #current()}: the one chosen by {@link
 * #using} for this call, else the one named by the system property {@value #PROPERTY}, else the
 * available one of highest priority.
 */
public final class Backends {
  /** System property that names the default backend. */
  public static final String PROPERTY = "f2d4j.backend";

  /** A provider's name and the number of a device. */
  private static final Pattern DEVICE = Pattern.compile("(\\w+):(\\d{1,3})");

  private static final System.Logger LOG = System.getLogger(Backends.class.getName());
  private static final ScopedValue<Backend> CURRENT = ScopedValue.newInstance();

  private Backends() {}

  /** The probe results, once per JVM. */
  private static final class Found {
    static final List<BackendProvider> PROVIDERS = new ArrayList<>();
    static final Map<String, Availability> BY_NAME = probe();

    /** Of devices that somebody has asked for. */
    static final Map<String, Availability> DEVICES = new ConcurrentHashMap<>();

    private static Map<String, Availability> probe() {
      Map<String, Availability> found = new LinkedHashMap<>();
      var iterator =
          ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()).iterator();
      while (true) {
        try {
          if (!iterator.hasNext()) {
            break;
          }
          PROVIDERS.add(iterator.next());
        } catch (ServiceConfigurationError | LinkageError e) {
          found.put("provider " + found.size(), new Unavailable(List.of(e.toString())));
        }
      }
      PROVIDERS.sort(Comparator.comparingInt(BackendProvider::priority).reversed());
      Map<String, Availability> ordered = new LinkedHashMap<>();
      for (BackendProvider p : PROVIDERS) {
        ordered.put(p.name(), p.probe());
      }
      ordered.putAll(found);
      ordered.forEach(
          (name, a) -> {
            if (a instanceof Unavailable u) {
              LOG.log(Level.DEBUG, "Backend {0} is unavailable: {1}", name, u.reasons());
            }
          });
      return java.util.Collections.unmodifiableMap(ordered);
    }
  }

  private static final class Default {
    static final Backend BACKEND = chosen();

    private static Backend chosen() {
      Backend backend = choose();
      LOG.log(Level.DEBUG, "Default backend: {0}", backend.describe());
      return backend;
    }

    private static Backend choose() {
      String wanted = System.getProperty(PROPERTY);
      if (wanted != null) {
        return get(wanted);
      }
      for (Availability a : available().values()) {
        if (a instanceof Available yes) {
          return yes.backend();
        }
      }
      throw new IllegalStateException("no backend is available: " + available());
    }
  }

  /** Every provider's answer by name, best first. */
  public static Map<String, Availability> available() {
    return Found.BY_NAME;
  }

  /**
   * What every provider finds when it looks thoroughly. This may load native libraries, which stay;
   * a provider that cannot be loaded stands in {@link #available()} with its reason.
   */
  public static List<Finding> examine() {
    List<Finding> findings = new ArrayList<>();
    for (BackendProvider provider : Found.PROVIDERS) {
      findings.addAll(provider.examine());
    }
    return findings;
  }

  /**
   * The backend {@code name}: a provider's, as {@code cuda}, or on one of its devices, as {@code
   * cuda:1}. The same name gives the same backend.
   *
   * @throws IllegalArgumentException if there is no such backend, or it is unavailable: with all
   *     reasons
   */
  public static Backend get(String name) {
    return switch (availability(name)) {
      case Available a -> a.backend();
      case Unavailable u ->
          throw new IllegalArgumentException(
              "backend " + name + " is unavailable: " + String.join("; ", u.reasons()));
      case null ->
          throw new IllegalArgumentException(
              "no backend is called "
                  + name
                  + "; there are "
                  + Found.BY_NAME.keySet()
                  + ", and their devices, as in cuda:1");
    };
  }

  private static @Nullable Availability availability(String name) {
    Matcher m = DEVICE.matcher(name);
    if (!m.matches()) {
      return Found.BY_NAME.get(name);
    }
    return Found.PROVIDERS.stream()
        .filter(p -> p.name().equals(m.group(1)) && Found.BY_NAME.containsKey(p.name()))
        .findFirst()
        .map(p -> Found.DEVICES.computeIfAbsent(name, _ -> p.probe(Integer.parseInt(m.group(2)))))
        .orElse(null);
  }

  /** The backend on which this thread evaluates. */
  public static Backend current() {
    return CURRENT.isBound() ? CURRENT.get() : Default.BACKEND;
  }

  /** Runs {@code body} with {@code backend} as {@link #current()} of this thread. */
  public static <T> T using(Backend backend, Callable<T> body) throws Exception {
    return ScopedValue.where(CURRENT, backend).call(body::call);
  }

  /** Runs {@code body} with {@code backend} as {@link #current()} of this thread. */
  public static void using(Backend backend, Runnable body) {
    ScopedValue.where(CURRENT, backend).run(body);
  }

  /** As {@link #using(Backend, Callable)}, for bodies that throw less than any exception. */
  public static <T, X extends Throwable> T calling(
      Backend backend, ScopedValue.CallableOp<? extends T, X> body) throws X {
    return ScopedValue.where(CURRENT, backend).<T, X>call(body);
  }
}
