/** Tensors, operators, the graph compiler, layers and the CPU backend. */
module io.github.f2d4j.engine {
  requires jdk.incubator.vector;
  requires static transitive org.jspecify;

  exports io.github.f2d4j.engine.backend;
  exports io.github.f2d4j.engine.op;
  exports io.github.f2d4j.engine.types;

  uses io.github.f2d4j.engine.backend.BackendProvider;
}
