package io.github.f2d4j.model.face;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.model.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LandmarksTest {
  private static final String FIVE = "[[22,29],[37,28.5],[30,37],[25,43],[35,43]]";
  private static final RgbImage PHOTO = RgbImage.of(64, 64, new byte[64 * 64 * 3]);

  @TempDir Path folder;

  private Path json(String text) throws IOException {
    return Files.writeString(folder.resolve("face.json"), text);
  }

  @Test
  void readsEveryForm() throws IOException {
    double[][] expected = {{22, 29}, {37, 28.5}, {30, 37}, {25, 43}, {35, 43}};
    assertArrayEquals(expected, Landmarks.read(json(FIVE)).fivePoints());
    assertArrayEquals(
        expected,
        Landmarks.read(json("{\"image\":\"x.png\",\"landmarks\":" + FIVE + "}")).fivePoints());
    assertArrayEquals(expected, Landmarks.parse("22,29 37,28.5 30,37;25,43\n 35,43").fivePoints());
  }

  /** Points on the outline of a face; the five points follow from their indices. */
  @Test
  void reducesSixtyEightPointsToFive() throws IOException {
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < 68; i++) {
      double x = i >= 36 && i < 42 ? 20 + (i - 38.5) : i >= 42 && i < 48 ? 40 + (i - 44.5) : 30;
      double y = i >= 36 && i < 48 ? 25 : 35;
      if (i == 48 || i == 54) {
        x = i == 48 ? 24 : 36;
        y = 45;
      }
      text.append(i == 0 ? "" : ",").append("[").append(x).append(",").append(y).append("]");
    }
    Landmarks landmarks = Landmarks.read(json(text.append("]").toString()));
    assertEquals(68, landmarks.count());
    assertArrayEquals(
        new double[][] {{20, 25}, {40, 25}, {30, 35}, {24, 45}, {36, 45}}, landmarks.fivePoints());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[[1,2]] | found 1 points, expected 5",
        "[] | found 0 points",
        "{} | holds no array of points",
        "{\"landmarks\":5} | holds no array of points",
        "{\"landmarks\":[[1,2],[3,4],[5,6],[7,8],9]} | point 4 is not a pair",
        "[[1,2],[3,4],[5,6],[7,8],[9,10,11]] | point 4 is not a pair",
        "[[1,2],[3,4],[5,6],[7,8],[9,\"10\"]] | point 4 is not a pair",
        "[[1,2],[3,4],[5,6],[7,8],[9,1e999]] | two finite numbers",
        "[[22,29],[37,28 | not valid JSON",
        "[[22,29]] x | not valid JSON",
        "[[0.3,0.4],[0.6,0.4],[0.5,0.5],[0.4,0.7],[0.6,0.7]] | not as fractions",
        "[[37,29],[22,28],[30,37],[25,43],[35,43]] | left and right are exchanged",
        "[[22,29],[37,29],[30,29],[25,29],[35,29]] | lie on one line",
        "[[5,5],[5,5],[5,5],[5,5],[5,5]] | 0.0 pixels apart",
      })
  void refusesWhatIsNoFace(String text, String message) throws IOException {
    Path path = json(text);
    LandmarksException e = assertThrows(LandmarksException.class, () -> Landmarks.read(path));
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertTrue(e.getMessage().startsWith(path.toString()), e.getMessage());
  }

  @Test
  void refusesDeepNestingMissingFilesAndFolders() throws IOException {
    Path deep = json("[".repeat(100_000));
    assertThrows(LandmarksException.class, () -> Landmarks.read(deep));
    assertThrows(LandmarksException.class, () -> Landmarks.read(folder));
    assertThrows(NoSuchFileException.class, () -> Landmarks.read(folder.resolve("none.json")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a,b", "1 2 3 4 5", "1,2,3 4,5", "1,2 3,4 5,6 7,8 9,NaN"})
  void refusesMalformedText(String text) {
    assertThrows(LandmarksException.class, () -> Landmarks.parse(text));
  }

  @Test
  void toleratesATurnedFace() throws IOException {
    // upside down: the mouth is above the eyes, and left and right are where they should be
    Landmarks.parse("37,43 22,43 30,35 35,29 25,29");
    // on its side
    Landmarks.parse("29,37 29,22 37,30 43,35 43,25");
  }

  @Test
  void requiresTheFaceInThePhotograph() throws IOException {
    FaceAligner.align(PHOTO, Landmarks.read(json(FIVE)));
    Landmarks beside = Landmarks.parse("122,29 137,28 130,37 125,43 135,43");
    LandmarksException e =
        assertThrows(LandmarksException.class, () -> FaceAligner.align(PHOTO, beside));
    assertTrue(
        e.getMessage().contains("lies outside the picture of 64 x 64 pixels"), e.getMessage());
    Landmarks centreBeside = Landmarks.parse("60,29 75,28 68,37 63,43 73,43");
    assertThrows(LandmarksException.class, () -> FaceAligner.align(PHOTO, centreBeside));
  }

  @Test
  void alignedCropsNeedTheirSize() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> AlignedFace.of(PHOTO));
    assertTrue(e.getMessage().contains("give landmarks"), e.getMessage());
  }

  @Test
  void modelInputHasBothLayouts() {
    byte[] rgb = new byte[112 * 112 * 3];
    rgb[0] = (byte) 255;
    rgb[4] = (byte) 51;
    AlignedFace face = AlignedFace.of(RgbImage.of(112, 112, rgb));
    float[] nhwc = face.toNhwc();
    float[] nchw = face.toNchw();
    assertEquals(1f, nhwc[0]);
    assertEquals(-0.6f, nhwc[4], 1e-6f);
    assertEquals(-1f, nhwc[1]);
    for (int p = 0; p < 112 * 112; p++) {
      for (int c = 0; c < 3; c++) {
        assertEquals(nhwc[3 * p + c], nchw[c * 112 * 112 + p]);
      }
    }
  }
}
