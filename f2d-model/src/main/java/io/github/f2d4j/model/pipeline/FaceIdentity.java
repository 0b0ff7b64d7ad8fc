package io.github.f2d4j.model.pipeline;

import java.util.Arrays;

/**
 * Who a face belongs to, as the identity encoder's features. Computed once, it serves any number of
 * pictures. Immutable.
 */
public final class FaceIdentity {
  private final float[] features;

  private FaceIdentity(float[] features) {
    this.features = features;
  }

  /**
   * An identity of features computed earlier, by the same identity encoder.
   *
   * @throws IllegalArgumentException if there are none, or one is not finite
   */
  public static FaceIdentity of(float... features) {
    float[] copy = features.clone();
    for (int i = 0; i < copy.length; i++) {
      if (!Float.isFinite(copy[i])) {
        throw new IllegalArgumentException(
            "identity feature " + i + " is " + copy[i] + "; expected finite numbers");
      }
    }
    if (copy.length == 0) {
      throw new IllegalArgumentException("an identity needs at least one feature");
    }
    return new FaceIdentity(copy);
  }

  /** A copy of the features, not normalised. */
  public float[] features() {
    return features.clone();
  }

  /** The number of features. */
  public int size() {
    return features.length;
  }

  /**
   * Cosine of the angle to another identity: near 1 for the same person, near 0 for strangers.
   *
   * @throws IllegalArgumentException if they have different numbers of features
   */
  public double similarity(FaceIdentity other) {
    if (other.features.length != features.length) {
      throw new IllegalArgumentException(
          "identities of "
              + features.length
              + " and "
              + other.features.length
              + " features come from different encoders and cannot be compared");
    }
    double dot = 0;
    double a = 0;
    double b = 0;
    for (int i = 0; i < features.length; i++) {
      dot += (double) features[i] * other.features[i];
      a += (double) features[i] * features[i];
      b += (double) other.features[i] * other.features[i];
    }
    return a == 0 || b == 0 ? 0 : dot / Math.sqrt(a * b);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof FaceIdentity i && Arrays.equals(features, i.features);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(features);
  }

  @Override
  public String toString() {
    return "identity of " + features.length + " features";
  }
}
