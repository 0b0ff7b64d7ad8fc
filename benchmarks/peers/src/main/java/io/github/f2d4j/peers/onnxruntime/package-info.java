/**
 * ONNX Runtime as a contender: single operators as graphs of one or a few nodes, written here, and
 * networks from the ONNX files that a user has.
 */
@NullMarked
package io.github.f2d4j.peers.onnxruntime;

import org.jspecify.annotations.NullMarked;
