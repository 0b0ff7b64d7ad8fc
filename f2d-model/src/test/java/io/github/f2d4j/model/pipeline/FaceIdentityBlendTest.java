package io.github.f2d4j.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FaceIdentityBlendTest {
  private static double norm(FaceIdentity identity) {
    double sum = 0;
    for (float f : identity.features()) {
      sum += (double) f * f;
    }
    return Math.sqrt(sum);
  }

  @Test
  void directionsAndLengthsAreAveragedApart() {
    FaceIdentity a = FaceIdentity.of(3, 0);
    FaceIdentity b = FaceIdentity.of(0, 1);
    FaceIdentity mean = FaceIdentity.mean(List.of(a, b));
    assertEquals(2, norm(mean), 1e-6, "the mean of 3 and 1");
    assertEquals(Math.sqrt(0.5), mean.similarity(a), 1e-6, "halfway, though a is longer");
    FaceIdentity blend = FaceIdentity.blend(List.of(a, b), List.of(0.6, 0.8));
    assertEquals(0.6, blend.similarity(a), 1e-6);
    assertEquals(0.8, blend.similarity(b), 1e-6);
    assertEquals((0.6 * 3 + 0.8 * 1) / 1.4, norm(blend), 1e-6);
  }

  @Test
  void oneIsItself() {
    FaceIdentity a = FaceIdentity.of(0.1f, -7, 1e-20f);
    FaceIdentity b = FaceIdentity.of(5, 5, 5);
    assertSame(a, FaceIdentity.mean(List.of(a)));
    assertSame(a, FaceIdentity.blend(List.of(b, a), List.of(0.0, 0.3)));
  }

  @Property(tries = 200)
  void theSameTwiceIsTheSame(
      @ForAll @Size(5) float[] raw, @ForAll @DoubleRange(min = 0.1, max = 10) double w) {
    float[] x = new float[5];
    for (int i = 0; i < 5; i++) {
      x[i] = (float) Math.sin(raw[i]) + 2; // finite and not zero
    }
    FaceIdentity a = FaceIdentity.of(x);
    float[] blend = FaceIdentity.blend(List.of(a, a), List.of(w, 1.0)).features();
    for (int i = 0; i < 5; i++) {
      assertEquals(x[i], blend[i], 1e-6 * Math.abs(x[i]));
    }
  }

  @Property(tries = 200)
  void onlyTheRatioOfWeightsAndNotTheOrderMatters(
      @ForAll @FloatRange(min = -1, max = 1) float p,
      @ForAll @FloatRange(min = -1, max = 1) float q,
      @ForAll @DoubleRange(min = 0.1, max = 10) double w) {
    FaceIdentity a = FaceIdentity.of(1, p, 0.5f);
    FaceIdentity b = FaceIdentity.of(q, 2, 0.1f);
    float[] one = FaceIdentity.blend(List.of(a, b), List.of(w, 2.0)).features();
    float[] two = FaceIdentity.blend(List.of(b, a), List.of(8.0, 4 * w)).features();
    for (int i = 0; i < one.length; i++) {
      assertEquals(one[i], two[i], 1e-5);
    }
  }

  @Test
  void whatCannotBeBlendedIsRefused() {
    FaceIdentity a = FaceIdentity.of(1, 2);
    refused("no identity", List.of(), List.of());
    refused("1 weights for 2", List.of(a, a), List.of(1.0));
    refused("-0.5", List.of(a, a), List.of(1.0, -0.5));
    refused("NaN", List.of(a, a), List.of(1.0, Double.NaN));
    refused("above 0", List.of(a, a), List.of(0.0, 0.0));
    refused("finite", List.of(a, a), List.of(Double.POSITIVE_INFINITY, 1.0));
    refused("different encoders", List.of(a, FaceIdentity.of(1, 2, 3)), List.of(1.0, 1.0));
    refused("opposites", List.of(a, FaceIdentity.of(-2, -4)), List.of(1.0, 1.0));
  }

  private static void refused(String part, List<FaceIdentity> people, List<Double> weights) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> FaceIdentity.blend(people, weights))
            .getMessage();
    assertTrue(message.contains(part), message);
  }
}
