package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.model.demo.DemoModel;
import io.github.f2d4j.model.image.RgbImage;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** SHA-256 of very small pictures of the built-in model; a program, for JVMs of other settings. */
public final class Fingerprint {
  /** What precedes the answer in the output. */
  static final String MARK = "fingerprint ";

  private Fingerprint() {}

  /** Prints the answer. */
  public static void main(String[] args) throws Exception {
    Face2DiffusionPipeline pipeline = Face2DiffusionPipeline.load(DemoModel.open().folder());
    System.out.println(MARK + of(generate(pipeline, request().build())));
  }

  /** A face that is no face: a smooth pattern. */
  static FaceIdentity face(Face2DiffusionPipeline pipeline) throws Exception {
    byte[] rgb = new byte[112 * 112 * 3];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (128 + 100 * Math.sin(i * 0.001) + 20 * (i % 3));
    }
    return pipeline.encode(FaceInput.aligned(RgbImage.of(112, 112, rgb)));
  }

  /** Few steps and pixels: some settings are emulated, and slow. */
  static GenerationRequest.Builder request() {
    return GenerationRequest.of("a photo of f l at the beach").steps(2).size(20, 16).seed(5);
  }

  static List<RgbImage> generate(Face2DiffusionPipeline pipeline, GenerationRequest request)
      throws Exception {
    return pipeline.generate(face(pipeline), request).images();
  }

  static String of(List<RgbImage> images) {
    return images.stream().map(Fingerprint::of).collect(Collectors.joining(" "));
  }

  static String of(RgbImage image) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(image.rgb()))
          .substring(0, 32);
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
