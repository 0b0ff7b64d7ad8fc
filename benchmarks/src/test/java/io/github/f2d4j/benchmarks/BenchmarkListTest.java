package io.github.f2d4j.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.f2d4j.benchmarks.peak.PeakBenchmark;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Without JMH's annotation processor a build succeeds and lists no benchmarks. */
class BenchmarkListTest {
  @Test
  void everyAnnotatedMethodIsListed() {
    Set<String> listed = new TreeSet<>();
    for (BenchmarkListEntry entry :
        BenchmarkList.defaultList()
            .getAll(
                OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT),
                java.util.List.of())) {
      listed.add(entry.getUsername());
    }
    Set<String> annotated = new TreeSet<>();
    for (Class<?> c :
        java.util.List.of(
            PeakBenchmark.class,
            MatMulBenchmark.class,
            ConvolveBenchmark.class,
            AttendBenchmark.class,
            NormalizeBenchmark.class,
            NetworkBenchmark.class,
            ImageBenchmark.class)) {
      for (var method : c.getMethods()) {
        if (method.isAnnotationPresent(Benchmark.class)) {
          annotated.add(c.getName() + "." + method.getName());
        }
      }
    }
    assertEquals(7, annotated.size());
    assertEquals(annotated, listed);
  }
}
