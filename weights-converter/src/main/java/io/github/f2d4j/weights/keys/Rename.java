package io.github.f2d4j.weights.keys;

/**
 * One row of a {@link RenameTable}: two names of the same module or tensor.
 *
 * @param published its path in the published checkpoint, such as {@code
 *     model.diffusion_model.input_blocks.0.0}; empty for "every other key"
 * @param folder its path in a model folder, such as {@code unet/conv_in}
 * @param form whether a weight's shape differs, too
 */
public record Rename(String published, String folder, Form form) {

  /** How the shape of a weight changes on the way. */
  public enum Form {
    /** It does not. */
    SAME,
    /** A 1×1 convolution [O,I,1,1] in the published file is a linear layer [O,I] in the folder. */
    CONVOLUTION_TO_LINEAR,
    /** A linear layer on both sides, although older folders hold it as a 1×1 convolution. */
    LINEAR
  }

  /** A row that keeps shapes. */
  public static Rename of(String published, String folder) {
    return new Rename(published, folder, Form.SAME);
  }
}
