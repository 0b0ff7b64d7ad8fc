package io.github.f2d4j.kernels.cublas;

import static java.lang.foreign.MemorySegment.ofAddress;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.library.Rethrown;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A product D = epilogue(α·op(A)·op(B) + β·C) that is ready to run: descriptors, layouts, and the
 * algorithms that cuBLASLt proposes, best first. C has the layout of D and may be D.
 */
public final class LtMatmul implements AutoCloseable {
  private static final MethodHandle DESC_CREATE = handle("cublasLtMatmulDescCreate");
  private static final MethodHandle DESC_DESTROY = handle("cublasLtMatmulDescDestroy");
  private static final MethodHandle DESC_SET = handle("cublasLtMatmulDescSetAttribute");
  private static final MethodHandle LAYOUT_CREATE = handle("cublasLtMatrixLayoutCreate");
  private static final MethodHandle LAYOUT_DESTROY = handle("cublasLtMatrixLayoutDestroy");
  private static final MethodHandle PREFERENCE_CREATE = handle("cublasLtMatmulPreferenceCreate");
  private static final MethodHandle PREFERENCE_DESTROY = handle("cublasLtMatmulPreferenceDestroy");
  private static final MethodHandle PREFERENCE_SET = handle("cublasLtMatmulPreferenceSetAttribute");
  private static final MethodHandle HEURISTIC = handle("cublasLtMatmulAlgoGetHeuristic");
  private static final MethodHandle MATMUL = handle("cublasLtMatmul");

  // cublasLtMatmulDescAttributes_t
  private static final int TRANSA = 3;
  private static final int TRANSB = 4;
  private static final int EPILOGUE = 7;
  private static final int BIAS_POINTER = 8;
  private static final int BIAS_DATA_TYPE = 26;
  // cublasLtMatmulPreferenceAttributes_t
  private static final int MAX_WORKSPACE_BYTES = 1;
  private static final int[] MIN_ALIGNMENT_BYTES = {5, 6, 7, 8}; // of A, B, C, D
  // cublasLtMatmulHeuristicResult_t: algo at 0, workspaceSize, state, wavesCount
  private static final long RESULT_BYTES = 96;
  private static final long RESULT_WORKSPACE = 64;
  private static final long RESULT_STATE = 72;

  private static final int REQUESTED = 8;

  /** All matrices of a product must lie at multiples of so many bytes. */
  public static final int ALIGNMENT = 16;

  private final CublasLt lt;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment alpha = arena.allocate(JAVA_FLOAT);
  private final MemorySegment beta = arena.allocate(JAVA_FLOAT);
  private final MemorySegment results = arena.allocate(RESULT_BYTES * REQUESTED, Long.BYTES);
  private final MemorySegment matmul;
  private final MemorySegment descriptor;
  private final MemorySegment layoutA;
  private final MemorySegment layoutB;
  private final MemorySegment layoutC;
  private final int algorithms;
  private MemorySegment algorithm;
  private int chosen;
  private boolean open = true;

  LtMatmul(CublasLt lt, Gemm g, Epilogue epilogue, long bias, long maxWorkspace) {
    this.lt = lt;
    this.matmul = lt.library().address("cublasLtMatmul");
    alpha.set(JAVA_FLOAT, 0, g.alpha());
    beta.set(JAVA_FLOAT, 0, g.beta());
    descriptor = descriptor(g.compute());
    set(TRANSA, Gemm.operation(g.transposeA()));
    set(TRANSB, Gemm.operation(g.transposeB()));
    set(EPILOGUE, epilogue.code());
    if (epilogue.hasBias()) {
      set(BIAS_POINTER, bias);
      set(BIAS_DATA_TYPE, g.typeC().code());
    }
    layoutA =
        layout(g.typeA(), g.transposeA() ? g.k() : g.m(), g.transposeA() ? g.m() : g.k(), g.lda());
    layoutB =
        layout(g.typeB(), g.transposeB() ? g.n() : g.k(), g.transposeB() ? g.k() : g.n(), g.ldb());
    layoutC = layout(g.typeC(), g.m(), g.n(), g.ldc());
    algorithms = propose(maxWorkspace);
    if (algorithms == 0) {
      close();
      throw CudaException.notPossible(
          lt.library().toString(),
          "cublasLtMatmulAlgoGetHeuristic",
          "it proposes no algorithm for " + g + " with epilogue " + epilogue,
          "use a plain product, or other types or strides",
          null);
    }
    algorithm = results.asSlice(0, RESULT_WORKSPACE);
  }

  private static MethodHandle handle(String name) {
    return CublasLt.SIGNATURES.handle(name);
  }

  private void set(int attribute, Number value) {
    lt.set("cublasLtMatmulDescSetAttribute", DESC_SET, descriptor, attribute, value);
  }

