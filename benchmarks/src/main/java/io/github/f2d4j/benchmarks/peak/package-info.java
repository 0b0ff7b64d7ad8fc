/** The arithmetic peak that everything is compared with, and how arithmetic is counted. */
@NullMarked
package io.github.f2d4j.benchmarks.peak;

import org.jspecify.annotations.NullMarked;
