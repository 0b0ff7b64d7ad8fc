package io.github.f2d4j.kernels.setup;

import io.github.f2d4j.kernels.cublas.CublasLt;
import io.github.f2d4j.kernels.cublas.CublasProvider;
import io.github.f2d4j.kernels.cublas.CudaBlas;
import io.github.f2d4j.kernels.cudnn.CudaDnn;
import io.github.f2d4j.kernels.cudnn.CudnnProvider;
import io.github.f2d4j.kernels.library.LibraryLoader;
import io.github.f2d4j.kernels.library.LoadedLibrary;
import io.github.f2d4j.kernels.library.Loading;
import io.github.f2d4j.kernels.library.NativeLibrary;
import io.github.f2d4j.kernels.setup.CudaMode.Convolutions;
import io.github.f2d4j.kernels.setup.CudaMode.Products;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The libraries of one CUDA version that suits the driver: cuBLAS, cuBLASLt and cuDNN. */
public final class CudaLibraries {
  private final LibraryLoader loader;
  private final Findings findings;
  private @Nullable LoadedLibrary blas;
  private @Nullable LoadedLibrary lt;
  private @Nullable LoadedLibrary dnn;
  private @Nullable CublasProvider provider;

  private CudaLibraries(LibraryLoader loader, Findings findings) {
    this.loader = loader;
    this.findings = findings;
  }

  /**
   * Loads what there is.
   *
   * @param driverMajor the newest CUDA version that the driver runs
   * @param provider who is to call cuBLAS
   */
  static CudaLibraries load(
      LibraryLoader loader, int driverMajor, CublasProvider provider, Findings findings) {
    CudaLibraries libraries = new CudaLibraries(loader, findings);
    libraries.loadBlas(driverMajor);
    libraries.choose(provider);
    libraries.loadDnn();
    return libraries;
  }

  /** The newest version of which cuBLAS loads; cuBLASLt goes first, since cuBLAS needs it. */
  private void loadBlas(int driverMajor) {
    List<String> failures = new ArrayList<>();
    for (int major : NativeLibrary.CUBLAS.majors()) {
      if (major > driverMajor) {
        failures.add(
            NativeLibrary.CUBLAS.soname(major)
                + " is not tried: the driver is for CUDA "
                + driverMajor);
        continue;
      }
      Loading runtimeCompiler = loader.load(NativeLibrary.NVRTC, List.of(major));
      Loading fused = loader.load(NativeLibrary.CUBLAS_LT, List.of(major));
      Loading plain = loader.load(NativeLibrary.CUBLAS, List.of(major));
      if (plain instanceof Loading.Loaded loaded) {
        blas = loaded.library();
        findings.bad("cuda cublas", failures);
        findings.bad("cuda cublas", plain.failures());
        report("cuda nvrtc", runtimeCompiler, "; only some of cuDNN's kernels need it");
        acceptLt(fused);
        return;
      }
      failures.addAll(fused.failures());
      failures.addAll(plain.failures());
    }
    findings.missing("cuda cublas", new Loading.Missing(NativeLibrary.CUBLAS, failures));
  }

  private void report(String subject, Loading loading, String consequence) {
    switch (loading) {
      case Loading.Loaded loaded -> {
        findings.bad(subject, loaded.failures());
        findings.good(subject, loaded.library().file());
      }
      case Loading.Missing missing ->
          missing.failures().forEach(f -> findings.bad(subject, f + consequence));
    }
  }

  private void acceptLt(Loading loading) {
    switch (loading) {
      case Loading.Missing missing -> findings.missing("cuda cublaslt", missing);
      case Loading.Loaded loaded -> {
        findings.bad("cuda cublaslt", loaded.failures());
        LoadedLibrary library = loaded.library();
        List<String> lacking =
            CublasLt.SIGNATURES.signatures().stream()
                .filter(s -> !library.has(s.name()))
                .map(s -> library + " lacks " + s.name())
                .toList();
        findings.bad("cuda cublaslt", lacking);
        if (lacking.isEmpty()) {
          lt = library;
          findings.good("cuda cublaslt", library.file() + ", version " + CublasLt.version(library));
        }
      }
    }
  }

  /** Takes {@code wanted}, says why the others would not do, and falls back on one that does. */
  private void choose(CublasProvider wanted) {
    LoadedLibrary library = blas;
    if (library == null) {
      return;
    }
    List<CublasProvider> order = new ArrayList<>(List.of(CublasProvider.values()));
    order.remove(wanted);
    order.addFirst(wanted);
    for (CublasProvider candidate : order) {
      List<String> obstacles = candidate.obstacles(library);
      String name = "cuda cublas";
      if (!obstacles.isEmpty()) {
        obstacles.forEach(o -> findings.bad(name, "not by " + candidate + ": " + o));
      } else if (provider == null) {
        provider = candidate;
        findings.good(name, library.file() + ", called by " + candidate);
      } else {
        findings.good(
            name,
            "could also be called by "
                + candidate
                + " (-D"
                + CublasProvider.PROPERTY
                + "="
                + candidate.name().toLowerCase(java.util.Locale.ROOT)
                + ")");
      }
    }
  }

  private void loadDnn() {
    switch (loader.load(NativeLibrary.CUDNN, NativeLibrary.CUDNN.majors())) {
      case Loading.Missing missing -> findings.missing("cuda cudnn", missing);
      case Loading.Loaded loaded -> {
        findings.bad("cuda cudnn", loaded.failures());
        LoadedLibrary library = loaded.library();
        List<String> notes = new ArrayList<>();
        List<String> obstacles = CudnnProvider.obstacles(library, loader, notes);
        findings.bad("cuda cudnn", notes);
        findings.bad("cuda cudnn", obstacles);
        if (obstacles.isEmpty()) {
          dnn = library;
          describeDnn(library);
        }
      }
    }
  }

  private void describeDnn(LoadedLibrary library) {
    long cuda = CudnnProvider.cudaVersion(library);
    String text = library.file() + ", version " + CudnnProvider.version(library);
    findings.good(
        "cuda cudnn", cuda == 0 ? text : text + ", made for CUDA " + CudaSetup.dotted(cuda));
    LoadedLibrary cublas = blas;
    if (cublas != null && cuda != 0 && cuda / 1000 != cublas.major()) {
      findings.bad(
          "cuda cudnn",
          "it is made for CUDA "
              + cuda / 1000
              + " and may look for libcublas.so."
              + cuda / 1000
              + ", but cuBLAS is of CUDA "
              + cublas.major()
              + "; install the cuDNN package for that version");
    }
  }

  /** Whether matrices can be multiplied, without which a GPU is of no use. */
  boolean products() {
    return provider != null;
  }

  CudaMode mode() {
    boolean fused = lt != null && provider == CublasProvider.FFM;
    return new CudaMode(
        true,
        fused ? Products.FUSED : Products.PLAIN,
        dnn == null ? Convolutions.IM2COL : Convolutions.CUDNN);
  }

  /**
   * Starts cuBLAS in the current context.
   *
   * @throws IllegalStateException if it is not there
   */
  public CudaBlas openBlas() {
    LoadedLibrary library = blas;
    CublasProvider by = provider;
    if (library == null || by == null) {
      throw new IllegalStateException("there is no cuBLAS: " + findings.all());
    }
    return by.open(library, lt);
  }

  /** Starts cuDNN in the current context; empty where it is not there. */
  public Optional<CudaDnn> openDnn() {
    return Optional.ofNullable(dnn).map(CudnnProvider::open);
  }
}
