/** JMH benchmarks of the operators that denoising spends its time in. */
@NullMarked
package io.github.f2d4j.benchmarks;

import org.jspecify.annotations.NullMarked;
