package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.ptx.KernelFault.Kind.OUT_OF_BOUNDS;
import static io.github.f2d4j.kernels.ptx.KernelFault.Kind.RACE;
import static io.github.f2d4j.kernels.ptx.KernelFault.Kind.UNINITIALISED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.f2d4j.kernels.ptx.KernelFault;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Plants one fault at a time in the text of a kernel, or in its launch, and demands that the cases
 * notice: by the interpreter's finding or by a wrong result. A fault that passes would mean that
 * the cases prove less than they seem to.
 */
class PlantedFaultsTest {
  /** A way to break a kernel's text. */
  private record Fault(String name, String pattern, String replacement) {}

  /** Every single one must be caught. */
  private static final List<Fault> ALWAYS_CAUGHT =
      List.of(
          new Fault("barrier removed", "\\tbar\\.sync \\t0;", ""),
          new Fault("copy group left open", "cp\\.async\\.commit_group;", ""),
          new Fault(
              "waits for one group less", "cp\\.async\\.wait_group 0;", "cp.async.wait_group 1;"),
          new Fault(
              "waits for one group less", "cp\\.async\\.wait_group 1;", "cp.async.wait_group 2;"));

  /** What a lane gets from a partner is replaced by its own: one half of a sum is left out. */
  private static final Fault OWN_VALUE =
      new Fault(
          "partner's value left out",
          "shfl\\.sync\\.bfly\\.b32 \t(%r\\d+)\\|%p\\d+, (%r\\d+), [^;]*;",
          "mov.b32 \t$1, $2;");

  /** The kernels of both sets that are broken; other types differ only in how they round. */
  private static Map<String, String> kernels() {
    Map<String, String> moduleOf = new LinkedHashMap<>();
    for (int size : new int[] {40, 64, 80, 160}) {
      moduleOf.put("attend" + size + "_f16", "attend");
    }
    moduleOf.put("attend512_f16", "attend512");
    for (int limit : new int[] {64, 192, 512}) {
      moduleOf.put("attend_any" + limit + "_f32", "attend_any");
    }
    for (String name :
        List.of("group_norm_once", "group_norm_stats", "group_norm_apply", "layer_norm")) {
      moduleOf.put(name + "_f16", "normalize");
    }
    for (String name :
        List.of("epilogue_f16", "geglu_f16", "cast_f32_f16", "timestep_embedding_f16")) {
      moduleOf.put(name, "elementwise");
    }
    for (String name : List.of("upsample_b16", "concat_b16", "im2col_b16")) {
      moduleOf.put(name, "movement");
    }
    for (String name : List.of("pointwise_f16", "chain_f16")) {
      moduleOf.put(name, "elementwise_any");
    }
    for (String name : List.of("copy_b16", "copy_b128", "fill_b16", "gather_b16")) {
      moduleOf.put(name, "movement_any");
    }
    for (String name :
        List.of("reduce_rows_f16", "reduce_columns_f16", "softmax_f16", "l2_normalize_f16")) {
      moduleOf.put(name, "reduce");
    }
    moduleOf.put("pool_f16", "reduce");
    for (String name :
        List.of(
            "group_norm_planes_once_f16",
            "group_norm_planes_stats_f16",
            "group_norm_planes_apply_f16",
            "batch_norm_f16")) {
      moduleOf.put(name, "normalize_planes");
    }
    moduleOf.put("guided_step_f16", "sample");
    moduleOf.put("philox_normal_f32", "sample");
    return moduleOf;
  }

  private static List<KernelCase> casesOf(String entry) {
    return KernelCases.all(PtxSet.SM80).stream()
        .filter(c -> Simulator.entries(PtxSet.SM80, c).contains(entry))
        .toList();
  }

  /** What the cases say to a changed text; empty if they notice nothing. */
  private static String verdict(List<KernelCase> cases, String entry, String text) {
    for (KernelCase c : cases) {
      try {
        c.body().run(Simulator.withFault(PtxSet.SM80, entry, text));
      } catch (KernelFault fault) {
        return fault.kind().toString();
      } catch (AssertionError wrong) {
        return "wrong result";
      }
    }
    return "";
  }

