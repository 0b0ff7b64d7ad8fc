package io.github.f2d4j.model.plan;

import io.github.f2d4j.engine.cost.Family;
import io.github.f2d4j.engine.graph.Analysis;
import io.github.f2d4j.engine.graph.Analysis.StepCost;
import io.github.f2d4j.model.pipeline.GenerationAnalysis.Computation;
import io.github.f2d4j.model.pipeline.GenerationAnalysis.Stage;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The work of one stage of a generation, all its calls together.
 *
 * @param calls how often it runs
 * @param products operations in sums of products, by family; a multiply-add is two
 * @param others all other operations, by family
 * @param workspaceBytes working memory while it runs
 * @param leastWorkspaceBytes what of it is in use at one time, at the most
 * @param seconds its time, null without a calibration
 */
public record StageEstimate(
    Stage stage,
    int calls,
    Map<Family, Long> products,
    Map<Family, Long> others,
    long workspaceBytes,
    long leastWorkspaceBytes,
    @Nullable Double seconds) {
  /** Copies the maps. */
  public StageEstimate {
    products = Collections.unmodifiableMap(new EnumMap<>(products));
    others = Collections.unmodifiableMap(new EnumMap<>(others));
  }

  /** The usual figure for a network: operations in sums of products. */
  public long totalProducts() {
    return products.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Adds up the computations of one stage. */
  static StageEstimate of(
      Stage stage, List<Computation> computations, @Nullable Calibration calibration) {
    Map<Family, Long> products = new EnumMap<>(Family.class);
    Map<Family, Long> others = new EnumMap<>(Family.class);
    int calls = 0;
    long workspace = 0;
    long least = 0;
    double seconds = 0;
    for (Computation c : computations) {
      Analysis a = c.analysis();
      for (StepCost s : a.steps()) {
        products.merge(s.cost().family(), c.calls() * s.cost().products(), Long::sum);
        others.merge(s.cost().family(), c.calls() * s.cost().others(), Long::sum);
      }
      calls += c.calls();
      workspace = Math.max(workspace, a.workspaceBytes());
      least = Math.max(least, a.leastWorkspaceBytes());
      seconds += calibration == null ? 0 : c.calls() * calibration.seconds(a);
    }
    return new StageEstimate(
        stage, calls, products, others, workspace, least, calibration == null ? null : seconds);
  }
}
