package io.github.f2d4j.model.demo;

import io.github.f2d4j.weights.io.UserCache;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The built-in model: a complete, very small Face2Diffusion system trained on drawn faces, for
 * trying out without a download. It draws 64 × 64 pictures and knows nothing about photographs. Its
 * {@code README.md} tells more, and that anyone may use, change and share it for any purpose.
 *
 * <p>The model lies in a folder of ordinary files in diffusers' layout. From a jar it is unpacked
 * once, into {@code demo-model-<version>} below {@link UserCache#folder()}; each start checks the
 * files there and replaces damaged ones. Where that cannot be written, it is unpacked into a
 * temporary folder that this JVM deletes at its end. Classes that are not in a jar have the files
 * beside them, and those are used in place.
 */
public final class DemoModel {
  private static final String SUMS = "SHA256SUMS";
  private static final String FACES = "faces/";
  private static final String PICTURE = ".png";
  private static final Object LOCK = new Object();

  private static @Nullable DemoModel opened;

  private final Path folder;
  private final List<SampleFace> faces;

  /**
   * A drawn person on whom the model was not trained.
   *
   * @param name such as {@code face_1}
   * @param image the picture, PNG
   * @param landmarks its five landmarks, JSON
   */
  public record SampleFace(String name, Path image, Path landmarks) {}

  DemoModel(Path folder, Sha256Sums sums) {
    this.folder = folder;
    this.faces =
        sums.files().keySet().stream()
            .filter(file -> file.startsWith(FACES) && file.endsWith(PICTURE))
            .map(f -> f.substring(FACES.length(), f.length() - PICTURE.length()))
            .sorted(Comparator.comparingInt(String::length).thenComparing(Function.identity()))
            .map(name -> face(folder.resolve(FACES), name))
            .toList();
  }

  private static SampleFace face(Path folder, String name) {
    return new SampleFace(name, folder.resolve(name + PICTURE), folder.resolve(name + ".json"));
  }

  /**
   * The model, unpacked if need be.
   *
   * @throws IOException if it cannot be unpacked; the message says where and why
   */
  public static DemoModel open() throws IOException {
    synchronized (LOCK) {
      if (opened == null) {
        opened = find();
      }
      return opened;
    }
  }

  private static DemoModel find() throws IOException {
    Sha256Sums sums;
    try (InputStream in = resource(SUMS)) {
      sums = Sha256Sums.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
    URL url = DemoModel.class.getResource(SUMS);
    if (url != null && url.getProtocol().equals("file")) {
      Path inPlace = Path.of(URI.create(url.toString())).getParent();
      if (inPlace != null) {
        return new DemoModel(inPlace, sums);
      }
    }
    ResourceCache cache = new ResourceCache(sums, DemoModel::resource);
    return new DemoModel(unpack(cache, UserCache.folder(), "demo-model-" + sums.version()), sums);
  }

  private static InputStream resource(String file) throws IOException {
    InputStream in = DemoModel.class.getResourceAsStream(file);
    if (in == null) {
      throw new FileNotFoundException(
          "the jar of "
              + DemoModel.class.getName()
              + " lacks the built-in model's "
              + file
              + "; install the jar again, or name a model folder");
    }
    return in;
  }

  /** Unpacks below {@code caches}, or into a temporary folder if that cannot be written. */
  static Path unpack(ResourceCache cache, Path caches, String name) throws IOException {
    Path folder = caches.resolve(name);
    try {
      Files.createDirectories(folder);
      cache.unpackTo(folder);
      return folder;
    } catch (IOException e) {
      Path temporary = Files.createTempDirectory("f2d4j-" + name + "-");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(temporary)));
      try {
        cache.unpackTo(temporary);
      } catch (IOException again) {
        again.addSuppressed(e);
        throw again;
      }
      return temporary;
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> deepestFirst = new ArrayList<>(files.toList());
      deepestFirst.sort(Comparator.reverseOrder());
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete the temporary " + folder, e);
    }
  }

  /** The folder of the model: {@code unet/}, {@code vae/}, {@code msid/}, {@code mapping/} …. */
  public Path folder() {
    return folder;
  }

  /** The sample faces, {@code face_1} first. */
  public List<SampleFace> faces() {
    return faces;
  }

  /**
   * The sample face of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public SampleFace face(String name) {
    return faces.stream()
        .filter(face -> face.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the built-in model has no sample face "
                        + name
                        + "; there are "
                        + faces.stream().map(SampleFace::name).toList()));
  }
}
