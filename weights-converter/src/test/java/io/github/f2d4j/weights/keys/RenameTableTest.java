package io.github.f2d4j.weights.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.weights.keys.LdmLayout.VaeAttention;
import io.github.f2d4j.weights.keys.Rename.Form;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables in both directions. */
class RenameTableTest {
  private static final Shape ANY = Shape.of(3);

  private final RenameTable table =
      new RenameTable(
          List.of(
              Rename.of("a", "x"),
              Rename.of("a.b", "y"),
              Rename.of("old", "x"),
              new Rename("c", "z", Form.CONVOLUTION_TO_LINEAR)));

  private String forth(String key) {
    return table.toFolder(key, ANY).map(NamedShape::key).orElse("none");
  }

  private String back(String key) {
    return table.toPublished(key, ANY).map(NamedShape::key).orElse("none");
  }

  @Test
  void theLongestPathApplies() {
    assertEquals("x.weight", forth("a.weight"));
    assertEquals("y.weight", forth("a.b.weight"));
    assertEquals("x.bc.weight", forth("a.bc.weight"));
    assertEquals("x", forth("a"));
    assertEquals("none", forth("ab.weight"));
    assertEquals("none", forth("d"));
  }

  @Test
  void ofSeveralSpellingsTheFirstIsWritten() {
    assertEquals("x.weight", forth("old.weight"));
    assertEquals("a.weight", back("x.weight"));
  }

  @Test
  void convolutionsBecomeLinearAndBack() {
    assertEquals(
        new NamedShape("z.weight", Shape.of(4, 5)),
        table.toFolder("c.weight", Shape.of(4, 5, 1, 1)).orElseThrow());
    assertEquals(
        new NamedShape("c.weight", Shape.of(4, 5, 1, 1)),
        table.toPublished("z.weight", Shape.of(4, 5)).orElseThrow());
    assertEquals(
        new NamedShape("c.bias", Shape.of(4)),
        table.toPublished("z.bias", Shape.of(4)).orElseThrow());
    assertEquals(
        new NamedShape("z.weight", Shape.of(4, 5, 3, 3)),
        table.toFolder("c.weight", Shape.of(4, 5, 3, 3)).orElseThrow());
  }

  /** Any number of levels and blocks: no two modules of a model share a name on either side. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1, 1", "3, 1, 3, 1", "4, 2, 4, 2", "2, 3, 5, 1", "5, 4, 2, 3"})
  void everyLayoutIsOneToOne(int levels, int layers, int vaeLevels, int vaeLayers) {
    List<Boolean> attention = new ArrayList<>();
    for (int i = 0; i < levels; i++) {
      attention.add(i % 2 == 1);
    }
    for (VaeAttention spelling : VaeAttention.values()) {
      LdmLayout layout = new LdmLayout(levels, layers, attention, vaeLevels, vaeLayers, spelling);
      RenameTable ldm = LdmTable.of(layout);
      Set<String> folders = new HashSet<>();
      ldm.rows().forEach(row -> folders.add(row.folder()));
      Set<String> published = new HashSet<>();
      for (String folder : folders) {
        String there = ldm.toPublished(folder + ".weight", ANY).orElseThrow().key();
        assertTrue(published.add(there), there + " stands for two modules");
        assertEquals(folder + ".weight", ldm.toFolder(there, ANY).orElseThrow().key());
      }
      assertTrue(published.size() > 20 * levels, published.size() + " modules");
    }
  }
}
