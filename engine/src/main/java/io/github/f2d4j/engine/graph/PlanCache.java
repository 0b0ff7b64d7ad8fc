package io.github.f2d4j.engine.graph;

import io.github.f2d4j.engine.backend.Backend;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Remembers the plans used last, by backend and structure. Safe for use by many threads. */
public final class PlanCache {
  private static final System.Logger LOG = System.getLogger(PlanCache.class.getName());
  private static final PlanCache SHARED = new PlanCache(256);

  private record Key(Backend backend, Graph graph) {}

  private final Map<Key, Plan> plans;

  /** A cache of at most {@code capacity} plans. */
  public PlanCache(int capacity) {
    plans =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Key, Plan> eldest) {
            return size() > capacity;
          }
        };
  }

  /** The cache that tensors use. */
  public static PlanCache shared() {
    return SHARED;
  }

  /** The plan of {@code graph} on {@code backend}, compiled on first use. */
  public Plan get(Graph graph, Backend backend) {
    Key key = new Key(backend, graph);
    @Nullable Plan plan;
    synchronized (plans) {
      plan = plans.get(key);
    }
    if (plan == null) {
      // Compiled outside the lock; two threads may do it twice, and either result serves.
      long start = System.nanoTime();
      plan = Plan.compile(graph, backend);
      LOG.log(
          Level.DEBUG,
          "Compiled {0} operators into a plan with {1} bytes of working memory in {2} ms",
          plan.graph().steps().size(),
          plan.workspaceBytes(),
          (System.nanoTime() - start) / 1_000_000);
      synchronized (plans) {
        plans.put(key, plan);
      }
    }
    return plan;
  }
}
