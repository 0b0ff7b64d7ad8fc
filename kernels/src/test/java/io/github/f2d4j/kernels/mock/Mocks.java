package io.github.f2d4j.kernels.mock;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Builds mocks of NVIDIA's libraries from the C files beside the tests. Where no C compiler is
 * present, the tests that need one say so and are not run.
 */
public final class Mocks {
  private static final String FOLDER = "/io/github/f2d4j/kernels/mock/";
  private static final List<String> COMPILERS = List.of("cc", "gcc", "clang");

  private final Path sources;
  private final Path folder;
  private final String compiler;

  private Mocks(Path folder, String compiler) throws IOException {
    this.folder = folder;
    this.compiler = compiler;
    this.sources = Files.createDirectories(folder.resolve("sources"));
    for (String name : List.of("mock.h", "cuda.c", "cublas.c", "cublaslt.c", "cudnn.c", "part.c")) {
      try (InputStream in = Mocks.class.getResourceAsStream(FOLDER + name)) {
        Files.copy(in, sources.resolve(name));
      }
    }
  }

  /** A builder of mocks in {@code folder}, which must be new; ends the test without a compiler. */
  public static Mocks in(Path folder) throws IOException {
    String compiler = compiler();
    assumeTrue(
        compiler != null, "no C compiler (" + COMPILERS + ") on the PATH to build the mocks with");
    return new Mocks(folder, compiler);
  }

  private static @Nullable String compiler() {
    for (String name : COMPILERS) {
      for (String entry : System.getenv("PATH").split(File.pathSeparator, -1)) {
        Path file = Path.of(entry, name);
        if (Files.isExecutable(file)) {
          return file.toString();
        }
      }
    }
    return null;
  }

  /** Where the libraries are. */
  public Path folder() {
    return folder;
  }

  /** The driver. */
  public Mocks driver(String... options) {
    return build("libcuda.so.1", "cuda.c", List.of(options));
  }

  /** cuBLASLt of CUDA {@code major}. */
  public Mocks lt(int major) {
    return build("libcublasLt.so." + major, "cublaslt.c", List.of("-DVERSION=" + major * 10000));
  }

  /** cuBLAS of CUDA {@code major}, which like the real one needs cuBLASLt. */
  public Mocks blas(int major) {
    try {
      Path map = sources.resolve("blas" + major + ".map");
      Files.writeString(map, "libcublas.so." + major + " { global: *; };\n");
      return build(
          "libcublas.so." + major,
          "cublas.c",
          List.of(
              "-DVERSION=" + major * 10000,
              "-Wl,--version-script=" + map,
              "-Wl,--no-as-needed",
              folder.resolve("libcublasLt.so." + major).toString()));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Both of CUDA {@code major}. */
  public Mocks blasWithLt(int major) {
    return lt(major).blas(major);
  }

  /** cuDNN {@code version}, made for CUDA {@code cudart}, without its parts. */
  public Mocks dnn(int version, int cudart) {
    int major = version >= 90000 ? 9 : 8;
    return build(
        "libcudnn.so." + major, "cudnn.c", List.of("-DVERSION=" + version, "-DCUDART=" + cudart));
  }

  /** Libraries that are there and hold nothing. */
  public Mocks parts(String... names) {
    for (String name : names) {
      build(name, "part.c", List.of());
    }
    return this;
  }

  /** Compiles {@code source} into the library {@code name}. */
  public Mocks build(String name, String source, List<String> options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                compiler,
                "-std=c11",
                "-O1",
                "-fPIC",
                "-shared",
                "-fvisibility=hidden",
                "-Wl,-soname," + name,
                "-o",
                folder.resolve(name).toString(),
                sources.resolve(source).toString()));
    command.addAll(options);
    run(command);
    return this;
  }

  /** Whether the compiler accepts {@code source} with {@code options}, and what it says if not. */
  public String check(String source, List<String> options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                compiler,
                "-std=c11",
                "-fsyntax-only",
                "-Werror",
                sources.resolve(source).toString()));
    command.addAll(options);
    try {
      return output(command);
    } catch (AssertionError e) {
      return e.getMessage();
    }
  }

  private static void run(List<String> command) {
    output(command);
  }

  private static String output(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new AssertionError(command + ": " + text);
      }
      return text;
    } catch (IOException e) {
      throw new AssertionError(command.toString(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
