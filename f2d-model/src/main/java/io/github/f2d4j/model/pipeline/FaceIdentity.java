package io.github.f2d4j.model.pipeline;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Who a face belongs to, as the identity encoder's features. Computed once, it serves any number of
 * pictures. Immutable.
 */
public final class FaceIdentity {
  /** Below this length of the mean of unit vectors its direction is rounding noise. */
  private static final double LEAST_DIRECTION = 1e-6;

  private static final double MOST_WEIGHT = 1e12;

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
   * One person from several photos, or a blend of several people, each with the same weight.
   *
   * @throws IllegalArgumentException as {@link #blend(List, List)}
   */
  public static FaceIdentity mean(List<FaceIdentity> identities) {
    return blend(identities, Collections.nCopies(identities.size(), 1.0));
  }

  /**
   * One person from several photos, or a blend of several people. With unit vectors u = x/|x| and
   * weights w of sum 1 the result has the direction of Σ w·u and the length Σ w·|x|. So each face
   * counts by its weight and not by the length of its features, which says little of who it is, and
   * the result is as long as the identities that the mapping network was trained on; a plain mean
   * of features is the shorter the more the faces differ.
   *
   * @param weights one for each identity, at least 0, some above; only their ratio matters
   * @throws IllegalArgumentException if there are none, they are of different encoders, the weights
   *     are unusable, or the faces are opposites of each other
   */
  public static FaceIdentity blend(List<FaceIdentity> identities, List<Double> weights) {
    double total = requireWeights(identities.size(), weights);
    List<Integer> used =
        IntStream.range(0, weights.size()).filter(i -> weights.get(i) > 0).boxed().toList();
    FaceIdentity one = identities.get(used.getFirst());
    if (used.size() == 1) {
      return one;
    }
    double[] sum = new double[one.size()];
    double length = 0;
    for (int i : used) {
      FaceIdentity identity = identities.get(i);
      if (identity.size() != sum.length) {
        throw differentEncoders(sum.length, identity.size(), "combined");
      }
      double norm = norm(identity.features);
      double weight = weights.get(i) / total;
      length += weight * norm;
      for (int k = 0; k < sum.length && norm > 0; k++) {
        sum[k] += weight * identity.features[k] / norm;
      }
    }
    double direction = Math.sqrt(Arrays.stream(sum).map(x -> x * x).sum());
    if (direction < LEAST_DIRECTION) {
      throw new IllegalArgumentException(
          "these identities are opposites of each other, so nothing is left of them when they are"
              + " combined; use other photos or other weights");
    }
    float[] features = new float[sum.length];
    for (int k = 0; k < sum.length; k++) {
      features[k] = (float) (sum[k] / direction * length);
    }
    return of(features);
  }

  /** The sum of the weights. */
  private static double requireWeights(int identities, List<Double> weights) {
    if (identities == 0) {
      throw new IllegalArgumentException("there is no identity to combine; give at least one");
    }
    if (weights.size() != identities) {
      throw new IllegalArgumentException(
          "there are "
              + weights.size()
              + " weights for "
              + identities
              + " identities; give one for each");
    }
    double sum = 0;
    for (double w : weights) {
      if (!(w >= 0)) {
        throw new IllegalArgumentException(
            "a weight of the blend is " + w + "; expected numbers of at least 0");
      }
      sum += w;
    }
    if (!(sum > 0 && sum <= MOST_WEIGHT)) {
      throw new IllegalArgumentException(
          "the weights " + weights + " have the sum " + sum + "; give finite ones, some above 0");
    }
    return sum;
  }

  private static double norm(float[] x) {
    double squares = 0;
    for (float f : x) {
      squares += (double) f * f;
    }
    return Math.sqrt(squares);
  }

  private static IllegalArgumentException differentEncoders(int a, int b, String verb) {
    return new IllegalArgumentException(
        "identities of "
            + a
            + " and "
            + b
            + " features come from different encoders and cannot be "
            + verb);
  }

  /**
   * Cosine of the angle to another identity: near 1 for the same person, near 0 for strangers.
   *
   * @throws IllegalArgumentException if they have different numbers of features
   */
  public double similarity(FaceIdentity other) {
    if (other.features.length != features.length) {
      throw differentEncoders(features.length, other.features.length, "compared");
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
