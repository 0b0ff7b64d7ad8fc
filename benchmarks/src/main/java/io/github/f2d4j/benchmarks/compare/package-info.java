/**
 * Compares this library with others on one machine in one run: every contender is a process of its
 * own, they take turns, and no time is told for a result that differs.
 */
@NullMarked
package io.github.f2d4j.benchmarks.compare;

import org.jspecify.annotations.NullMarked;
