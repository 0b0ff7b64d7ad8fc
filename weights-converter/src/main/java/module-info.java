/** Model weights at rest: reading, checking and writing checkpoint files. */
module io.github.f2d4j.weights {
  requires transitive io.github.f2d4j.engine;
  requires com.fasterxml.jackson.core;
  requires transitive com.fasterxml.jackson.databind;
  requires static transitive org.jspecify;

  exports io.github.f2d4j.weights;
  exports io.github.f2d4j.weights.convert;
  exports io.github.f2d4j.weights.io;
  exports io.github.f2d4j.weights.keys;
  exports io.github.f2d4j.weights.safetensors;
  exports io.github.f2d4j.weights.torch;
}
