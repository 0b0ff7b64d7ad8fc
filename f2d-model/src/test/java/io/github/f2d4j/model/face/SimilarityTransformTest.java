package io.github.f2d4j.model.face;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;
import org.junit.jupiter.api.Test;

class SimilarityTransformTest {
  @Property(tries = 300)
  void recoversAKnownTransform(
      @ForAll @DoubleRange(min = 0.01, max = 50) double scale,
      @ForAll @DoubleRange(min = -3.1, max = 3.1) double angle,
      @ForAll @DoubleRange(min = -1000, max = 1000) double tx,
      @ForAll @DoubleRange(min = -1000, max = 1000) double ty) {
    SimilarityTransform known =
        new SimilarityTransform(scale * Math.cos(angle), scale * Math.sin(angle), tx, ty);
    double[][] from = FaceAligner.template();
    double[][] to = new double[from.length][];
    for (int i = 0; i < from.length; i++) {
      to[i] = known.apply(from[i][0], from[i][1]);
    }
    SimilarityTransform found = SimilarityTransform.estimate(from, to);
    assertArrayEquals(known.matrix(), found.matrix(), 1e-8 * (1 + scale));
    assertEquals(scale, found.scale(), 1e-9 * scale);
    assertEquals(angle, found.rotation(), 1e-9);
  }

  /** The closed form against Umeyama's singular value decomposition, on points that do not fit. */
  @Test
  void equalsUmeyama() {
    Random random = new Random(3);
    for (int i = 0; i < 200; i++) {
      double[][] from = new double[5][2];
      double[][] to = new double[5][2];
      for (int k = 0; k < 5; k++) {
        for (int c = 0; c < 2; c++) {
          from[k][c] = 200 * random.nextDouble();
          to[k][c] = 112 * random.nextDouble();
        }
      }
      assertArrayEquals(
          umeyama(from, to), SimilarityTransform.estimate(from, to).matrix(), 1e-9, "case " + i);
    }
  }

  /** Umeyama 1991, equations 34 to 43. */
  private static double[] umeyama(double[][] from, double[][] to) {
    int n = from.length;
    double[] p = new double[2];
    double[] q = new double[2];
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < 2; c++) {
        p[c] += from[i][c] / n;
        q[c] += to[i][c] / n;
      }
    }
    RealMatrix sigma = new Array2DRowRealMatrix(2, 2);
    double variance = 0;
    for (int i = 0; i < n; i++) {
      for (int r = 0; r < 2; r++) {
        variance += (from[i][r] - p[r]) * (from[i][r] - p[r]) / n;
        for (int c = 0; c < 2; c++) {
          sigma.addToEntry(r, c, (to[i][r] - q[r]) * (from[i][c] - p[c]) / n);
        }
      }
    }
    SingularValueDecomposition svd = new SingularValueDecomposition(sigma);
    double sign = Math.signum(new LUDecomposition(sigma).getDeterminant());
    RealMatrix s = MatrixUtils.createRealDiagonalMatrix(new double[] {1, sign});
    RealMatrix rotation = svd.getU().multiply(s).multiply(svd.getVT());
    double[] d = svd.getSingularValues();
    double scale = (d[0] + sign * d[1]) / variance;
    RealMatrix r = rotation.scalarMultiply(scale);
    double[] moved = r.operate(p);
    return new double[] {
      r.getEntry(0, 0),
      r.getEntry(0, 1),
      q[0] - moved[0],
      r.getEntry(1, 0),
      r.getEntry(1, 1),
      q[1] - moved[1],
      0,
      0,
      1
    };
  }

  @Test
  void refusesPointsWithoutExtent() {
    double[][] same = {{1, 1}, {1, 1}};
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> SimilarityTransform.estimate(same, new double[][] {{0, 0}, {1, 1}}));
    assertTrue(e.getMessage().contains("coincide"), e.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> SimilarityTransform.estimate(new double[][] {{0, 0}}, new double[][] {{0, 0}}));
  }
}
