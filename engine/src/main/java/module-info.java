import io.github.f2d4j.engine.backend.BackendProvider;
import io.github.f2d4j.engine.cpu.CpuProvider;

/** Tensors, operators, the graph compiler, layers and the CPU backend. */
module io.github.f2d4j.engine {
  requires jdk.incubator.vector;
  // Without it nothing is recorded, and all else works.
  requires static jdk.jfr;
  requires static transitive org.jspecify;

  exports io.github.f2d4j.engine;
  exports io.github.f2d4j.engine.backend;
  exports io.github.f2d4j.engine.cache;
  exports io.github.f2d4j.engine.cost;
  exports io.github.f2d4j.engine.cpu;
  exports io.github.f2d4j.engine.cpu.pool;
  exports io.github.f2d4j.engine.cpu.simd;
  exports io.github.f2d4j.engine.cpu.tuning;
  exports io.github.f2d4j.engine.graph;
  exports io.github.f2d4j.engine.nn;
  exports io.github.f2d4j.engine.op;
  exports io.github.f2d4j.engine.profile;
  exports io.github.f2d4j.engine.random;
  exports io.github.f2d4j.engine.types;

  uses BackendProvider;

  provides BackendProvider with
      CpuProvider;
}
