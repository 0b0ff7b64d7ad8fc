package io.github.f2d4j.peers.libtorch;

import io.github.f2d4j.benchmarks.compare.Contender;
import io.github.f2d4j.benchmarks.compare.Workload;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** libtorch, in one precision. */
public abstract sealed class LibtorchContender implements Contender {
  private final String name;
  private final Precision precision;

  /** Alive for as long as the process: no tensor records how it came about. */
  private @Nullable InferenceMode inference;

  private LibtorchContender(String name, Precision precision) {
    this.name = name;
    this.precision = precision;
  }

  /** In float32. */
  public static final class Float32 extends LibtorchContender {
    /** For the service loader. */
    public Float32() {
      super("libtorch-f32", Precision.FLOAT32);
    }
  }

  /** Weights and activations in bfloat16. */
  public static final class BFloat16 extends LibtorchContender {
    /** For the service loader. */
    public BFloat16() {
      super("libtorch-bf16", Precision.BFLOAT16);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public List<String> jvmFlags() {
    // JavaCPP would otherwise refuse memory by its own count, which the JVM's heap decides.
    return List.of(
        "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Dorg.bytedeco.javacpp.maxBytes=0");
  }

  /**
   * Freed memory stays with the process, as under tcmalloc: results need not be zeroed and mapped
   * again at every call. OpenBLAS and OpenMP have as many threads as everybody.
   */
  @Override
  public Map<String, String> environment() {
    String threads = Integer.toString(threads());
    return Map.of(
        "OPENBLAS_NUM_THREADS",
        threads,
        "OMP_NUM_THREADS",
        threads,
        "MALLOC_ARENA_MAX",
        "1",
        "MALLOC_MMAP_MAX_",
        "0",
        "MALLOC_TRIM_THRESHOLD_",
        Long.toString(1L << 40),
        "MALLOC_TOP_PAD_",
        Long.toString(64L << 20));
  }

  @Override
  public String describe() {
    begin();
    return "libtorch %s (org.bytedeco:pytorch), %s, %s, %d threads, channels last, inference mode"
        .formatted(
            version(),
            precision == Precision.FLOAT32 ? "float32" : "bfloat16",
            torch.get_cpu_capability().getString(),
            torch.get_num_threads());
  }

  private static String version() {
    Package jar = torch.class.getPackage();
    return jar == null ? "of unknown version" : String.valueOf(jar.getImplementationVersion());
  }

  private void begin() {
    if (inference == null) {
      inference = new InferenceMode();
      torch.set_num_threads(threads());
    }
  }

  private static int threads() {
    return Integer.getInteger("f2d4j.threads", 1);
  }

  private torch.ScalarType type() {
    return precision == Precision.FLOAT32 ? torch.ScalarType.Float : torch.ScalarType.BFloat16;
  }

  @Override
  public Prepared prepare(Workload workload, Networks networks) throws IOException {
    begin();
    return workload instanceof Workload.Network(var net)
        ? NetworkRuns.prepare(workload, net, networks.folder(net), type())
        : OperatorRuns.prepare(workload, type());
  }
}
