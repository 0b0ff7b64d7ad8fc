/** Backends for processors other than the CPU, found by the engine through its providers. */
module io.github.f2d4j.kernels {
  requires transitive io.github.f2d4j.engine;
  requires static transitive org.jspecify;

  exports io.github.f2d4j.kernels;

  provides io.github.f2d4j.engine.backend.BackendProvider with
      io.github.f2d4j.kernels.CudaBackendProvider;
}
