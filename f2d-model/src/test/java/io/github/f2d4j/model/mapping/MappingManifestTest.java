package io.github.f2d4j.model.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.testing.Manifest;
import org.junit.jupiter.api.Test;

/** The full-size network has exactly the keys and shapes of the published checkpoint. */
class MappingManifestTest {
  @Test
  void publishedMapping() {
    Manifest manifest = new Manifest("f2d_mapping.json");
    manifest.assertDeclaredBy(w -> new MappingNetwork(w, MappingConfig.PUBLISHED));
    assertEquals(
        MappingConfig.PUBLISHED,
        MappingConfig.of(ConfigJson.parse("none", "{}"), manifest.weights()));
  }
}
