package io.github.f2d4j.kernels.catalog;

import java.util.ArrayList;
import java.util.List;

/** The cases of all kernels. */
public final class KernelCases {
  private KernelCases() {}

  /** Every case that a set of kernels can run. */
  public static List<KernelCase> all(PtxSet set) {
    List<KernelCase> cases = new ArrayList<>(AttentionCases.anywhere());
    if (set == PtxSet.SM80) {
      cases.addAll(AttentionCases.onTensorCores());
    }
    cases.addAll(NormalizeCases.all());
    cases.addAll(ElementwiseCases.all());
    cases.addAll(MovementCases.all());
    cases.addAll(SamplingCases.all());
    cases.addAll(PointwiseCases.all());
    cases.addAll(CopyCases.all());
    cases.addAll(ReductionCases.all());
    cases.addAll(PlaneCases.all());
    return cases;
  }
}
