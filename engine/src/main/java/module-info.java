/** Tensors, operators, the graph compiler, layers and the CPU backend. */
module io.github.f2d4j.engine {
  requires jdk.incubator.vector;
  requires static transitive org.jspecify;

  exports io.github.f2d4j.engine.types;
}