  private MemorySegment descriptor(ComputeType compute) {
    MemorySegment out = arena.allocate(ADDRESS);
    MemorySegment create = lt.library().address("cublasLtMatmulDescCreate");
    int scale = DataType.FLOAT32.code();
    try {
      int result = (int) DESC_CREATE.invokeExact(create, out, compute.code(), scale);
      lt.check("cublasLtMatmulDescCreate", result);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
    return out.get(ADDRESS, 0);
  }

  private MemorySegment layout(DataType type, long rows, long columns, long ld) {
    MemorySegment out = arena.allocate(ADDRESS);
    MemorySegment create = lt.library().address("cublasLtMatrixLayoutCreate");
    try {
      int result = (int) LAYOUT_CREATE.invokeExact(create, out, type.code(), rows, columns, ld);
      lt.check("cublasLtMatrixLayoutCreate", result);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
    return out.get(ADDRESS, 0);
  }

  /** Asks for algorithms, keeps those that can run at the front, and counts them. */
  private int propose(long maxWorkspace) {
    MemorySegment out = arena.allocate(ADDRESS);
    try {
      MemorySegment create = lt.library().address("cublasLtMatmulPreferenceCreate");
      lt.check("cublasLtMatmulPreferenceCreate", (int) PREFERENCE_CREATE.invokeExact(create, out));
      MemorySegment preference = out.get(ADDRESS, 0);
      lt.set(
          "cublasLtMatmulPreferenceSetAttribute",
          PREFERENCE_SET,
          preference,
          MAX_WORKSPACE_BYTES,
          maxWorkspace);
      for (int attribute : MIN_ALIGNMENT_BYTES) {
        lt.set(
            "cublasLtMatmulPreferenceSetAttribute",
            PREFERENCE_SET,
            preference,
            attribute,
            ALIGNMENT);
      }
      MemorySegment ask = lt.library().address("cublasLtMatmulAlgoGetHeuristic");
      int result =
          (int)
              HEURISTIC.invokeExact(
                  ask,
                  lt.handle(),
                  descriptor,
                  layoutA,
                  layoutB,
                  layoutC,
                  layoutC,
                  preference,
                  REQUESTED,
                  results,
                  out);
      lt.destroy("cublasLtMatmulPreferenceDestroy", PREFERENCE_DESTROY, preference);
      lt.check("cublasLtMatmulAlgoGetHeuristic", result);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
    return keepUsable(out.get(JAVA_INT, 0));
  }

  private int keepUsable(int returned) {
    int usable = 0;
    for (int i = 0; i < returned; i++) {
      MemorySegment result = results.asSlice(i * RESULT_BYTES, RESULT_BYTES);
      if (result.get(JAVA_INT, RESULT_STATE) == 0) {
        results.asSlice(usable * RESULT_BYTES, RESULT_BYTES).copyFrom(result);
        usable++;
      }
    }
    return usable;
  }

  /** How many algorithms there are to choose from. */
  public int algorithms() {
    return algorithms;
  }

  /** Uses algorithm {@code index} from now on; 0 is cuBLASLt's own choice, and the first. */
  public void choose(int index) {
    if (index < 0 || index >= algorithms) {
      throw new IndexOutOfBoundsException("algorithm " + index + " of " + algorithms);
    }
    chosen = index;
    algorithm = results.asSlice(index * RESULT_BYTES, RESULT_WORKSPACE);
  }

  /** Adds the bias at {@code bias} from now on, where the epilogue adds one. */
  public void setBias(long bias) {
    set(BIAS_POINTER, bias);
  }

  /** Bytes of workspace that the chosen algorithm needs. */
  public long workspaceBytes() {
    return results.get(JAVA_LONG, chosen * RESULT_BYTES + RESULT_WORKSPACE);
  }

  /**
   * Queues the product.
   *
   * @param c read where β is not 0
   * @param workspace at least {@link #workspaceBytes()} of device memory, which {@code
   *     workspaceSize} tells
   */
  public void run(long a, long b, long c, long d, long workspace, long workspaceSize, long stream) {
    try {
      int result =
          (int)
              MATMUL.invokeExact(
                  matmul,
                  lt.handle(),
                  descriptor,
                  alpha,
                  ofAddress(a),
                  layoutA,
                  ofAddress(b),
                  layoutB,
                  beta,
                  ofAddress(c),
                  layoutC,
                  ofAddress(d),
                  layoutC,
                  algorithm,
                  ofAddress(workspace),
                  workspaceSize,
                  ofAddress(stream));
      lt.check("cublasLtMatmul", result);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      arena.close();
      lt.destroy("cublasLtMatrixLayoutDestroy", LAYOUT_DESTROY, layoutA);
      lt.destroy("cublasLtMatrixLayoutDestroy", LAYOUT_DESTROY, layoutB);
      lt.destroy("cublasLtMatrixLayoutDestroy", LAYOUT_DESTROY, layoutC);
      lt.destroy("cublasLtMatmulDescDestroy", DESC_DESTROY, descriptor);
    }
  }
}
