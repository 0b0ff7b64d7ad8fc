package io.github.f2d4j.model.cli;

import io.github.f2d4j.model.face.Landmarks;
import io.github.f2d4j.model.image.ImageReader;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.pipeline.FaceInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which face. */
final class FaceOptions {
  @Option(
      names = {"-f", "--face"},
      required = true,
      paramLabel = "IMAGE",
      description = "Photo of the face, or a face already aligned to 112x112 pixels.")
  private Path face = Path.of("");

  @Option(
      names = {"-l", "--landmarks"},
      paramLabel = "FILE|POINTS",
      description =
          "5 or 68 landmarks of the face in the photo: a JSON file, or points as"
              + " \"x1,y1 x2,y2 ...\". Default: the .json file of the photo's name beside it. Not"
              + " needed for an aligned face.")
  private @Nullable String landmarks;

  Path path() {
    return face;
  }

  /** Reads the photo and its landmarks. */
  FaceInput read(Console console) throws IOException {
    RgbImage image = ImageReader.read(face);
    return FaceInput.of(image, landmarks(console));
  }

  private @Nullable Landmarks landmarks(Console console) throws IOException {
    if (landmarks == null) {
      Path beside = besidePhoto();
      if (!Files.isRegularFile(beside)) {
        return null;
      }
      console.say("Landmarks from " + beside);
      return Landmarks.read(beside);
    }
    if (looksLikePoints(landmarks)) {
      return Landmarks.parse(landmarks);
    }
    Path file = Path.of(landmarks);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "there is no landmarks file "
              + file
              + "; name a JSON file, or give the points as \"x1,y1 x2,y2 ...\"");
    }
    return Landmarks.read(file);
  }

  private Path besidePhoto() {
    String name = String.valueOf(face.getFileName());
    int dot = name.lastIndexOf('.');
    return face.resolveSibling((dot < 0 ? name : name.substring(0, dot)) + ".json");
  }

  private static boolean looksLikePoints(String text) {
    return text.indexOf(',') >= 0 && text.chars().noneMatch(Character::isLetter);
  }
}
