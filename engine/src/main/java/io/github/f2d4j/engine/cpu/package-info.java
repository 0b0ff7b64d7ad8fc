/**
 * The CPU backend: lane width, work pool, and one class per kernel family. float32 arithmetic over
 * off-heap memory; results depend neither on the lane width nor on the number of threads.
 */
@NullMarked
package io.github.f2d4j.engine.cpu;

import org.jspecify.annotations.NullMarked;
