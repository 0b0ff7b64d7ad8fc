package io.github.f2d4j.model.vae;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.nn.Weights;
import io.github.f2d4j.model.checkpoint.Checkpoint;
import io.github.f2d4j.model.checkpoint.ConfigJson;
import io.github.f2d4j.model.testing.Reference;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.Goldens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every fixture {@code vae*}: all images, all latents and all intermediates. */
class AutoencoderKlGoldenTest {
  private static final double ATOL = 5e-5;
  private static final double RTOL = 1e-5;

  @TestFactory
  List<DynamicTest> fixtures() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Fixture fixture : Goldens.fixtures("vae")) {
      AutoencoderKl vae = model(fixture);
      TreeSet<String> outputs = new TreeSet<>(fixture.names("out."));
      for (String image : fixture.names("in.image")) {
        String suffix = image.substring("in.image".length());
        outputs.removeAll(
            List.of("out.mean" + suffix, "out.logvar" + suffix, "out.sample" + suffix));
        tests.add(
            DynamicTest.dynamicTest(
                fixture + " encode " + image, () -> checkEncode(fixture, vae, suffix)));
      }
      for (String latent : fixture.names("in.latent")) {
        String suffix = latent.substring("in.latent".length());
        outputs.remove("out.decoded" + suffix);
        tests.add(
            DynamicTest.dynamicTest(
                fixture + " decode " + latent,
                () ->
                    Reference.assertClose(
                        fixture,
                        "out.decoded" + suffix,
                        vae.decode(Reference.image(fixture, latent)),
                        ATOL,
                        RTOL)));
      }
      tests.add(DynamicTest.dynamicTest(fixture + " intermediates", () -> checkMids(fixture, vae)));
      tests.add(
          DynamicTest.dynamicTest(
              fixture + " has inputs for every output",
              () -> assertTrue(outputs.isEmpty(), "no input gives " + outputs)));
    }
    return tests;
  }

  private static AutoencoderKl model(Fixture fixture) {
    ConfigJson json = ConfigJson.of(fixture.name(), fixture.config().required("vae"));
    Weights w = Checkpoint.of(fixture.weights(), Path.of("")).weights();
    AutoencoderKl vae = new AutoencoderKl(w, AutoencoderKlConfig.of(json));
    w.verify();
    return vae;
  }

  private static void checkEncode(Fixture fixture, AutoencoderKl vae, String suffix) {
    DiagonalGaussianDistribution d = vae.encode(Reference.image(fixture, "in.image" + suffix));
    Tensor sample = d.sample(Reference.image(fixture, "in.noise" + suffix));
    Tensor.eval(List.of(d.mean(), d.logvar(), sample));
    Reference.assertClose(fixture, "out.mean" + suffix, d.mean(), ATOL, RTOL);
    Reference.assertClose(fixture, "out.logvar" + suffix, d.logvar(), ATOL, RTOL);
    Reference.assertClose(fixture, "out.sample" + suffix, sample, ATOL, RTOL);
  }

  /** They are those of the first image and of the first latents. */
  private static void checkMids(Fixture fixture, AutoencoderKl vae) {
    Tensor image = Reference.image(fixture, "in.image[0:1]");
    Tensor latent = Reference.image(fixture, "in.latent[0:1]");
    Map<String, Tensor> observed = Reference.observe(() -> vae.encode(image).mean());
    observed.putAll(Reference.observe(() -> vae.decode(latent)));
    for (String mid : fixture.names("mid.")) {
      Reference.assertMidClose(fixture, mid, observed, ATOL, RTOL);
    }
  }
}