  @TestFactory
  Stream<DynamicTest> faultsInTheText() {
    List<DynamicTest> tests = new ArrayList<>();
    kernels()
        .forEach(
            (entry, module) -> {
              String text = PtxText.of(PtxSet.SM80, module, entry);
              for (Fault fault : ALWAYS_CAUGHT) {
                List<String> mutants = PtxText.mutants(text, fault.pattern, fault.replacement);
                if (!mutants.isEmpty()) {
                  tests.add(
                      dynamicTest(
                          entry + ": " + fault.name + ", " + mutants.size() + " places",
                          () -> allCaught(entry, mutants)));
                }
              }
            });
    for (Fault fault : ALWAYS_CAUGHT) {
      assertTrue(
          tests.stream().anyMatch(t -> t.getDisplayName().contains(": " + fault.name + ", ")),
          "no kernel has a place for: " + fault.name);
    }
    return tests.stream();
  }

  /** Of the exchanges between lanes, which are many alike, the first and the last. */
  @TestFactory
  Stream<DynamicTest> exchangesLeftOut() {
    List<DynamicTest> tests = new ArrayList<>();
    kernels()
        .forEach(
            (entry, module) -> {
              String text = PtxText.of(PtxSet.SM80, module, entry);
              List<String> mutants =
                  PtxText.mutants(text, OWN_VALUE.pattern, OWN_VALUE.replacement);
              if (!mutants.isEmpty()) {
                tests.add(
                    dynamicTest(
                        entry + ": " + OWN_VALUE.name + ", first and last of " + mutants.size(),
                        () -> allCaught(entry, List.of(mutants.getFirst(), mutants.getLast()))));
              }
            });
    assertFalse(tests.isEmpty(), "no kernel exchanges values between lanes");
    return tests.stream();
  }

  private static void allCaught(String entry, List<String> mutants) {
    List<KernelCase> cases = casesOf(entry);
    for (int i = 0; i < mutants.size(); i++) {
      String verdict = verdict(cases, entry, mutants.get(i));
      assertFalse(verdict.isEmpty(), "place " + i + " of " + mutants.size() + " was not noticed");
    }
  }

  /**
   * Normalisation about zero instead of about an element of the group: right on paper, and in
   * float32 wrong where the mean is huge against the deviation.
   */
  @TestFactory
  Stream<DynamicTest> pivotsLeftOut() {
    Map<String, String> moduleOf = new LinkedHashMap<>();
    for (String name : List.of("group_norm_once", "group_norm_stats", "layer_norm")) {
      moduleOf.put(name + "_f32", "normalize");
    }
    for (String name : List.of("once", "stats", "apply")) {
      moduleOf.put("group_norm_planes_" + name + "_f32", "normalize_planes");
    }
    return moduleOf.entrySet().stream()
        .map(
            kernel ->
                dynamicTest(
                    kernel.getKey(),
                    () -> {
                      List<String> mutants =
                          PtxText.mutants(
                              PtxText.of(PtxSet.SM80, kernel.getValue(), kernel.getKey()),
                              "ld\\.global(?:\\.nc)?\\.f32 \t(%f\\d+), \\[[^;]*;"
                                  + "(?=[\\s\\S]*?sub\\.f32 \t%f\\d+, %f\\d+, \\1;)",
                              "mov.f32 \t$1, 0f00000000;");
                      assertFalse(mutants.isEmpty(), "no pivot");
                      allCaught(kernel.getKey(), mutants);
                    }));
  }

