package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.catalog.ElementType.BF16;
import static io.github.f2d4j.kernels.catalog.ElementType.F16;
import static io.github.f2d4j.kernels.catalog.ElementType.F32;

import java.util.ArrayList;
import java.util.List;

/**
 * Attention: the kernels on tensor cores and those that run anywhere, against three plain loops.
 */
final class AttentionCases {
  private AttentionCases() {}

  /** Cases that only the newer set's kernels on tensor cores do. */
  static List<KernelCase> onTensorCores() {
    List<KernelCase> cases = new ArrayList<>();
    for (ElementType type : List.of(F16, BF16)) {
      for (int size : new int[] {40, 64, 80}) {
        cases.add(dense(type, 1, 131, 141, 1, size, false)); // two blocks, three tiles, both ragged
        cases.add(dense(type, 2, 5, 77, 2, size, false)); // a prompt of 77 tokens
      }
      cases.add(dense(type, 1, 130, 130, 1, 40, true));
      cases.add(dense(type, 1, 65, 77, 1, 160, false));
      cases.add(dense(type, 1, 70, 70, 1, 160, true));
      cases.add(dense(type, 1, 33, 70, 1, 512, false));
      cases.add(dense(type, 2, 3, 1, 1, 512, false));
      cases.add(dense(type, 1, 34, 34, 1, 512, true));
    }
    // q, k and v as slices of one matrix, and a result with a gap
    cases.add(of(new Attention(F16, 2, 9, 9, 2, 64, 3 * 128, 3 * 128, 136, 0.125f, true)));
    return cases;
  }

  /** Cases for the kernels without. */
  static List<KernelCase> anywhere() {
    List<KernelCase> cases = new ArrayList<>();
    for (ElementType type : ElementType.values()) {
      cases.add(dense(type, 2, 33, 34, 2, 7, false));
      cases.add(dense(type, 1, 9, 65, 1, 65, true));
      cases.add(dense(type, 1, 4, 40, 1, 192, false));
      cases.add(dense(type, 1, 9, 33, 1, 490, false));
    }
    cases.add(dense(F32, 1, 1, 1, 3, 1, false));
    cases.add(dense(F32, 1, 70, 70, 1, 64, true));

    cases.add(dense(F32, 1, 10, 33, 1, 512, true));
    cases.add(of(new Attention(F16, 2, 5, 6, 3, 4, 37, 41, 13, 1.5f, false)));
    return cases;
  }

  static KernelCase dense(
      ElementType type, int batch, int queries, int keys, int heads, int size, boolean causal) {
    float scale = (float) (1 / Math.sqrt(size));
    return of(Attention.dense(type, batch, queries, keys, heads, size, scale, causal));
  }

  static KernelCase of(Attention a) {
    return new KernelCase(a.toString(), device -> run(a, device));
  }

  private static void run(Attention a, CaseDevice device) {
    float[] q = Numbers.normal(a.batch() * a.queries() * a.queryStride(), 1, 0.1, 1.3);
    float[] k = Numbers.normal(a.batch() * a.keys() * a.keyStride(), 2, 0.1, 1.3);
    float[] v = Numbers.normal(a.batch() * a.keys() * a.keyStride(), 3, 0.2, 1);
    CaseDevice.Memory deviceQ = device.upload(a.type(), q);
    CaseDevice.Memory deviceK = device.upload(a.type(), k);
    CaseDevice.Memory deviceV = device.upload(a.type(), v);
    int count = a.batch() * a.queries() * a.resultStride();
    CaseDevice.Memory out = device.allocate(a.type(), count);
    device.launch(
        a.launches(
            device.set(), deviceQ.address(), deviceK.address(), deviceV.address(), out.address()));
    double[] expected = attend(a, q, k, v);
    // probabilities are rounded to the type once more before they meet v
    Numbers.compare(
        a.type(), a.type() == F32 ? 40 : 6, out.read(a.type()), count, i -> expected[i]);
  }

  /** What the gaps between rows hold: untouched memory. */
  private static double[] attend(Attention a, float[] q, float[] k, float[] v) {
    double[] out = new double[a.batch() * a.queries() * a.resultStride()];
    double[] p = new double[a.keys()];
    for (int b = 0; b < a.batch(); b++) {
      for (int h = 0; h < a.heads(); h++) {
        for (int i = 0; i < a.queries(); i++) {
          int seen = a.causal() ? Math.min(i + 1, a.keys()) : a.keys();
          int queryAt = (b * a.queries() + i) * a.queryStride() + h * a.size();
          softmax(a, q, k, queryAt, b * a.keys() * a.keyStride() + h * a.size(), seen, p);
          for (int c = 0; c < a.size(); c++) {
            double sum = 0;
            for (int j = 0; j < seen; j++) {
              sum += p[j] * v[(b * a.keys() + j) * a.keyStride() + h * a.size() + c];
            }
            out[(b * a.queries() + i) * a.resultStride() + h * a.size() + c] = sum;
          }
        }
      }
    }
    return out;
  }

  private static void softmax(
      Attention a, float[] q, float[] k, int queryAt, int keysAt, int seen, double[] p) {
    double max = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < seen; j++) {
      double dot = 0;
      for (int c = 0; c < a.size(); c++) {
        dot += (double) q[queryAt + c] * k[keysAt + j * a.keyStride() + c];
      }
      p[j] = dot * a.scale();
      max = Math.max(max, p[j]);
    }
    double sum = 0;
    for (int j = 0; j < seen; j++) {
      p[j] = Math.exp(p[j] - max);
      sum += p[j];
    }
    for (int j = 0; j < seen; j++) {
      p[j] /= sum;
    }
  }
}
