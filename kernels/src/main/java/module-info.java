/** Backends for processors other than the CPU, found by the engine through its providers. */
module io.github.f2d4j.kernels {
  requires transitive io.github.f2d4j.engine;
  requires static transitive org.jspecify;
  // Only GPUs need them; without them the doctor says what to add.
  requires static jcublas;
  requires static jcuda;

  exports io.github.f2d4j.kernels;
  exports io.github.f2d4j.kernels.catalog;

  provides io.github.f2d4j.engine.backend.BackendProvider with
      io.github.f2d4j.kernels.CudaBackendProvider;
}