  /** A store 16 bytes off: overwrites a neighbour, leaves a hole, or runs over the end. */
  @TestFactory
  Stream<DynamicTest> misplacedStores() {
    return kernels().entrySet().stream()
        .map(
            kernel ->
                dynamicTest(
                    kernel.getKey(),
                    () -> {
                      String text = PtxText.of(PtxSet.SM80, kernel.getValue(), kernel.getKey());
                      List<String> mutants =
                          PtxText.mutants(
                              text, "(st\\.global\\S+\\s+\\[%rd\\d+)(\\+\\d+)?\\]", "$1+16]");
                      assertFalse(mutants.isEmpty(), "no store");
                      // of many alike, the first and the last
                      allCaught(kernel.getKey(), List.of(mutants.getFirst(), mutants.getLast()));
                    }));
  }

  /** Less dynamic shared memory than the kernel needs, by one access. */
  @TestFactory
  Stream<DynamicTest> shortSharedMemory() {
    Map<String, KernelCase> cases = new TreeMap<>();
    for (KernelCase c : KernelCases.all(PtxSet.SM80)) {
      for (String entry : Simulator.entries(PtxSet.SM80, c)) {
        cases.putIfAbsent(entry, c);
      }
    }
    return cases.entrySet().stream()
        .filter(kernel -> kernel.getKey().matches("attend\\d+_.*|group_norm_(once|stats|apply)_.*"))
        .map(
            kernel ->
                dynamicTest(
                    kernel.getKey(),
                    () -> {
                      Simulator simulator =
                          Simulator.withLaunches(
                              PtxSet.SM80,
                              launch ->
                                  launch.entry().equals(kernel.getKey())
                                      ? withShared(
                                          launch, launch.sharedBytes() - shortage(launch.entry()))
                                      : launch);
                      assertEquals(
                          OUT_OF_BOUNDS, kindOf(() -> kernel.getValue().body().run(simulator)));
                    }));
  }

  /** An access, and the gap that attention leaves between rows of shared memory. */
  private static int shortage(String entry) {
    return entry.startsWith("attend") ? 48 : 4;
  }

  /** The kernel's first size doubled, whatever it counts: found where the arrays end. */
  @TestFactory
  Stream<DynamicTest> countTooLarge() {
    Map<String, KernelCase> cases = new TreeMap<>();
    for (KernelCase c : KernelCases.all(PtxSet.SM80)) {
      for (String entry : Simulator.entries(PtxSet.SM80, c)) {
        cases.putIfAbsent(entry, c);
      }
    }
    return cases.entrySet().stream()
        .map(
            kernel ->
                dynamicTest(
                    kernel.getKey(),
                    () -> {
                      Simulator simulator =
                          Simulator.withLaunches(
                              PtxSet.SM80,
                              launch ->
                                  launch.entry().equals(kernel.getKey())
                                      ? withLargerCount(launch)
                                      : launch);
                      // beyond the arrays, or in another block's part of them
                      KernelFault.Kind kind = kindOf(() -> kernel.getValue().body().run(simulator));
                      assertTrue(
                          Set.of(OUT_OF_BOUNDS, RACE, UNINITIALISED).contains(kind),
                          kind.toString());
                    }));
  }

  private static KernelFault.Kind kindOf(Runnable launch) {
    try {
      launch.run();
    } catch (KernelFault fault) {
      return fault.kind();
    }
    throw new AssertionError("nothing was noticed");
  }

  private static KernelLaunch withShared(KernelLaunch l, int bytes) {
    return new KernelLaunch(l.module(), l.entry(), l.grid(), l.block(), bytes, l.arguments());
  }

  /** The first whole number doubled, and the grid with it. */
  private static KernelLaunch withLargerCount(KernelLaunch l) {
    List<Argument> arguments = new ArrayList<>();
    boolean changed = false;
    for (Argument argument : l.arguments()) {
      if (!changed && argument instanceof Argument.Int32(int value)) {
        arguments.add(new Argument.Int32(value * 2));
        changed = true;
      } else {
        arguments.add(argument);
      }
    }
    Dim3 grid = new Dim3(l.grid().x() * 2, l.grid().y(), l.grid().z());
    return new KernelLaunch(l.module(), l.entry(), grid, l.block(), l.sharedBytes(), arguments);
  }
}
