package io.github.f2d4j.kernels.cublas;

import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.library.LoadedLibrary;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ways to call cuBLAS. The system property {@value #PROPERTY} chooses one; without it FFM is
 * used, which does all that JCublas does, and cuBLASLt and CUDA 13 besides.
 */
public enum CublasProvider {
  /** By the library's own functions, CUDA 12 and 13. */
  FFM {
    @Override
    public List<String> obstacles(LoadedLibrary cublas) {
      return FfmCublas.SIGNATURES.signatures().stream()
          .filter(s -> !cublas.has(s.name()))
          .map(s -> cublas + " lacks " + s.name())
          .toList();
    }

    @Override
    public CudaBlas open(LoadedLibrary cublas, @Nullable LoadedLibrary lt) {
      return new FfmCublas(cublas, lt == null ? null : new CublasLt(lt, cublas));
    }
  },

  /** By JCublas, CUDA 12 alone, without cuBLASLt. */
  JCUBLAS {
    @Override
    public List<String> obstacles(LoadedLibrary cublas) {
      return JCublas.obstacles(cublas);
    }

    @Override
    public CudaBlas open(LoadedLibrary cublas, @Nullable LoadedLibrary lt) {
      List<String> obstacles = obstacles(cublas);
      if (!obstacles.isEmpty()) {
        throw CudaException.notPossible(
            "JCublas",
            "the start",
            String.join("; ", obstacles),
            "unset -D" + PROPERTY + " to call cuBLAS by FFM",
            null);
      }
      return new JCublas(cublas);
    }
  };

  /** System property that chooses a provider: {@code ffm} or {@code jcublas}. */
  public static final String PROPERTY = "f2d4j.cublas";

  /** Why it cannot be used with the library {@code cublas}; empty if it can. */
  public abstract List<String> obstacles(LoadedLibrary cublas);

  /**
   * Starts cuBLAS in the current context.
   *
   * @param lt cuBLASLt of the same version, if it is there
   */
  public abstract CudaBlas open(LoadedLibrary cublas, @Nullable LoadedLibrary lt);

  /** The provider that {@code property} names; FFM where it is null. */
  public static CublasProvider named(@Nullable String property) {
    return switch (property) {
      case null -> FFM;
      case "ffm" -> FFM;
      case "jcublas" -> JCUBLAS;
      default ->
          throw new IllegalArgumentException(
              PROPERTY + " is " + property + ", but there are ffm and jcublas");
    };
  }
}
