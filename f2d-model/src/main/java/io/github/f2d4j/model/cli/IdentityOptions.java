package io.github.f2d4j.model.cli;

import io.github.f2d4j.model.card.IdentityCard;
import io.github.f2d4j.model.face.Landmarks;
import io.github.f2d4j.model.image.ImageReader;
import io.github.f2d4j.model.pipeline.Face2DiffusionPipeline;
import io.github.f2d4j.model.pipeline.FaceIdentity;
import io.github.f2d4j.model.pipeline.FaceInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whose face: photos of one person, identity cards, or a blend of them. */
final class IdentityOptions {
  @Option(
      names = {"-f", "--face"},
      paramLabel = "IMAGE",
      description =
          "Photo of the face, or a face already aligned to 112x112 pixels. Given several times:"
              + " photos of one person, which are averaged.")
  private List<Path> faces = new ArrayList<>();

  @Option(
      names = {"-l", "--landmarks"},
      paramLabel = "FILE|POINTS",
      description =
          "5 or 68 landmarks of the face in the photo, one option for each --face: a JSON file, or"
              + " points as \"x1,y1 x2,y2 ...\". Default: the .json file of the photo's name beside"
              + " it. Not needed for an aligned face.")
  private List<String> landmarks = new ArrayList<>();

  @Option(
      names = "--card",
      paramLabel = "FILE",
      description =
          "Identity card of f2d encode, instead of a photo. Given several times: a blend of these"
              + " people.")
  private List<Path> cards = new ArrayList<>();

  @Option(
      names = "--blend",
      paramLabel = "W",
      split = ",",
      description =
          "Weights of the blend: first that of the --face photos together, if there are any, then"
              + " one for each --card (default: all the same).")
  private List<Double> blend = new ArrayList<>();

  /**
   * What has been read and waits for a model.
   *
   * @param faces of one person
   * @param cards of others
   * @param files what the cards' messages call them
   * @param weights of the faces together and of each card
   * @param photos names of all photos
   */
  record Ingredients(
      List<FaceInput> faces,
      List<IdentityCard> cards,
      List<Path> files,
      List<Double> weights,
      List<String> photos) {
    /** The identity of all together. */
    FaceIdentity identity(Face2DiffusionPipeline pipeline) throws IOException {
      List<FaceIdentity> people = new ArrayList<>();
      List<FaceIdentity> one = new ArrayList<>();
      for (FaceInput face : faces) {
        one.add(pipeline.encode(face));
      }
      if (!one.isEmpty()) {
        people.add(FaceIdentity.mean(one));
      }
      for (int i = 0; i < cards.size(); i++) {
        people.add(cards.get(i).identityFor(pipeline, files.get(i).toString()));
      }
      return FaceIdentity.blend(people, weights);
    }
  }

  /** Whether a face or card is named. */
  boolean isGiven() {
    return !faces.isEmpty() || !cards.isEmpty();
  }

  /** Reads photos, landmarks and cards. */
  Ingredients read(Console console) throws IOException {
    if (!isGiven()) {
      throw new UsageException("whose face? give --face PHOTO or --card FILE");
    }
    if (!landmarks.isEmpty() && landmarks.size() != faces.size()) {
      throw new UsageException(
          "there are "
              + landmarks.size()
              + " --landmarks for "
              + faces.size()
              + " --face; give one for each, or none where each photo has its .json file");
    }
    List<FaceInput> inputs = new ArrayList<>();
    List<String> photos = new ArrayList<>();
    for (int i = 0; i < faces.size(); i++) {
      Path face = faces.get(i);
      String points = landmarks.isEmpty() ? null : landmarks.get(i);
      inputs.add(FaceInput.of(ImageReader.read(face), landmarks(face, points, console)));
      photos.add(String.valueOf(face.getFileName()));
    }
    List<IdentityCard> read = new ArrayList<>();
    for (Path card : cards) {
      read.add(IdentityCard.read(card));
      photos.addAll(read.getLast().photos());
    }
    return new Ingredients(inputs, read, cards, weights(), photos);
  }

  private List<Double> weights() {
    int people = (faces.isEmpty() ? 0 : 1) + cards.size();
    if (blend.isEmpty()) {
      return Collections.nCopies(people, 1.0);
    }
    if (blend.size() != people) {
      throw new UsageException(
          "--blend has "
              + blend.size()
              + " weights for "
              + people
              + " people; give one for all --face photos together, if there are any, and one for"
              + " each --card");
    }
    return blend;
  }

  private static @Nullable Landmarks landmarks(
      Path face, @Nullable String landmarks, Console console) throws IOException {
    if (landmarks == null) {
      Path beside = beside(face);
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

  private static Path beside(Path face) {
    String name = String.valueOf(face.getFileName());
    int dot = name.lastIndexOf('.');
    return face.resolveSibling((dot < 0 ? name : name.substring(0, dot)) + ".json");
  }

  private static boolean looksLikePoints(String text) {
    return text.indexOf(',') >= 0 && text.chars().noneMatch(Character::isLetter);
  }
}
