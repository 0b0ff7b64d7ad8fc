package io.github.f2d4j.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.benchmarks.compare.Workload.Family;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompareTest {
  @ParameterizedTest
  @EnumSource
  void everyWorkloadIsFoundByItsName(Suite suite) {
    for (Workload w : suite.workloads()) {
      assertEquals(w, Workload.parse(w.name()));
      assertTrue(w.gflop() > 0 && w.bytes() > 0, w.name());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "linear", "linear 1x2", "linear 1x2x0", "conv 1x2x3", "network x", "sum 3"})
  void anUnknownWorkloadIsRefused(String name) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Workload.parse(name));
    assertTrue(e.getMessage().contains("\"" + name + "\""), e.getMessage());
  }

  @Test
  void workIsCountedByTheDirectForm() {
    // 2 images of 4×4 pixels after stride 2, 9 taps of 3 channels, 5 outputs, 2 operations each.
    assertEquals(2e-9 * 2 * 16 * 27 * 5, Workload.parse("conv 2x8x3x5x3x2").gflop(), 1e-15);
    assertEquals(2e-9 * 7 * 3 * 5, Workload.parse("linear 7x3x5").gflop(), 1e-15);
    assertEquals(
        2e-9 * 2 * 3 * 4 * 5 * 6 * 2, Workload.parse("attention 2x3x4x5x6").gflop(), 1e-15);
  }

  @Test
  void agreementIsRelativeToTheExpectedNorm() {
    assertEquals(0, Agreement.error(new float[] {3, 4}, new float[] {3, 4}));
    assertEquals(0.2, Agreement.error(new float[] {3, 5}, new float[] {3, 4}), 1e-12);
    assertEquals(0, Agreement.error(new float[2], new float[2]));
    for (float[] wrong : List.of(new float[] {3}, new float[] {3, Float.NaN})) {
      assertEquals(Double.POSITIVE_INFINITY, Agreement.error(wrong, new float[] {3, 4}));
    }
  }

  /** A machine that is twice as slow in every second round changes times, but no ratio. */
  @Test
  void ratiosArePairedByRound() {
    Report report = report(List.of(2.0, 4.0, 2.0, 4.0), List.of(1.0, 2.0, 1.0, 2.0));
    assertEquals(List.of(2.0, 2.0, 2.0, 2.0), report.rows().getFirst().ratios("a", "b"));
    assertTrue(report.markdown().contains("**2.00** (2.00–2.00)"), report.markdown());
    assertTrue(report.markdown().contains("| linear 1x1x1 | c | wrong result |"));
  }

  @Test
  void theFirstMeetsAllOthersInGroups() {
    List<String> four = List.of("a", "b", "c", "d");
    assertEquals(List.of(four), Comparison.groups(four, 4));
    assertEquals(List.of(List.of("a", "b", "c"), List.of("a", "d")), Comparison.groups(four, 3));
    assertEquals(
        List.of(List.of("a", "b"), List.of("a", "c"), List.of("a", "d")),
        Comparison.groups(four, 2));
  }

  /** One line for a workload, though its contenders met in two groups. */
  @Test
  void groupsMeetInOneLine() {
    Report one = report(List.of(2.0), List.of(1.0));
    Row other =
        new Row(
            "linear 1x1x1",
            Family.LINEAR,
            8,
            4e9,
            List.of(timed("a", 9.0), timed("d", 3.0)),
            List.of(100.0),
            List.of(10e9));
    Map<String, String> contenders = new LinkedHashMap<>(one.contenders());
    contenders.put("d", "fourth");
    Report both =
        new Report(
            "Test",
            one.date(),
            one.machine(),
            2,
            "compare",
            contenders,
            List.of(one.rows().getFirst(), other));
    String line =
        both.markdown().lines().filter(l -> l.startsWith("| linear")).findFirst().orElse("");
    assertEquals(
        "| linear 1x1x1 | 2.00 s (once) | 4 % | 1.00 s (once) | **2.00** (2.00–2.00) |"
            + " wrong result | – | 3.00 s (once) | **3.00** (3.00–3.00) |",
        line);
    assertTrue(both.markdown().contains("- linear 1x1x1, b: packed"), both.markdown());
  }

  /** The parts of a picture: text, thirty steps, decoder. */
  @Test
  void aPictureIsCalculatedFromItsParts() {
    List<Row> rows =
        List.of("text_encoder", "unet", "vae_decoder").stream()
            .map(
                n ->
                    new Row(
                        "network " + n,
                        Family.NETWORK,
                        8,
                        4e9,
                        List.of(timed("a", 2.0)),
                        List.of(100.0),
                        List.of(10e9)))
            .toList();
    Report one = report(List.of(2.0), List.of(1.0));
    Report report =
        new Report("Test", one.date(), one.machine(), 2, "compare", one.contenders(), rows);
    assertTrue(report.markdown().contains("- a: 64.00 s\n"), report.markdown());
    assertTrue(!one.markdown().contains("whole picture"), one.markdown());
  }

  private static Outcome timed(String contender, double seconds) {
    return new Outcome(contender, null, 0, 1, 1, List.of(seconds), 0, "");
  }

  @Test
  void theRoofIsTheLowerOfPeakAndMemory() {
    // 8 GFLOP and 4 GB at 10 GB/s allow 20 GFLOP/s, below the peak of 100; a took 3 s.
    Report.Point a = report(List.of(3.0), List.of(1.0)).points().getFirst();
    assertEquals(20, a.roof(), 1e-9);
    assertEquals(8.0 / 3, a.gflops(), 1e-9);
    assertEquals(2, a.intensity(), 1e-9);
  }

  @Test
  void plotsAreWellFormed() throws Exception {
    Report report = report(List.of(2.0, 4.0), List.of(1.0, 2.0));
    for (String svg : List.of(SvgPlot.ratios(report), SvgPlot.roofline(report))) {
      var document =
          javax.xml.parsers.DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(
                  new java.io.ByteArrayInputStream(
                      svg.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
      assertTrue(document.getElementsByTagName("circle").getLength() >= 3, svg);
    }
  }

  private static Report report(List<Double> a, List<Double> b) {
    Row row =
        new Row(
            "linear 1x1x1",
            Family.LINEAR,
            8,
            4e9,
            List.of(
                new Outcome("a", null, Double.NaN, 1, 1, a, 0, ""),
                new Outcome("b", null, 1e-7, 1, 1, b, 0, "packed"),
                Outcome.refused("c", "wrong result", 0.5)),
            a.stream().map(x -> 100.0).toList(),
            a.stream().map(x -> 10e9).toList());
    Map<String, String> contenders = new LinkedHashMap<>();
    contenders.put("a", "this <library> & more");
    contenders.put("b", "other");
    contenders.put("c", "third");
    Machine machine = new Machine("cpu <x>", List.of("avx2"), 2, 1, "Linux", 0);
    return new Report(
        "Test", "2026-01-01T00:00:00Z", machine, 2, "compare", contenders, List.of(row));
  }
}
