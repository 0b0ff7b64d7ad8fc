/** What every kernel family builds on: bodies over plain memory, casts, collapsed axes, slots. */
@NullMarked
package io.github.f2d4j.engine.cpu.kernel;

import org.jspecify.annotations.NullMarked;
