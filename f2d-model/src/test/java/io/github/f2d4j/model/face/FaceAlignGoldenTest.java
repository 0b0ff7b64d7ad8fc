package io.github.f2d4j.model.face;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.weights.testing.Close;
import io.github.f2d4j.weights.testing.Fixture;
import io.github.f2d4j.weights.testing.Goldens;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * scikit-image's similarity transform and OpenCV's warp, as Face2Diffusion uses them: {@code
 * face_align*} fixtures.
 */
class FaceAlignGoldenTest {
  static Stream<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    for (Fixture fixture : Goldens.fixtures("face_align")) {
      JsonNode list = fixture.config().path("cases");
      assertTrue(list.size() > 0, "cases of " + fixture);
      for (int i = 0; i < list.size(); i++) {
        cases.add(Arguments.of(fixture, i, list.get(i)));
      }
    }
    return cases.stream();
  }

  private static RgbImage image(Fixture fixture, String name) {
    return RgbImage.of(fixture.shape(name).dim(1), fixture.shape(name).dim(0), fixture.bytes(name));
  }

  private static Landmarks landmarks(Fixture fixture, JsonNode node) throws LandmarksException {
    double[] flat = fixture.doubles(node.path("landmarks").asText());
    double[][] points = new double[flat.length / 2][];
    for (int i = 0; i < points.length; i++) {
      points[i] = new double[] {flat[2 * i], flat[2 * i + 1]};
    }
    return Landmarks.of(points);
  }

  private static double[] flatten(double[][] points) {
    return Stream.of(points).flatMapToDouble(java.util.Arrays::stream).toArray();
  }

  @ParameterizedTest(name = "{0} case {1}")
  @MethodSource("cases")
  void estimatesTheTransform(Fixture fixture, int i, JsonNode node) throws IOException {
    double atol = node.path("landmark_dtype").asText().equals("float32") ? 2e-4 : 1e-5;
    Landmarks landmarks = landmarks(fixture, node);
    if (fixture.has("mid.points5_" + i)) {
      Close.assertClose(
          "points5", fixture.doubles("mid.points5_" + i), flatten(landmarks.fivePoints()), atol, 0);
    }
    Close.assertClose(
        "M",
        fixture.doubles(node.path("M").asText()),
        FaceAligner.transform(landmarks).matrix(),
        atol,
        0);
  }

  @ParameterizedTest(name = "{0} case {1}")
  @MethodSource("cases")
  void warpsByTheGivenMatrixExactly(Fixture fixture, int i, JsonNode node) {
    RgbImage photo = image(fixture, "in.image" + node.path("image").asInt());
    RgbImage expected = image(fixture, node.path("warped").asText());
    RgbImage actual =
        PerspectiveWarp.warp(
            photo, fixture.doubles(node.path("M").asText()), expected.width(), expected.height());
    assertArrayEquals(expected.rgb(), actual.rgb());
  }

  @ParameterizedTest(name = "{0} case {1}")
  @MethodSource("cases")
  void alignsEndToEnd(Fixture fixture, int i, JsonNode node) throws IOException {
    RgbImage photo = image(fixture, "in.image" + node.path("image").asInt());
    AlignedFace face = FaceAligner.align(photo, landmarks(fixture, node));
    byte[] expected = fixture.bytes(node.path("warped").asText());
    byte[] actual = face.image().rgb();
    Close.assertClose("warped", expected, actual, 2);
    int different = 0;
    for (int k = 0; k < expected.length; k++) {
      different += expected[k] == actual[k] ? 0 : 1;
    }
    assertTrue(different <= 0.002 * expected.length, different + " values differ");
    if (fixture.has("out.model_input" + i)) {
      AlignedFace crop = AlignedFace.of(image(fixture, node.path("warped").asText()));
      Goldens.assertClose(
          "model input", fixture.floats("out.model_input" + i), crop.toNchw(), 1e-6, 0);
    }
  }
}
