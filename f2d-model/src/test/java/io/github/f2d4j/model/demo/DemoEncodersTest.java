package io.github.f2d4j.model.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.model.identity.IdentityEncoder;
import io.github.f2d4j.model.mapping.MappingNetwork;
import io.github.f2d4j.weights.safetensors.SafetensorsFile;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import io.github.f2d4j.weights.safetensors.TensorSource;
import io.github.f2d4j.weights.testing.Close;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The built-in model's own reference runs: aligned face → identity → two words. */
class DemoEncodersTest {
  /**
   * Ten times the largest difference between the references and the same runs with every operator
   * in double precision, which is 1.1e-6 at values up to 3.0.
   */
  private static final double ATOL_IDENTITY = 1.1e-5;

  /** The same for the words: 1.05e-5 at values up to 19.8. */
  private static final double ATOL_WORDS = 1.1e-4;

  static List<Path> cases() throws Exception {
    URI folder = DemoEncodersTest.class.getResource("/demo-expected").toURI();
    try (Stream<Path> files = Files.list(Path.of(folder))) {
      List<Path> cases = files.filter(f -> f.toString().endsWith(".safetensors")).sorted().toList();
      assertFalse(cases.isEmpty(), "no cases in " + folder);
      return cases;
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void matchesTheReferenceRun(Path file) throws IOException {
    Path model = DemoModel.open().folder();
    IdentityEncoder encoder = IdentityEncoder.load(model.resolve("msid"));
    MappingNetwork mapping = MappingNetwork.load(model.resolve("mapping"));
    assertEquals("smile", mapping.config().expressionNames().getFirst());
    try (TensorSource expected = SafetensorsFile.open(file)) {
      Tensor identity = encoder.encode(tensor(expected, "aligned_face").nchwToNhwc());
      MappingNetwork.Words words = mapping.map(identity);
      Tensor.eval(List.of(identity, words.first(), words.last()));
      assertClose(expected, "identity", identity, ATOL_IDENTITY);
      assertClose(expected, "word_first", words.first(), ATOL_WORDS);
      assertClose(expected, "word_last", words.last(), ATOL_WORDS);
    }
  }

  private static Tensor tensor(TensorSource source, String name) {
    TensorEntry entry = source.get(name);
    return Tensor.of(entry.toFloats(), entry.shape());
  }

  private static void assertClose(TensorSource expected, String name, Tensor actual, double atol) {
    assertEquals(expected.get(name).shape(), actual.shape(), name);
    Close.assertClose(name, expected.get(name).toFloats(), actual.toFloats(), atol, 0);
  }
}
