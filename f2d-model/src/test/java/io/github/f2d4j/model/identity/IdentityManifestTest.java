package io.github.f2d4j.model.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.testing.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Full-size encoders have exactly the keys and shapes of the published checkpoints. */
class IdentityManifestTest {
  @Test
  void publishedMsid() {
    Manifest manifest = new Manifest("f2d_msid_vit.json");
    manifest.assertDeclaredBy(w -> new MsidViT(w, MsidVitConfig.PUBLISHED));
    IdentityEncoder derived =
        IdentityEncoder.of(ConfigJson.parse("none", "{}"), manifest.weights());
    assertEquals(MsidVitConfig.PUBLISHED, assertInstanceOf(MsidViT.class, derived).config());
    assertEquals(1536, derived.features());
    assertEquals(112, derived.inputSize());
  }

  @ParameterizedTest
  @ValueSource(strings = {"iresnet50", "iresnet100"})
  void insightface(String name) {
    Manifest manifest = new Manifest(name + ".json");
    IResNetConfig config = IResNetConfig.ofArchitecture(name);
    manifest.assertDeclaredBy(w -> new IResNet(w, config));
    IdentityEncoder derived =
        IdentityEncoder.of(ConfigJson.parse("none", "{}"), manifest.weights());
    assertEquals(config, assertInstanceOf(IResNet.class, derived).config());
  }
}
