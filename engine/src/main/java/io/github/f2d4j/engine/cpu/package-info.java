/**
 * The CPU backend, which sends each operator to the package of its family. float32 arithmetic over
 * off-heap memory; results depend neither on the lane width nor on the number of threads.
 */
@NullMarked
package io.github.f2d4j.engine.cpu;

import org.jspecify.annotations.NullMarked;
