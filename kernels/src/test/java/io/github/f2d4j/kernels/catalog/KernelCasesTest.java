package io.github.f2d4j.kernels.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.f2d4j.kernels.ptx.PtxModule;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every kernel of both sets, executed from the PTX that ships, against plain loops. */
class KernelCasesTest {
  private static final Pattern ENTRY = Pattern.compile("\\.entry (\\w+)\\(");

  /** Kernels whose threads go on to further elements, a whole grid away. */
  private static final Pattern LOOPING =
      Pattern.compile(
          "(epilogue|geglu|cast|upsample|concat|im2col|pointwise|chain|copy|fill|gather|batch_norm)_.*");

  @TestFactory
  Stream<DynamicTest> newerSet() {
    return tests(PtxSet.SM80);
  }

  @TestFactory
  Stream<DynamicTest> olderSet() {
    return tests(PtxSet.SM70);
  }

  /** In a grid of a single warp, small tensors too take many turns of these loops. */
  @TestFactory
  Stream<DynamicTest> oneWarpDoesEverything() {
    PtxSet set = PtxSet.SM80;
    return KernelCases.all(set).stream()
        .filter(c -> LOOPING.matcher(String.join(" ", Simulator.entries(set, c))).matches())
        .map(
            c ->
                dynamicTest(
                    c.name(),
                    () -> c.body().run(Simulator.withLaunches(set, KernelCasesTest::inOneWarp))));
  }

  private static KernelLaunch inOneWarp(KernelLaunch l) {
    return new KernelLaunch(
        l.module(), l.entry(), Dim3.of(1), Dim3.of(32), l.sharedBytes(), l.arguments());
  }

  private static Stream<DynamicTest> tests(PtxSet set) {
    return Stream.concat(
        KernelCases.all(set).stream().map(c -> dynamicTest(c.name(), () -> c.run(set))),
        Stream.of(
            dynamicTest("the cases execute most of every kernel", () -> assertExecuted(set))));
  }

  /**
   * Not all: compilers add division in 64 bits, and unroll loops that take fewer turns than that;
   * attention on tensor cores has most of these.
   */
  private static void assertExecuted(PtxSet set) {
    for (String module : set.modules()) {
      PtxModule parsed = Simulator.module(set, module);
      for (String kernel : parsed.names()) {
        double share = parsed.executed(kernel);
        double least = kernel.startsWith("attend") ? 0.65 : 0.75;
        assertTrue(share >= least, set + " " + kernel + ": only " + share);
      }
    }
  }

  @Test
  void everyKernelHasACase() {
    for (PtxSet set : PtxSet.values()) {
      Set<String> shipped = new TreeSet<>();
      for (String module : set.modules()) {
        Matcher entry = ENTRY.matcher(set.text(module));
        while (entry.find()) {
          shipped.add(entry.group(1));
        }
      }
      Set<String> launched = new TreeSet<>();
      for (KernelCase c : KernelCases.all(set)) {
        launched.addAll(Simulator.entries(set, c));
      }
      assertEquals(shipped, launched, set.toString());
    }
  }
}
