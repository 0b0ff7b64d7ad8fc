package io.github.f2d4j.engine;

import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.graph.Capture;
import io.github.f2d4j.engine.graph.Node.Apply;
import io.github.f2d4j.engine.graph.Node.Leaf;
import io.github.f2d4j.engine.graph.PlanCache;
import java.lang.System.Logger.Level;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Function;

/**
 * Computes a value that the host is about to read. Where numbers overflowed on the way, because the
 * backend keeps them in a type of small range, it is computed again on the same processor with a
 * wider one. Every value is tried in the first type: so results do not depend on what was computed
 * before.
 */
final class HostRead {
  private static final System.Logger LOG = System.getLogger(HostRead.class.getName());

  /** Backends of which it has been said that something overflowed. */
  private static final Set<Backend> TOLD =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  private HostRead() {}

  /** The numbers of {@code pending}, as {@code reader} takes them from memory; completes it. */
  static float[] floats(Apply pending, Function<Leaf, float[]> reader) {
    Backend backend = Backends.current();
    Capture capture = Capture.of(List.of(pending), backend);
    Leaf value = compute(capture, pending, backend);
    float[] floats = reader.apply(value);
    if (!areFinite(floats)) {
      Backend wider = backend.wider();
      if (wider != null) {
        Leaf second = compute(capture, pending, wider);
        float[] again = reader.apply(second);
        // What is not finite with the wider range either was so meant: an infinity, say.
        if (areFinite(again)) {
          tell(backend, wider);
          value = second;
          floats = again;
        }
      }
    }
    pending.complete(value);
    return floats;
  }

  private static Leaf compute(Capture capture, Apply pending, Backend backend) {
    List<Buffer> arguments = capture.arguments().stream().map(Tensor::memory).toList();
    Buffer result = PlanCache.shared().get(capture.graph(), backend).run(arguments).getFirst();
    return new Leaf(pending.type(), result, false);
  }

  private static boolean areFinite(float[] values) {
    for (float v : values) {
      if (!Float.isFinite(v)) {
        return false;
      }
    }
    return true;
  }

  private static void tell(Backend backend, Backend wider) {
    if (TOLD.add(backend)) {
      LOG.log(
          Level.WARNING,
          "Numbers overflowed on {0}; what overflows is computed again on {1}, which takes longer",
          backend.name(),
          wider.name());
    }
  }
}
