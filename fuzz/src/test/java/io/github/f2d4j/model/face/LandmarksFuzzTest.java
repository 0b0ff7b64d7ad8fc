package io.github.f2d4j.model.face;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.f2d4j.fuzz.Attempt;
import io.github.f2d4j.model.image.RgbImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;

/**
 * Landmarks of faces. Input: the JSON file, and the same bytes as the text of the command line.
 *
 * <p>Landmarks are refused by {@link LandmarksException} alone, or they are 5 or 68 finite points
 * that come out equal when written in any of the forms and read again, and with which a photograph
 * is either aligned or refused by the same exception.
 */
class LandmarksFuzzTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long BYTES_PER_BYTE = 2000;

  private static final RgbImage PHOTO = RgbImage.of(64, 48, new byte[64 * 48 * RgbImage.CHANNELS]);

  @TempDir private static Path folder;

  @FuzzTest
  void landmarks(byte[] input) throws Exception {
    long bound = (8L << 20) + BYTES_PER_BYTE * input.length;
    Path file = folder.resolve("landmarks.json");
    Files.write(file, input);
    String text = new String(input, StandardCharsets.UTF_8);
    check(Attempt.of(LandmarksException.class, bound, () -> Landmarks.read(file)));
    check(Attempt.of(LandmarksException.class, bound, () -> Landmarks.parse(text)));
  }

  private static void check(Optional<Landmarks> parsed) throws Exception {
    if (parsed.isEmpty()) {
      return;
    }
    Landmarks landmarks = parsed.get();
    double[][] points = landmarks.points();
    assertTrue(points.length == Landmarks.FIVE || points.length == Landmarks.SIXTY_EIGHT);
    for (double[] p : points) {
      assertTrue(Double.isFinite(p[0]) && Double.isFinite(p[1]), () -> Arrays.toString(p));
    }
    Path copy = folder.resolve("copy.json");
    JSON.writeValue(copy.toFile(), Map.of("landmarks", points));
    assertArrayEquals(points, Landmarks.read(copy).points());
    String line =
        Arrays.stream(points).map(p -> p[0] + "," + p[1]).collect(Collectors.joining(" "));
    assertArrayEquals(points, Landmarks.parse(line).points());
    Optional<AlignedFace> face =
        Attempt.of(LandmarksException.class, 8L << 20, () -> FaceAligner.align(PHOTO, landmarks));
    if (face.isPresent()) {
      for (double m : FaceAligner.transform(landmarks).matrix()) {
        assertTrue(Double.isFinite(m));
      }
    }
  }
}
