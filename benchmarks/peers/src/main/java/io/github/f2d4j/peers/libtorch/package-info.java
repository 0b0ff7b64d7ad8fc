/**
 * libtorch as a contender, by way of Bytedeco's JavaCPP presets: single operators, and the networks
 * assembled from libtorch's own operators over the same weights, each operator in the form that
 * proves fastest on the machine at hand.
 */
@NullMarked
package io.github.f2d4j.peers.libtorch;

import org.jspecify.annotations.NullMarked;
