/** Attention by online softmax over tiles, without a score matrix in memory. */
@NullMarked
package io.github.f2d4j.engine.cpu.attend;

import org.jspecify.annotations.NullMarked;
